"""Where a request is, kept beside it by the database: its own location, else that of its site. An index then finds what is near."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.gis.db.models import PointField
from django.contrib.gis.geos import Point
from django.db.models import BooleanField, FloatField, Func, Value
from django.db.models.functions import Cast


def on_the_globe(place: Any) -> Cast:
    """A point as PostGIS measures it in metres; the index of places is made of the same expression."""
    return Cast(place, PointField(srid=4326, geography=True))


class Nearness(Func):
    """Metres between two points on the globe, as a sphere. Sorted by it alone, an index gives the nearest first; unknown places
    come last.
    """

    template, arg_joiner, output_field = "(%(expressions)s)", " <-> ", FloatField()


class IsWithin(Func):
    """Whether two points are no further apart than so many metres, measured as ``Nearness`` does."""

    function, template, output_field = "ST_DWithin", "%(function)s(%(expressions)s, false)", BooleanField()


def nearness(place: str, here: Point) -> Nearness:
    """How far the place of that name is from here."""
    return Nearness(on_the_globe(place), on_the_globe(Value(here, PointField(srid=4326))))


def is_within(place: str, here: Point, metres: Any) -> IsWithin:
    """Whether the place of that name is no further from here than that."""
    return IsWithin(on_the_globe(place), on_the_globe(Value(here, PointField(srid=4326))), metres)


_PLACE = """
NEW.place := NEW.location;
IF NEW.place IS NULL AND NEW.site_id IS NOT NULL THEN
    SELECT location INTO NEW.place FROM orgs_site WHERE id = NEW.site_id;
END IF;
RETURN NEW;
"""


def place_trigger() -> pgtrigger.Trigger:
    """The place follows the request's location and site, whatever a statement says of it."""
    return pgtrigger.Trigger(
        name="place_follows", level=pgtrigger.Row, when=pgtrigger.Before, operation=pgtrigger.Insert | pgtrigger.Update,
        func=_PLACE,
    )  # fmt: skip


# Sites are of a floor below, which knows nothing of requests: this trigger stands in a migration of ours.
FOLLOW_SITES = """
CREATE OR REPLACE FUNCTION requests_places_follow_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE requests_aidrequest SET place = NEW.location WHERE site_id = NEW.id AND location IS NULL;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER requests_places_follow_site AFTER UPDATE OF location ON orgs_site
    FOR EACH ROW WHEN (OLD.location IS DISTINCT FROM NEW.location) EXECUTE FUNCTION requests_places_follow_site();
"""
LEAVE_SITES = """
DROP TRIGGER IF EXISTS requests_places_follow_site ON orgs_site;
DROP FUNCTION IF EXISTS requests_places_follow_site();
"""
PLACE_ANEW = "UPDATE requests_aidrequest SET place = NULL WHERE location IS NOT NULL OR site_id IS NOT NULL"
