"""Bringing a PFIF file in: begun by somebody entitled, carried out in pieces, gone on with after a stop, taken back as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import islice
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from komek.accounts.authority import NotAllowed, standing_of
from komek.records.actor import Actor, Channel, acting
from missing_persons.models import PfifFault, PfifRun, Repository, RunState
from missing_persons.pfif.reading import read
from missing_persons.pfif.records import Fault, PfifNote, PfifPerson
from missing_persons.pfif.taking import Chunk, Taker
from missing_persons.pfif.trusting import Ours, Source, sorted_out
from missing_persons.policies import sits_at_desk
from missing_persons.refusals import Refused

AT_ONCE = 2000
MOST_FAULTS = 10_000  # kept of one run; beyond, they are only counted
MOST_WAITING = 20_000  # notes about persons that stand later in the file


def begin_run(
    *, by: Actor, operation: Any, domain: str, file_name: str, file: Any = None, passes_on: bool = False,
    publishes: bool = False, repository: Repository | None = None,
) -> PfifRun:  # fmt: skip
    """Write down that a file or feed is to be brought in. Raises Refused, and NotAllowed for who does not work at the desk.

    domain: of the registry it comes from. publishes: see ``Repository``.
    """
    if by.user is not None and not sits_at_desk(standing_of(by.user, operation)):
        raise NotAllowed(
            _("Only registrars and coordinators of the whole operation bring in another registry's records.")
        )
    if operation is None:
        raise Refused({"__all__": _("Choose the operation that these records belong to.")})
    tidy, faults = tidy_domain(domain)
    if faults:
        raise Refused(faults)
    with acting(by), transaction.atomic():
        return PfifRun.objects.create(
            operation=operation, repository=repository, owner=by.user, domain=tidy, passes_on=passes_on,
            publishes=publishes, file=file or "", file_name=file_name[:500],
        )  # fmt: skip


def tidy_domain(domain: str) -> tuple[str, dict[str, Any]]:
    """A domain as somebody typed it, in its one form, and what is wrong with it."""
    tidy = domain.strip().lower().rstrip(".")
    if not tidy or "/" in tidy or "@" in tidy or " " in tidy or len(tidy) > 253:
        return tidy, {
            "domain": _("Give the domain that the numbers of its records begin with, such as people.example.org.")
        }
    if tidy == own_domain():
        return tidy, {"domain": _("This is our own domain. Give that of the registry the records come from.")}
    return tidy, {}


def own_domain() -> str:
    """The domain in the numbers of our own records."""
    return str(settings.PFIF_DOMAIN).lower()


def carry_out(
    run: PfifRun, *, by: Actor, stream: BinaryIO | None = None, progress: Callable[[int], None] | None = None
) -> PfifRun:
    """Bring in what a run's file (or ``stream``) holds. After a stop it goes on behind the last piece that was stored whole.

    Each piece is one transaction, with the place that was reached. progress: called with the number of records dealt with.
    """
    by = _of_run(by, run)
    run.state, run.problem, run.beat_at = RunState.RUNNING, "", timezone.now()
    run.save(update_fields=["state", "problem", "beat_at"])
    try:
        if stream is not None:
            _take_all(run, by, stream, progress)
        else:
            with run.file.open("rb") as file:
                _take_all(run, by, file, progress)
    except Exception:
        run.state = RunState.FAILED
        run.problem = _(
            "A fault of ours stopped this import. What was written stays. Start it again; it goes on where it stopped."
        )
        run.save(update_fields=["state", "problem"])
        raise
    run.state, run.finished_at = RunState.DONE, timezone.now()
    run.save(update_fields=["state", "finished_at"])
    return run


def _take_all(run: PfifRun, by: Actor, stream: BinaryIO, progress: Callable[[int], None] | None) -> None:
    source = Source(run.domain, own_domain(), passes_on=run.passes_on, publishes=run.publishes)
    with closing(ahead(sorted_out(read(stream), source, timezone.now))) as items:
        _take_items(run, by, items, Taker(run, source, by), progress)


def _take_items(
    run: PfifRun, by: Actor, items: Iterator[Any], taker: Taker, progress: Callable[[int], None] | None
) -> None:
    waiting: list[PfifNote] = []
    left = run.done
    while left > 0 and (piece := list(islice(items, min(left, AT_ONCE)))):
        # Dealt with before a stop, but for notes that waited for their person; the others are the same and stay as they are.
        left -= len(piece)
        with transaction.atomic(), acting(by):
            chunk = taker.take(record for record in piece if isinstance(record, PfifNote))
            waiting += chunk.waiting[: MOST_WAITING - len(waiting)]
            del chunk.counts["same"]
            note_down(run, chunk, [], 0)
    while piece := list(islice(items, AT_ONCE)):
        with transaction.atomic(), acting(by):
            chunk = taker.take(record for record in piece if isinstance(record, PfifPerson | PfifNote))
            chunk.counts["ours"] += sum(1 for record in piece if isinstance(record, Ours))
            room = MOST_WAITING - len(waiting)
            waiting += chunk.waiting[:room]
            faults = [record for record in piece if isinstance(record, Fault)]
            note_down(run, chunk, faults + chunk.faults, len(piece), nowhere=chunk.waiting[room:])
        if progress is not None:
            progress(run.done)
    while waiting:
        some, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        with transaction.atomic(), acting(by):
            chunk = taker.take(some)
            note_down(run, chunk, chunk.faults, 0, nowhere=chunk.waiting)


def ahead(items: Iterable[Any], *, at_once: int = 500, waiting: int = 8) -> Iterator[Any]:
    """The same items, read by a thread of their own while the caller waits for the database. A few thousand at most lie in between."""
    line: Queue[tuple[list[Any], BaseException | None]] = Queue(waiting)
    is_over = Event()

    def put(piece: list[Any], fault: BaseException | None = None) -> None:
        while not is_over.is_set():
            with suppress(Full):
                line.put((piece, fault), timeout=0.5)
                return

    def run() -> None:
        source = iter(items)
        try:
            while (piece := list(islice(source, at_once))) and not is_over.is_set():
                put(piece)
            put([])
        except BaseException as fault:  # noqa: BLE001 - raised again where the items are used
            put([], fault)

    thread = Thread(target=run, name="reading ahead", daemon=True)
    thread.start()
    try:
        while True:
            piece, fault = line.get()
            if fault is not None:
                raise fault
            if not piece:
                return
            yield from piece
    finally:
        is_over.set()
        thread.join()


def _nobody(note: PfifNote) -> Fault:
    said = {"person": note.person_record_id[:255]}
    return Fault(note.line, "person_not_here", said, note.note_record_id, is_lost=True)


def note_down(
    run: PfifRun, chunk: Chunk, faults: Iterable[Fault], records: int, *, nowhere: Iterable[PfifNote] = ()
) -> None:
    """Store what became of some records and how far the run is. nowhere: notes about persons who are not here."""
    faults = [*faults, *map(_nobody, nowhere)]
    counts = Counter(run.counts) + chunk.counts
    kept = []
    for fault in faults:
        counts["lost" if fault.is_lost else "mended"] += 1
        if counts["lost"] + counts["mended"] <= MOST_FAULTS:
            kept.append(
                PfifFault(run=run, line=fault.line, record_id=fault.record_id.replace("\x00", "")[:255], kind=fault.kind,
                          values={name: str(value) for name, value in fault.values.items()}, is_lost=fault.is_lost)
            )  # fmt: skip
    PfifFault.objects.bulk_create(kept)
    run.counts, run.done, run.beat_at = dict(counts), run.done + records, timezone.now()
    run.save(update_fields=["counts", "done", "beat_at"])


def _of_run(by: Actor, run: PfifRun) -> Actor:
    return Actor(by.user, by.channel, by.name, by.reason, batch=f"pfif {run.pk}")


def actor_of_run(run: PfifRun) -> Actor:
    """Who stands behind a run that goes on in the background."""
    if run.owner is not None:
        return Actor(user=run.owner, channel=Channel.IMPORT)
    return Actor(user=None, channel=Channel.FEED, name=run.domain[:150])


def batched(keys: list[int], size: int) -> Iterator[list[int]]:
    for begin in range(0, len(keys), size):
        yield keys[begin : begin + size]
