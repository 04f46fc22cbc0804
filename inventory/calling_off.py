"""A need ended for which goods were held: they are free again, and a consignment begun for it does not wait for ever."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from inventory.consignments import BEFORE_LEAVING, UNDER_WAY, close, lock_consignment
from inventory.models import Consignment, ConsignmentLine, ConsignmentState, Keeper, Reservation
from inventory.reservations import give_back
from komek.extensions.offers import Address
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
    are picked the keeper decides: the reason stands in the notes. What has left goes on with the reason in its notes, for who
    receives it or calls it back.
    """
    lock_held([reservation])
    give_back(by=by, reservation=reservation)
    lines = ConsignmentLine.objects.filter(
        reservation=reservation, consignment__state__in=(*BEFORE_LEAVING, *UNDER_WAY)
    )
    for line in lines.select_related("consignment").order_by("pk"):
        consignment = lock_consignment(line.consignment)
        words = ": ".join(dict.fromkeys(filter(None, (consignment.request_reference, reason.strip()))))
        note = _("Not needed any more: %(words)s") % {"words": words}
        with acting(by):
            if consignment.state != ConsignmentState.REQUESTED:
                if note not in consignment.note.splitlines():
                    consignment.note = "\n".join(filter(None, (consignment.note, note)))
                    consignment.save(update_fields=["note", "updated_at"])
            elif consignment.lines.exclude(pk=line.pk).exists():
                line.delete()
            else:
                close(consignment, words)


def people_behind(code: str) -> list[Address]:
    """Whom to tell about a consignment that has left: keepers of the warehouse it left, then who made it. Nobody for no such code."""
    made = Consignment.objects.select_related("entered_by").filter(code=code, state__in=UNDER_WAY).first()
    if made is None:
        return []
    keepers = Keeper.objects.select_related("user").filter(warehouse=made.origin_id) if made.origin_id else ()
    found = [_of_user(one.user) if one.user else Address(one.name, phone=str(one.phone)) for one in keepers]
    if made.entered_by is not None:
        found.append(_of_user(made.entered_by))
    return list(dict.fromkeys(one for one in found if one.email or one.phone))


def _of_user(user: Any) -> Address:
    phone = str(user.phone) if user.phone and user.phone_verified else ""
    return Address(user.name, user.email or "", phone, user.language or "")
