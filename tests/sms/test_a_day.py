"""A helper's day by text, in Russian and in Turkmen, on the phones of an exercise."""

from __future__ import annotations

from typing import Any

import pytest

from aid_requests.models import AidRequest
from camps.models import Headcount
from komek.messaging.inbound.handling import work_off
from komek.messaging.inbound.receiving import Incoming, receive
from komek.messaging.joining import make_join_code
from komek.messaging.models import Inbound, Outbox
from tests.camps.conftest import CampCast, camps  # noqa: F401  a fixture
from tests.conftest import Cast, actor
from volunteers.models import CheckIn

DAYS = {
    "ru": [
        "ВСТУПИТЬ {code}",
        "прибыл {camp} 3",
        "счёт {camp} 412 м198 ж214",
        "отмена",
        "нужно {camp} 200 воды, 40 одеял!",
        "СЧЕТ {camp} 410; УБЫЛ",
    ],
    "tk": [
        "GOŞUL {code}",
        "geldim {camp}",
        "san {camp} 300",
        "yzyna {camp}",
        "GEREK {camp} 200 suw",
        "SAN {camp} 299\nGITDIM",
    ],
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", DAYS)
def test_a_helper_works_through_a_day_by_text(language: str, cast: Cast, camps: CampCast) -> None:  # noqa: F811
    camps.bahar.language = language
    camps.bahar.save()
    words: dict[str, Any] = {
        "code": make_join_code(by=actor(cast.aina), user=camps.bahar, operation=cast.operation).code,
        "camp": camps.camp.code.lower(),
    }
    number = "+99365777001"
    for place, text in enumerate(DAYS[language]):
        message = Incoming(provider_id=f"{language}{place}", sender=number, body=text.format(**words))
        assert receive(gateway="test", message=message)
        assert receive(gateway="test", message=message) is False
    assert work_off() == len(DAYS[language])
    assert Outbox.objects.filter(answers__isnull=False).count() == len(DAYS[language])
    assert not Inbound.objects.filter(state="inbox").exists()
    accepted = Headcount.objects.get(standing="accepted")
    assert accepted.people in (410, 299) and accepted.entered_by == camps.bahar
    asked = AidRequest.objects.get()
    assert (asked.site_id, asked.entered_by, asked.channel) == (camps.camp.pk, camps.bahar, "sms")
    assert number not in asked.reported_by
    stay = CheckIn.objects.get()
    assert stay.site_id == camps.camp.pk and stay.left_at is not None
