"""An organisation's history tells of its contacts, names and members, to those who may see them; it pages, and leads to imports."""

from __future__ import annotations

import re
from datetime import timedelta

import pgtrigger
from django.test import Client
from django.utils import timezone

from komek.accounts.roles import Role
from komek.exchange.models import ImportBatch
from komek.records.actor import Actor, Channel, acting
from komek.records.changes import changes_of, history_of
from orgs.models import Contact, ContactVisibility, Organisation, OrganisationName
from tests.conftest import Cast, actor, member


def page(client: Client, user: object, organisation: Organisation, query: str = "") -> str:
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")  # type: ignore[arg-type]
    return client.get(f"/history/orgs/organisation/{organisation.pk}/{query}").content.decode()


def test_contacts_names_and_members_are_in_it_for_those_who_may_see_them(client: Client, cast: Cast) -> None:
    with acting(actor(cast.murad)):
        OrganisationName.objects.create(organisation=cast.relief, name="Hemaýat", key="hemayat")
        Contact.objects.create(organisation=cast.relief, person="Open Desk", note="x", visibility="partners")
        secret = Contact.objects.create(
            organisation=cast.relief, person="Night Duty", phone="+99365111222", visibility="organisation"
        )
        member(cast.outsider, cast.relief, Role.VIEWER)
        gone = Contact.objects.create(organisation=cast.relief, person="Left Us", note="x", visibility="partners")
        gone.delete()
        turned = Contact.objects.create(organisation=cast.relief, person="Turned", note="before", visibility="partners")
        turned.visibility = ContactVisibility.ORGANISATION
        turned.save()
    own, other = page(client, cast.murad, cast.relief), page(client, cast.lale, cast.relief)
    for words in ("Other name: Hemaýat", "Contact: Open Desk"):
        assert words in own
        assert words in other
    for words in ("Contact: Night Duty", "+99365111222", "Membership: Outsider", "Contact: Left Us", "Contact: Turned"):
        assert words in own
        assert words not in other
    # What was hidden and is open now does not tell what it said while it was hidden.
    secret.visibility, secret.phone, secret.note = ContactVisibility.PARTNERS, "", "ask the desk"
    secret.save()
    other = page(client, cast.lale, cast.relief)
    assert "Contact: Night Duty" in other
    assert "+99365111222" not in other


def test_history_pages_by_whole_moments_and_loses_nothing(client: Client, cast: Cast) -> None:
    organisation, events = cast.relief, Organisation.events.rel.related_model  # type: ignore[attr-defined]
    for number in range(9):
        Organisation.objects.filter(pk=organisation.pk).update(about=f"version {number}")
    start = timezone.now() - timedelta(days=9)
    with pgtrigger.ignore("orgs.OrganisationEvent:append_only"):
        # Two changes share each moment, as those of one transaction do.
        for place, event in enumerate(events.objects.filter(pgh_obj_id=organisation.pk).order_by("pgh_id")):
            events.objects.filter(pk=event.pk).update(pgh_created_at=start + timedelta(hours=place // 2))
    told, before = [], None
    while True:
        found = history_of(organisation, limit=3, before=before)
        told += [(field.before, field.after) for change in found.changes for field in change.fields]
        if found.older is None:
            break
        before = found.older
    whole = [(field.before, field.after) for change in changes_of(organisation) for field in change.fields]
    assert told == whole
    assert ("version 7", "version 8") in told
    assert "Nothing older is kept" in page(client, cast.aina, organisation, "?before=1999-01-01T00:00:00Z")
    assert "version 8" in page(client, cast.aina, organisation, "?before=nonsense")


def test_a_change_made_by_an_import_leads_to_it_for_those_who_may_see_the_import(client: Client, cast: Cast) -> None:
    batch = ImportBatch.objects.create(
        resource="orgs.organisation", operation=cast.operation, owner=cast.murad, file_name="ours.xlsx", sha256="", format="xlsx"
    )  # fmt: skip
    with acting(Actor(user=cast.murad, channel=Channel.IMPORT, batch=str(batch.pk))):
        Organisation.objects.filter(pk=cast.relief.pk).update(about="brought in")
    assert re.search(rf'href="{batch.get_absolute_url()}">ours.xlsx', page(client, cast.murad, cast.relief))
    stranger = page(client, cast.lale, cast.relief)
    assert "brought in" in stranger
    assert "ours.xlsx" not in stranger
