"""What a fault of a PFIF file is called in words: what is wrong, and what became of it or what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from missing_persons.pfif.records import Fault

SENTENCES = {
    # the whole file
    "not_xml": _("This is not an XML file, or it is broken from line %(line)s on. Ask for the file again."),
    "not_pfif": _("There is no PFIF in this file. Choose a file that another people finder gave out as PFIF."),
    "other_version": _("This file says it is PFIF “%(version)s”. Versions 1.1, 1.2, 1.3 and 1.4 are read here."),
    "encoding": _("The file says it is written in “%(name)s”, which is not known. Ask for it in UTF-8."),
    "doctype": _(
        "The file declares a document type. PFIF never needs one, and harmful orders can hide in it, so nothing from here on"
        " was read. Ask for the file without it."
    ),
    "too_deep": _("The file has elements inside elements without end. Nothing from here on was read."),
    "mark_too_large": _("One tag of the file is larger than any PFIF. Nothing from here on was read."),
    "too_broken": _("The file is broken in too many places. Nothing from here on was read."),
    "breaks_off": _("The file breaks off here. What stood complete before was read; ask for the rest."),
    # a record
    "broken_record": _("The record that begins in line %(begins)s is broken XML and was left out."),
    "broken_xml": _("Something here is not XML (%(reason)s). Reading went on with the next record."),
    "record_too_large": _("This record is larger than %(most)s letters and was left out."),
    "no_number": _("This record has no %(field)s. It was left out, since nobody could tell it from others."),
    "bad_number": _("“%(value)s” is not a record's number: it must be a domain, a slash and a number. The record was left out."),
    "nameless": _("This record neither names nor describes anybody. It was left out."),
    "name_too_long": _("This name has %(length)s letters; the longest is %(longest)s. The record was left out."),
    "note_of_another": _("This note is about %(person)s but stands inside %(inside)s. It was left out."),
    "note_of_nobody": _("This note does not say whom it is about. It was left out."),
    "too_many_notes": _("This person has more than %(most)s notes. The rest were left out."),
    "foreign": _(
        "This record belongs to %(domain)s, but the file comes from %(source)s. It was left out. If that registry hands on records"
        " of others, say so when you bring the file in."
    ),
    "handed_on": _("We have this record from %(domain)s itself. What others hand on does not change it."),
    "person_not_here": _(
        "This note is about %(person)s, who is not here. It was left out. Bring the person in first, then this file again."
    ),
    # a field
    "future": _("“%(value)s” in %(field)s lies in the future. It was left out."),
    "unknown_field": _("PFIF has no field “%(field)s”. It was left out."),
    "repeated_field": _("The field %(field)s stands twice. The first counts."),
    "unreadable_letters": _("Some letters in %(field)s cannot be read. They are shown as �."),
    "text_cut": _("%(field)s is longer than %(longest)s letters. The rest is kept in the original only."),
    "value_too_long": _("%(field)s is longer than %(longest)s letters and was left out."),
    "too_many_lines": _("%(field)s has more than %(most)s lines, or one of them is too long. The rest was left out."),
    "no_moment": _("“%(value)s” in %(field)s is not a moment such as 2026-01-31T12:00:00Z. It was left out."),
    "no_birth_date": _("“%(value)s” is not a date of birth such as 1970, 1970-01 or 1970-01-31. It was left out."),
    "no_age": _("“%(value)s” is not an age such as 40 or 35-45. It was left out."),
    "no_sex": _("“%(value)s” is not one of female, male, other. It was left out."),
    "no_status": _("“%(value)s” is not a status of PFIF. It was left out."),
    "not_true_or_false": _("“%(value)s” in %(field)s is neither true nor false. It was left out."),
    "no_link": _("“%(value)s” is not a record's number. The link was left out."),
}  # fmt: skip


def sentence(fault: Fault) -> str:
    """The fault in the language of the moment."""
    return str(SENTENCES[fault.kind]) % {"line": fault.line, **fault.values}
