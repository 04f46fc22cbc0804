"""What ``bin/run``, ``bin/test`` and ``bin/manage`` do, in order."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from types import FrameType

from bin.host import cluster as clusters
from bin.host import environment, packages, processes, serve, steps
from bin.host.addresses import Address, other_database, web_address
from bin.host.checks import Checks, test_environment
from bin.host.cluster import Cluster
from bin.host.faults import Fault, Stopped, explain, full_disk
from bin.host.folders import Folders, from_environment
from bin.host.steps import say

DATABASE = "komek"
REFUSED = 3  # as in prepare, which cannot be imported here since it needs Django
RUN_HELP = """\
bin/run [--empty]      start Komek here; Ctrl-C stops it

  --empty              start without the exercise
  PORT                 the port, 8000 unless set
  KOMEK_HOST           the address to listen on, 127.0.0.1 unless set; 0.0.0.0 opens Komek to the network
  KOMEK_DATA_DIR       where all data lies, var/ in the checkout unless set
  DATABASE_URL         another PostgreSQL server with PostGIS, instead of the private one
  KOMEK_WEB_WORKERS    processes that answer pages, 2 to 4 unless set
  KOMEK_WORKERS        processes for background work, 2 unless set; 1 needs less memory"""


def main(command: str, arguments: list[str]) -> int:
    """Do the command; every fault becomes its sentence and a non-zero exit."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _stop)
    try:
        return {"run": run, "test": test, "manage": manage}[command](arguments)
    except Fault as fault:
        _ignore_signals()
        print(fault, file=sys.stderr, flush=True)
        return 1
    except Stopped:
        return 130
    except OSError as error:
        sentence = _sentence_for(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr, flush=True)
        return 1


def _sentence_for(error: OSError) -> Fault | None:
    """What the machine's refusal means here; ``None`` for what is our own mistake."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return full_disk(from_environment().data)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) and error.filename:
        return Fault(
            f"{error.filename} may not be written by this user. "
            "Start Komek as the user whose files these are, or from a copy of your own."
        )
    return None


def _stop(number: int, frame: FrameType | None) -> None:
    _ignore_signals()
    raise Stopped


def _ignore_signals() -> None:
    """While things are being ended, another Ctrl-C must not leave half of them. A function, so that children do not inherit it."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, frame: None)


# --- bin/run


def run(arguments: Sequence[str]) -> int:
    if set(arguments) & {"-h", "--help"}:
        say(RUN_HELP)
        return 0
    if unknown := [word for word in arguments if word != "--empty"]:
        raise Fault(f"bin/run does not know {unknown[0]}; bin/run --help tells what it knows.")
    address, database = web_address(), other_database()
    folders = from_environment()
    folders.make()
    with serve.only_run(folders, address):
        serve.end_leftovers(folders)
        processes.require_free_port(address.host, address.port)
        packages.install_missing(folders, with_cluster=database is None)
        environment.set_up(folders)
        environment.make_secret_key(folders)
        cluster = None if database else clusters.at(folders.data, folders.log / "postgres.log")
        supervisor = None
        try:
            if cluster:
                _join(cluster)
            env = environment.for_django(folders, cluster.socket_dir if cluster else None, {"PORT": str(address.port)})
            _prepare(folders, env, list(arguments))
            supervisor = serve.Supervisor(folders, env, address, cluster)
            supervisor.start()
            _tell(folders, address, is_empty="--empty" in arguments)
            supervisor.watch()
        except Stopped:
            say("\nStopping …")
        finally:
            _ignore_signals()
            if supervisor:
                supervisor.stop()
            if cluster and not cluster.leave():
                say("The database stays up for another command that uses it, and stops with that.")
        say("Stopped.")
    return 0


def _join(cluster: Cluster) -> None:
    if not (cluster.data / "PG_VERSION").exists():
        say(f"Making the database in {cluster.home} …")
    cluster.join()
    cluster.create_database(DATABASE)


def _prepare(folders: Folders, env: dict[str, str], arguments: list[str]) -> None:
    """Migrations, static files, the exercise: see ``prepare``. Its output is shown as it comes."""
    stamp = steps.Stamp(folders.data / "static", ".collected", environment.static_fingerprint(folders))
    if not stamp.is_current():
        arguments = [*arguments, "--collect-static"]
    command = [str(folders.python), "-m", "bin.host.prepare", *arguments]
    errors_file = folders.run / "prepare.errors"
    with errors_file.open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            command, env=env, cwd=folders.root, stdin=subprocess.DEVNULL, stderr=errors, start_new_session=True,
            preexec_fn=processes.die_with_parent,
        )  # fmt: skip
        try:
            status = process.wait()
        finally:
            process.kill()
            process.wait()
    said = errors_file.read_text(encoding="utf-8", errors="replace")
    if status == REFUSED:
        raise Fault(said.strip().splitlines()[-1])
    if status != 0:
        with folders.setup_log.open("a", encoding="utf-8") as log:
            log.write(said)
        raise explain("prepare the database", said, folders.setup_log)
    stamp.set()


def _tell(folders: Folders, address: Address, *, is_empty: bool) -> None:
    """Where to look and how to sign in."""
    say(f"\nKomek is running.\n\n  Look at   {address.url}")
    account = None if is_empty else _coordinator(folders)
    if account:
        say(
            f"  Sign in   {account['email']}   password: {account['password']}   ({account['name']}, {account['role']})"
        )
        say(f"            more accounts of the exercise: {folders.data / 'exercise.json'}")
    else:
        say(f"  Sign in   make the first administrator with: {_same_place()}bin/manage createsuperuser")
    say(f"  Logs      {folders.log}\n  Stop      Ctrl-C\n")


def _same_place() -> str:
    """The variables that a command needs to reach this same system, as typed before it."""
    kept = [name for name in ("KOMEK_DATA_DIR", "DATABASE_URL") if os.environ.get(name, "").strip()]
    return "".join(
        f"{name}={'…' if name == 'DATABASE_URL' else shlex.quote(os.environ[name].strip())} " for name in kept
    )


def _coordinator(folders: Folders) -> dict[str, str] | None:
    """The account to try first: a coordinator's, from the file that loading the exercise writes."""
    file = folders.data / "exercise.json"
    try:
        accounts: list[dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))["accounts"]
    except (OSError, ValueError, KeyError):
        return None
    named = [{key: str(account.get(key, "")) for key in ("name", "email", "password", "role")} for account in accounts]
    coordinators = [account for account in named if "coordinator" in account["role"].lower()]
    return next(iter([*coordinators, *named]), None)


# --- bin/manage


def manage(arguments: Sequence[str]) -> int:
    steps.leave_output_alone()
    folders = from_environment()
    folders.make()
    database = other_database()
    packages.install_missing(folders, with_cluster=database is None)
    environment.set_up(folders)
    environment.make_secret_key(folders)
    cluster = None if database else clusters.at(folders.data, folders.log / "postgres.log")
    try:
        if cluster:
            _join(cluster)
        env = environment.for_django(folders, cluster.socket_dir if cluster else None)
        _ignore_signals()  # Ctrl-C reaches manage.py as well, which knows better what to do
        command = [str(folders.python), str(folders.root / "manage.py"), *arguments]
        with subprocess.Popen(command, env=env, preexec_fn=processes.die_with_parent) as process:
            signal.signal(signal.SIGTERM, lambda number, frame: process.terminate())
            status = process.wait()
    finally:
        _ignore_signals()
        if cluster:
            cluster.leave()
    return status if status >= 0 else 128 - status


# --- bin/test


def test(arguments: Sequence[str]) -> int:
    base = from_environment()
    folders = Folders(data=base.data / "test")
    folders.make()
    with (folders.run / "test.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Fault(
                "The tests are already running here. Wait for them, or choose another folder with KOMEK_DATA_DIR."
            ) from None
        packages.install_missing(folders, with_browser=True)
        environment.set_up(folders)
        (folders.data / "static").mkdir(exist_ok=True)
        cluster = clusters.at(folders.data, folders.log / "postgres.log", is_durable=False)
        run_id = f"{folders.run}:{uuid.uuid4().hex}"
        try:
            _join(cluster)
            env = test_environment(folders, cluster.url(DATABASE), cluster.socket_dir)
            return Checks(folders, {**env, processes.RUN_ID: run_id}).all(arguments)
        except Stopped:
            say("\nbin/test: stopped before the end.")
            return 130
        finally:
            _ignore_signals()
            processes.end_all(lambda: processes.marked(run_id), patience_s=5)
            cluster.leave()
