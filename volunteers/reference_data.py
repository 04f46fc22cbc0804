"""Plug for ``reference_data``: the list of skills that comes with Komek."""

from volunteers.people.taxonomy import ShippedSkills

PLUGS = [ShippedSkills()]
