"""What every plug of the ``needs`` socket must hold to. Without a plug there is nothing to ask, and that is no fault."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from komek.extensions import Viewer, all_sockets
from komek.extensions.needs import needs
from komek.supplies.models import Item
from komek.supplies.reference_data import Catalogue
from orgs.models import Site
from tests.conftest import Cast, actor, point

pytestmark = pytest.mark.django_db

each_plug = pytest.mark.parametrize("plug", list(needs), ids=lambda plug: plug.key)


@pytest.fixture
def site(cast: Cast) -> Site:
    Catalogue().load(lambda line: None)
    return Site.objects.create(
        name="Camp", organisation=cast.relief, operation=cast.operation, location=point(58.5, 38.5)
    )


def ask(plug: Any, cast: Cast, site: Site, user: Any, **changes: Any) -> str:
    item = Item.objects.get(code="WAT-SLAB")
    fields: dict[str, Any] = {
        "site_id": site.pk, "item_id": item.pk, "quantity": Decimal(38), "unit": item.unit.symbol,
        "note": "38 more toilets", "wanted_by": None, "reference": "camps:C1:toilets:7",
    }  # fmt: skip
    address: str = plug.ask(by=actor(user), operation=cast.operation, **{**fields, **changes})
    return address


def test_the_socket_is_there_with_any_number_of_plugs() -> None:
    assert all_sockets()["needs"] is needs
    assert len(list(needs)) == len(needs)


@each_plug
def test_the_same_reference_is_one_request(plug: Any, cast: Cast, site: Site) -> None:
    first = ask(plug, cast, site, cast.aina)
    assert first.startswith("/")
    assert ask(plug, cast, site, cast.aina, quantity=Decimal(40)) == first
    assert ask(plug, cast, site, cast.aina, reference="camps:C1:toilets:8") != first


@each_plug
def test_the_public_and_waiting_accounts_may_not_ask(plug: Any, cast: Cast, site: Site) -> None:
    for user in (None, cast.pending):
        assert plug.may_ask(Viewer(user=user, operation=cast.operation), site.pk) is False
        with pytest.raises(PermissionDenied):
            ask(plug, cast, site, user)


@each_plug
def test_nothing_and_less_than_nothing_are_refused_with_a_sentence(plug: Any, cast: Cast, site: Site) -> None:
    for quantity in (Decimal(0), Decimal(-1)):
        with pytest.raises(ValidationError):
            ask(plug, cast, site, cast.aina, quantity=quantity)
