"""A need ended for which goods were held: they are free again, and a consignment begun for it does not wait for ever."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from inventory.consignments import BEFORE_LEAVING, close, lock_consignment
from inventory.models import Consignment, ConsignmentLine, ConsignmentState, Reservation
from inventory.reservations import give_back
from komek.records.actor import Actor, acting


def lock_held(reservations: Iterable[int]) -> None:
    """Lock what is held and the consignments begun with it, in the order in which a consignment that leaves takes them."""
    keys = set(reservations)
    begun = Consignment.objects.filter(
        pk__in=ConsignmentLine.objects.filter(reservation__in=keys).values("consignment")
    )
    list(begun.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    list(Reservation.objects.filter(pk__in=keys).select_for_update(of=("self",)).order_by("pk").values_list("pk"))


@transaction.atomic
def call_off(*, by: Actor, reservation: int, reason: str) -> None:
    """Give back what is held; asks for no role in the warehouse. Called off twice is called off once.

    Where nothing is picked yet, the line leaves its consignment, and one that carries nothing else is cancelled. Where goods
    are picked the keeper decides: the reason stands in the notes. What has left goes on.
    """
    lock_held([reservation])
    give_back(by=by, reservation=reservation)
    lines = ConsignmentLine.objects.filter(reservation=reservation, consignment__state__in=BEFORE_LEAVING)
    for line in lines.select_related("consignment").order_by("pk"):
        consignment = lock_consignment(line.consignment)
        words = ": ".join(dict.fromkeys(filter(None, (consignment.request_reference, reason.strip()))))
        with acting(by):
            if consignment.state != ConsignmentState.REQUESTED:
                if words not in consignment.note.splitlines():
                    consignment.note = "\n".join(filter(None, (consignment.note, words)))
                    consignment.save(update_fields=["note", "updated_at"])
            elif consignment.lines.exclude(pk=line.pk).exists():
                line.delete()
            else:
                close(consignment, words)
