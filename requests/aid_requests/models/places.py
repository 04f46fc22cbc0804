"""Where a request is, kept beside it by the database: its own location, else that of its site. An index then finds what is near."""

from __future__ import annotations

import pgtrigger

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
