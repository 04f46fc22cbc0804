"""How many texts are read, stored and acknowledged, and carried out and answered, in a second.

    export DATABASE_URL=postgis://…            # an empty database
    bin/manage migrate && bin/manage createcachetable
    uv run bench/messaging.py --seconds 10 --backlog 5000

Prints a table: texts a second of the parser alone; of the address where Twilio brings texts, through the whole server (granian, two
processes), signed and over keep-alive connections, with the median and the 95th percentile of an answer; of the worker, from the
stored text to the queued answer; and whether each number's texts were carried out in their order. Beside them the processor time
of one text in our own processes, which says more than the clock on a machine that does other work (of the server it holds its
start). What it stores stays.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections import defaultdict
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "komek.settings")
os.environ.setdefault("KOMEK_SECRET_KEY", "bench")
PORT = 8766
TOKEN, PUBLIC = "bench-token", "https://komek.example.org"
SERVER = {
    "KOMEK_TEXT_GATEWAY": "twilio", "KOMEK_TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "KOMEK_TWILIO_AUTH_TOKEN": TOKEN,
    "KOMEK_TEXT_SENDER": "+15005550006", "KOMEK_PUBLIC_URL": PUBLIC, "KOMEK_ALLOWED_HOSTS": "127.0.0.1",
    "KOMEK_LOG_REQUESTS": "0", "KOMEK_PROXIES": "1",
}  # fmt: skip
PATH = "/messaging/in/twilio/"
TEXTS = (
    "HC C1143 412 M198 F214 U61 E30", "счет С1143 412 м198 ж214", "hcc114З 412", "UNDO R3075; LANG ru",
    "Мы под завалом, помогите", "OFER 40 blankets, Tejen market", "MORE", "?", "salam, biz 40 adam", "1",
)  # fmt: skip


def row(what: str, per_second: float, rest: str = "") -> None:
    print(f"{what:<44} {per_second:>10,.0f}/s  {rest}", flush=True)


def parse(seconds: float) -> None:
    from komek.messaging.grammar.reading import read_text
    from komek.messaging.verbs import vocabulary

    words, done, began = vocabulary(), 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for text in TEXTS:
            read_text(text, words)
        done += len(TEXTS)
    row("parser", done / (time.perf_counter() - began))


class Caller(threading.Thread):
    """One keep-alive connection that brings one signed text after the other."""

    def __init__(self, until: float) -> None:
        super().__init__()
        self.until, self.took, self.refused = until, [], 0

    def run(self) -> None:
        from twilio.request_validator import RequestValidator

        sign = RequestValidator(TOKEN).compute_signature
        connection = HTTPConnection("127.0.0.1", PORT, timeout=30)
        number = 0
        while time.perf_counter() < self.until:
            number += 1
            form = {
                "MessageSid": f"SM{uuid4().hex}", "From": f"+99365{self.ident or 0:06d}"[:9] + f"{number % 1000:03d}",
                "To": "+15005550006", "Body": TEXTS[number % len(TEXTS)], "NumMedia": "0",
            }  # fmt: skip
            headers = {
                "Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-Proto": "https",
                "X-Twilio-Signature": sign(f"{PUBLIC}{PATH}", form),
            }  # fmt: skip
            began = time.perf_counter()
            connection.request("POST", PATH, urlencode(form), headers)
            answer = connection.getresponse()
            answer.read()
            self.took.append(time.perf_counter() - began)
            self.refused += answer.status != 200


def receive(seconds: float, connections: int) -> None:
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws", "--log-level", "error", "--port", str(PORT),
        "--workers", "2", "--blocking-threads", "2", "komek.wsgi:application",
    ]  # fmt: skip
    server = subprocess.Popen(command, env={**os.environ, **SERVER}, cwd=ROOT)
    spent_before = processor_seconds()
    try:
        wait()
        warm = [Caller(time.perf_counter() + 1.5) for _ in range(connections)]
        run(warm)
        began = time.perf_counter()
        callers = [Caller(began + seconds) for _ in range(connections)]
        run(callers)
        passed = time.perf_counter() - began
    finally:
        server.terminate()
        server.wait()
    answered = sum(len(caller.took) for caller in (*warm, *callers))
    each = 1000 * (processor_seconds() - spent_before) / answered
    took = sorted(one for caller in callers for one in caller.took)
    refused = sum(caller.refused for caller in callers)
    slowest = took[int(len(took) * 0.95)]
    rest = f"median {1000 * statistics.median(took):.0f} ms, 95 % {1000 * slowest:.0f} ms, processor {each:.1f} ms each"
    row(
        f"stored and acknowledged, {connections} connections",
        len(took) / passed,
        rest + (f", {refused} refused" * bool(refused)),
    )


def processor_seconds() -> float:
    """Of the servers that have ended, and their processes."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def run(threads: list[Caller]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def wait() -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/healthz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("The server does not answer.")


def answer(backlog: int) -> None:
    from django.db.models import F
    from django.utils import timezone

    from komek.messaging.inbound.handling import work_off
    from komek.messaging.models import Inbound, InboundState

    Inbound.objects.filter(state=InboundState.NEW).update(state=InboundState.DONE)
    now, mark = timezone.now(), uuid4().hex[:12]
    senders = max(backlog // 10, 1)
    Inbound.objects.bulk_create(
        (
            Inbound(
                gateway="bench", provider_id=f"{mark}-{n}", sender=f"+9937{n % senders:07d}",
                number=f"+9937{n % senders:07d}", body=f"MUTE {n // senders + 1}", received_at=now,
            )
            for n in range(backlog)
        ),
        batch_size=5000,
    )  # fmt: skip
    began, spent, done = time.perf_counter(), time.process_time(), 0
    while done < backlog:
        done += work_off()
    each = 1000 * (time.process_time() - spent) / backlog
    passed = time.perf_counter() - began
    turns = defaultdict(list)
    mine = Inbound.objects.filter(gateway="bench", provider_id__startswith=mark).order_by(F("done_at"), "pk")
    for sender, body in mine.values_list("sender", "body"):
        turns[sender].append(int(body.split()[1]))
    in_order = all(order == sorted(order) for order in turns.values())
    kept = "in order" if in_order else "NOT IN ORDER"
    rest = f"backlog of {backlog} in {passed:.0f} s, {kept} per number, processor {each:.1f} ms each"
    row("carried out and answered, one worker", backlog / passed, rest)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--backlog", type=int, default=5000)
    given = parser.parse_args()
    import django

    django.setup()
    parse(min(given.seconds, 3))
    receive(given.seconds, given.connections)
    answer(given.backlog)


if __name__ == "__main__":
    main()
