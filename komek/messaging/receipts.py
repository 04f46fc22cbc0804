"""What providers tell of texts they took over. News come late, twice and in any order, and only ever move a text forward."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from komek.extensions.text_stops import tell_of_stop
from komek.messaging.gateways import News
from komek.messaging.models import Correspondent, Outbox, Receipt
from komek.records.actor import SYSTEM


def note_news(*, gateway: str, news: News) -> bool:
    """Write a receipt down. False when the text is not known or was further already."""
    which = Q(gateway=gateway, provider_id=news.provider_id)
    if news.text:
        # The provider may be faster than our own note of its number; what it then names must not be another text's.
        which = Q(pk=news.text) & (Q(provider_id="") | Q(provider_id=news.provider_id))
    elif not news.provider_id:
        return False
    # Whether it arrived is told once: an "undelivered" after "delivered", or the other way round, changes nothing.
    further = Q(receipt__lt=min(news.receipt, Receipt.DELIVERED))
    changed: dict[str, object] = {"receipt": news.receipt, "receipt_at": timezone.now()}
    if news.error:
        changed["error"] = news.error[:300]
    moved = Outbox.objects.filter(which & further).update(**changed)
    if news.has_opted_out:
        numbers = Outbox.objects.filter(which).values_list("to", flat=True)[:1]
        for number in numbers:
            stop(str(number))
    return bool(moved)


def stop(number: str) -> None:
    """The carrier says that this number wants no more texts."""
    Correspondent.objects.bulk_create([Correspondent(number=number)], ignore_conflicts=True)
    Correspondent.objects.filter(number=number, stopped_at=None).update(stopped_at=timezone.now())
    tell_of_stop(by=SYSTEM, number=number)
