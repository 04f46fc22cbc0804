"""What a fault of a hazard feed is called in words: what is wrong, and what became of it or what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from situation_map.hazards.alerts import Fault

SENTENCES = {
    # the whole feed
    "too_large": _(
        "The feed is larger than %(most)s MB and was not read. Ask its agency for one of current alerts only."
    ),
    "empty": _("The feed is empty: not even an index came. Check its address."),
    "encoding": _("The feed says it is written in “%(name)s”, which is not known. Ask for it in UTF-8."),
    "not_that_encoding": _("The feed names another encoding than the one it is written in. It was read as UTF-8."),
    "unreadable_letters": _("Some letters are not in the encoding that the feed names; they are shown as “�”."),
    "not_xml": _("This is not XML, or it is broken from line %(line)s on. Check the address: it may lead to a page."),
    "not_a_feed": _(
        "There is no alert in this file (it begins with “%(name)s”). Choose a feed of CAP, Atom, RSS or EDXL-DE."
    ),
    "not_json": _("This JSON is broken. Nothing of it was read; it will be asked for again."),
    "not_geojson": _("This JSON is no GeoJSON of earthquakes. Choose a feed of the USGS in GeoJSON."),
    "too_many_features": _(
        "The feed has more than %(most)s earthquakes. The rest was not read; choose a shorter feed."
    ),
    "doctype": _(
        "The feed declares a document type. Alerts never need one, and harmful orders can hide in it, so nothing from here"
        " on was read."
    ),
    "too_deep": _("The feed has elements inside elements without end. Nothing from here on was read."),
    "mark_too_large": _("One tag of the feed is larger than any real one. Nothing from here on was read."),
    "too_broken": _("The feed is broken in too many places. Nothing from here on was read."),
    "breaks_off": _("The feed breaks off here. What stood complete before was read; it will be asked for again."),
    "record_too_large": _("This alert is larger than any real one. Nothing from here on was read."),
    "loose_ampersand": _("An “&” stands here that XML does not allow. It was read as it was meant."),
    "broken_record": _("The XML is broken here (%(reason)s). This alert was left out; reading went on with the next."),
    # an entry of an index
    "no_link": _("The entry “%(title)s” neither holds an alert nor says where it is. It was left out."),
    # an alert
    "no_namespace": _("The alert does not say which version of CAP it is. It was read as 1.2."),
    "other_version": _("The alert is CAP “%(version)s”. Versions 1.1 and 1.2 are read here. It was left out."),
    "no_key": _(
        "The alert has no %(field)s that can be read. It was left out, since nothing would tell it from others."
    ),
    "no_references": _("This %(message)s names no earlier alert, so it changes none."),
    "no_info": _("The alert says nothing about a hazard. It raises no alarm."),
    "no_reference": _(
        "“%(value)s” does not name an earlier alert: sender, identifier and time, with commas. It was passed over."
    ),
    "no_value": _("“%(field)s” is missing. It counts as unknown, and nothing is assumed."),
    "unknown_value": _("“%(value)s” is no value of “%(field)s”. It counts as unknown."),
    "unreadable_field": _("Some letters of “%(field)s” could not be read."),
    "no_event": _("It is not said what the hazard is."),
    "no_language": _("“%(value)s” is no language. The text is shown without one."),
    "no_address": _("“%(value)s” is no web address. It was left out."),
    "no_moment": _("“%(value)s” is not a date and time. It was left out."),
    "no_zone": _("“%(value)s” does not say its time zone. It was taken as UTC; ask the agency."),
    "no_number": _("“%(value)s” is not a number. “%(field)s” was left out."),
    "expires_before": _("It expires before it takes effect, so it was never in force. Ask the agency."),
    # an area
    "no_place": _("It is not said where this is. It stands in the list, not on the map."),
    "no_coordinates": _("“%(value)s” is not a list of latitudes and longitudes. This shape was left out."),
    "too_many_points": _("This polygon has more than %(most)s points. It was left out."),
    "too_few_points": _("A polygon needs at least four points, the last the same as the first. This one was left out."),
    "off_the_earth": _("%(latitude)s, %(longitude)s is nowhere on earth. This shape was left out."),
    "no_area": _("The points of this polygon lie on one line or in one place. It was left out."),
    "no_circle": _("“%(value)s” is no circle: latitude, longitude and kilometres are needed. It was left out."),
    "no_radius": _("“%(value)s” has a radius that no circle on earth has. It was left out."),
    "swapped": _("Latitude and longitude were swapped. They were turned around; check the place."),
    "open_ring": _("The polygon was not closed. It was closed with its first point."),
    "around_pole": _("The polygon goes around the earth. It was taken to reach up to the pole on its side."),
    "crosses_itself": _("The polygon crosses itself. It was divided into parts that do not; check its border."),
    "tangled": _("The polygon crosses itself countless times. The outline around all its points was taken instead."),
    "date_line": _("The polygon crosses the date line. It was divided there."),
}


def sentence(fault: Fault) -> str:
    """The fault as a sentence in the language that is active."""
    return str(SENTENCES[fault.kind]) % dict(fault.values)
