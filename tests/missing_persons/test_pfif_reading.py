"""PFIF of every version is read and written without loss; what is broken is said with its line, and the rest lands."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missing_persons.pfif import values
from missing_persons.pfif.reading import LONGEST_TEXT, read
from missing_persons.pfif.records import STATUSES, Fault, PfifNote, PfifPerson
from missing_persons.pfif.sentences import SENTENCES, sentence
from missing_persons.pfif.versions import NAMESPACE, PFIF_1_2, PFIF_1_3, PFIF_1_4, VERSIONS, Version
from missing_persons.pfif.writing import Feed, document, note_feed, person_feed

DATA = Path(__file__).parent / "data"
HEAD = '<?xml version="1.0"?>\n<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">\n'
TAIL = "</pfif:pfif>"


def person(number: int, *, more: str = "", name: str = "Aýna Orazowa") -> str:
    return (
        f"<pfif:person><pfif:person_record_id>a.example/{number}</pfif:person_record_id>\n"
        f"<pfif:full_name>{name}</pfif:full_name>{more}</pfif:person>\n"
    )


def everything(text: str | bytes) -> list[PfifPerson | PfifNote | Fault]:
    return list(read(io.BytesIO(text.encode() if isinstance(text, str) else text)))


def split(found: list[PfifPerson | PfifNote | Fault]) -> tuple[list[PfifPerson], list[PfifNote], list[Fault]]:
    return (
        [one for one in found if isinstance(one, PfifPerson)],
        [one for one in found if isinstance(one, PfifNote)],
        [one for one in found if isinstance(one, Fault)],
    )


def check_order(text: str, version: Version) -> None:
    """The specification's order and the fields that must stand, in every record of a document or feed."""
    for record in ElementTree.fromstring(text).iter():
        kind = record.tag.rpartition("}")[2]
        if kind not in ("person", "note"):
            continue
        names = [child.tag.removeprefix(f"{{{version.namespace}}}") for child in record]
        order = [*getattr(version, kind), *(["note"] if kind == "person" else [])]
        places = [order.index(name) for name in names]
        assert places == sorted(places)
        assert names[0] == f"{kind}_record_id"
        assert getattr(version, f"{kind}_must") <= set(names) or "expiry_date" in names


@pytest.mark.parametrize("number", ["1.2", "1.4"])
def test_real_files_come_back_from_every_version_as_they_were(number: str) -> None:
    persons, notes, faults = split(everything((DATA / f"test.pfif-{number}.xml").read_bytes()))
    assert (len(persons), len(notes), faults) == (1, 4, [])
    read_person = persons[0]
    assert (read_person.given_name, read_person.family_name) in [
        ("_test_first_name", "_test_last_name"),
        ("_test_given_name", "_test_family_name"),
    ]
    assert (read_person.age, read_person.home_city) == ((35, 45), "_test_home_city")
    assert [str(day) for day in read_person.born or ()] == ["1970-01-01", "1970-01-31"]
    assert [note.author_made_contact for note in notes] == [False, True, None, False]
    assert {note.person_record_id for note in notes} == {read_person.person_record_id}
    for version in (PFIF_1_2, PFIF_1_3, PFIF_1_4):
        text = "".join(document([(read_person, notes)], version))
        check_order(text, version)
        again_persons, again_notes, again_faults = split(everything(text))
        assert (again_persons, again_faults) == (persons, [])
        if version is not PFIF_1_4:
            notes_without_photo = [note.photo_url for note in again_notes]
            assert notes_without_photo == [""] * 4
        else:
            assert again_notes == notes


def test_feeds_hold_entries_that_are_read_like_documents() -> None:
    persons, notes, _faults = split(everything((DATA / "test.pfif-1.4.xml").read_bytes()))
    feed = Feed("https://b.example/pfif/?a=1&b=2", "Ayna & others", values.moment("2026-01-01T00:00:00Z"))
    for text in ("".join(person_feed(feed, [(persons[0], notes)])), "".join(note_feed(feed, notes))):
        check_order(text, PFIF_1_4)
        root = ElementTree.fromstring(text)
        assert root.findtext("{*}id") == feed.address
        ids = [entry.findtext("{*}id", "") for entry in root.findall("{*}entry")]
        assert ids and all(number.startswith("pfif:test.google.com/") for number in ids)
        _persons, read_notes, faults = split(everything(text))
        assert (read_notes, faults) == (notes, [])


def test_the_oldest_version_and_a_mixture_are_understood() -> None:
    text = (
        '<pfif xmlns="http://zesty.ca/pfif/1.1"><person><person_record_id>a.example/1</person_record_id>'
        "<first_name>OGUL</first_name><last_name>KULYEWA</last_name><home_zip>744000</home_zip>"
        "<given_name>Ogul</given_name><other>found at:\n  school\nhair: black\ndescription:\n   tall\n   thin</other>"
        "<note><note_record_id>a.example/n1</note_record_id><found>TRUE</found><text>seen</text></note></person></pfif>"
    )
    persons, notes, faults = split(everything(text))
    assert (persons[0].given_name, persons[0].family_name, persons[0].home_postal_code) == ("Ogul", "KULYEWA", "744000")
    assert "tall\nthin" in persons[0].description and "hair: black" in persons[0].description
    assert (notes[0].author_made_contact, notes[0].person_record_id, faults) == (True, "a.example/1", [])


def test_a_record_in_broken_xml_is_reported_by_line_and_the_others_land() -> None:
    broken = {
        "an ampersand": person(2, name="Ali & Co").replace("Co", "Co &nbsp; x"),
        "a wrong end": person(2).replace("</pfif:full_name>", "</pfif:name>"),
        "no end of its own": person(2).replace("</pfif:person>", ""),
        "a note broken inside": person(2, more="<pfif:note><pfif:text>a < b</pfif:text></pfif:note>"),
        "a character that XML cannot hold": person(2, name="Ali&#1;"),
        "a prefix without meaning": person(2, more="<x:y/>"),
    }
    for what, record in broken.items():
        persons, notes, faults = split(everything(HEAD + person(1) + record + person(3) + person(4) + TAIL))
        assert [one.person_record_id for one in persons] == ["a.example/1", "a.example/3", "a.example/4"], what
        assert [one.line for one in persons] == [3, 7, 9], what
        assert len([fault for fault in faults if fault.is_lost]) == 1, what
        assert faults[0].line in (5, 6, 7) and faults[0].record_id in ("a.example/2", ""), what
        assert not notes


def test_a_stray_mark_between_records_and_a_file_that_breaks_off_lose_no_whole_record() -> None:
    persons, _notes, faults = split(everything(HEAD + person(1) + "& <oops>\n" + person(2) + person(3)[:-30]))
    assert [one.person_record_id for one in persons] == ["a.example/1", "a.example/2"]
    assert [fault.kind for fault in faults] == ["broken_xml", "breaks_off"]
    assert faults[0].line == 5
    feed = '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:p="http://zesty.ca/pfif/1.4">'
    entries = [f"<entry>{person(number).replace('pfif:', 'p:')}<title>t</title></entry>" for number in range(4)]
    entries[1] = entries[1].replace("Orazowa", "&")
    persons, _notes, faults = split(everything(feed + "".join(entries) + "</feed>"))
    assert [one.person_record_id for one in persons] == ["a.example/0", "a.example/2", "a.example/3"]
    assert [fault.kind for fault in faults] == ["broken_record"]


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + HEAD.partition("\n")[2]
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + HEAD.partition("\n")[2]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (BOMB + person(1, name="&b;") + TAIL, "doctype"),
        (OUTSIDE + person(1, name="&a;") + TAIL, "doctype"),
        (b"PK\x03\x04 not xml", "not_xml"),
        (b"", "not_xml"),
        ("<html><body>Not found</body></html>", "not_pfif"),
        ("<pfif><person><person_record_id>a.example/1</person_record_id></person></pfif>", "not_pfif"),
        (HEAD.replace("1.4", "2.0") + person(1) + TAIL, "other_version"),
        ('<?xml version="1.0" encoding="martian"?><a/>', "encoding"),
        (HEAD + "<a>" * 100, "too_deep"),
        (HEAD + "<!--" + "x" * (6 << 20) + "-->" + TAIL, "mark_too_large"),
    ],
)
def test_a_file_that_is_no_pfif_or_means_harm_is_refused_in_a_sentence(text: str | bytes, kind: str) -> None:
    persons, notes, faults = split(everything(text))
    assert [fault.kind for fault in faults] == [kind]
    assert not persons and not notes
    assert faults[0].ends
    assert sentence(faults[0])


def test_an_empty_feed_is_no_fault() -> None:
    assert everything(HEAD + TAIL) == []
    assert everything('<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title></feed>') == []


def test_bad_values_are_left_out_with_a_sentence_and_bad_records_too() -> None:
    fields = {
        "age": "200", "sex": "robot", "date_of_birth": "1970-13", "entry_date": "yesterday", "home_city": "x" * 600,
        "description": "d" * (LONGEST_TEXT + 1), "shoe_size": "44",
    }  # fmt: skip
    more = "".join(f"<pfif:{name}>{value}</pfif:{name}>" for name, value in fields.items())
    found = everything(
        HEAD
        + person(1, more=more + "<pfif:sex>male</pfif:sex>")
        + person(2, name="x" * 10_000)
        + person(3, name=" ")
        + person(4).replace("a.example/4", "no number")
        + person(5, more="<pfif:note><pfif:text>no number</pfif:text></pfif:note>")
        + person(6, name="Ab\u202edlo\u200bo \u0085\x01Ол\ufeffег")
        + person(7, name=" \t Joan\n  Roe  ")
        + TAIL
    )
    persons, notes, faults = split(found)
    assert {fault.kind for fault in faults if not fault.is_lost} == {
        "no_age", "no_sex", "no_birth_date", "no_moment", "value_too_long", "text_cut", "unknown_field", "repeated_field",
    }  # fmt: skip
    assert {(fault.kind, fault.record_id) for fault in faults if fault.is_lost} == {
        ("name_too_long", "a.example/2"),
        ("nameless", "a.example/3"),
        ("bad_number", "no number"),
        ("no_number", ""),
    }
    assert [one.full_name for one in persons] == [
        ("Aýna Orazowa",),
        ("Aýna Orazowa",),
        ("Abdloo Олег",),
        ("Joan", "Roe"),
    ]
    assert (persons[0].age, persons[0].sex, persons[0].home_city) == (None, "", "")
    assert all(sentence(fault) for fault in faults) and not notes
    assert SENTENCES.keys() >= {fault.kind for fault in faults}


def test_a_note_about_somebody_else_or_nobody_is_not_taken() -> None:
    note = "<pfif:note><pfif:note_record_id>b.example/n</pfif:note_record_id>{}<pfif:text>t</pfif:text></pfif:note>"
    other = note.format("<pfif:person_record_id>a.example/9</pfif:person_record_id>")
    persons, notes, faults = split(everything(HEAD + person(1, more=other) + note.format("") + other + TAIL))
    assert len(persons) == 1
    assert [(one.person_record_id, one.domain) for one in notes] == [("a.example/9", "b.example")]
    assert [fault.kind for fault in faults] == ["note_of_another", "note_of_nobody"]


def test_a_placeholder_says_only_that_a_record_is_over() -> None:
    over = (
        "<pfif:person><pfif:person_record_id>A.Example/1</pfif:person_record_id>"
        "<pfif:expiry_date>2020-01-01T00:00:00Z</pfif:expiry_date></pfif:person>"
    )
    persons, _notes, faults = split(everything(HEAD + over + TAIL))
    assert persons[0].is_placeholder and persons[0].domain == "a.example" and not faults
    assert everything("".join(document([(persons[0], [])], PFIF_1_3)))[0] == persons[0]
    assert everything("".join(document([(persons[0], [])], PFIF_1_2))) == []


def test_encodings_are_read_and_letters_that_cannot_be_are_marked() -> None:
    text = HEAD + person(1, name="Оразов Мерет") + TAIL
    for encoding in ("utf-8-sig", "utf-16", "windows-1251", "koi8-r"):
        named = text.replace('version="1.0"', f'version="1.0" encoding="{encoding.removesuffix("-sig")}"')
        persons, _notes, faults = split(everything(named.encode(encoding)))
        assert (persons[0].full_name, persons[0].line, faults) == (("Оразов Мерет",), 3, [])
    persons, _notes, faults = split(everything(text.encode("windows-1251")))
    assert [fault.kind for fault in faults] == ["unreadable_letters"] and len(persons) == 1


def test_what_other_peoples_files_do_otherwise_is_understood() -> None:
    more = "<pfif:sex>M</pfif:sex><pfif:entry_date>2010-01-16 02:07</pfif:entry_date><pfif:source_date>2010-01-16</pfif:source_date>"
    text = HEAD.replace("http:", "https:").replace("1.4", "1.3/") + person(1, more=more) + TAIL
    rss = '<rss><channel><item xmlns:pfif="http://zesty.ca/pfif/1.2">' + person(2) + "</item></channel></rss>"
    for written in (text, rss):
        persons, _notes, faults = split(everything(written))
        assert len(persons) == 1 and not faults
    read_person = split(everything(text))[0][0]
    assert (read_person.sex, read_person.entry_date, read_person.version) == (
        "male",
        values.moment("2010-01-16T02:07:00Z"),
        "1.3",
    )


def test_what_a_birth_date_or_an_age_may_mean() -> None:
    assert [str(day) for day in values.birth("1972-02")] == ["1972-02-01", "1972-02-29"]
    on = values.moment("2026-03-01T00:00:00Z").date()
    assert [str(day) for day in values.born_from_age((35, 45), on)] == ["1980-03-02", "1991-03-01"]
    assert values.moment("2026-01-01T05:00:00+05:00") == values.moment("2026-01-01T00:00:00Z")


class Endless(io.RawIOBase):
    """A large file that stands nowhere."""

    def __init__(self, records: int) -> None:
        self.records, self.made, self.kept = records, 0, HEAD.encode()

    def read(self, size: int = -1) -> bytes:
        while len(self.kept) < size and self.made < self.records:
            self.made += 1
            self.kept += person(self.made, more="<pfif:description>tall &amp; thin</pfif:description>").encode()
            if self.made == self.records:
                self.kept += TAIL.encode()
        piece, self.kept = self.kept[:size], self.kept[size:]
        return piece


def test_memory_stays_flat_however_long_the_file() -> None:
    peaks = []
    for records in (1500, 6000):
        tracemalloc.start()
        assert sum(1 for _record in read(Endless(records))) == records
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.5


LETTERS = st.characters(
    exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp"), exclude_characters="\u0085\ufffd\ufffe\uffff"
)
TEXT = st.text(LETTERS, max_size=30).map(values.one_line)
NAME = TEXT.filter(lambda text: not text or any(map(str.isalpha, text)))


@settings(max_examples=60, deadline=None)
@given(
    names=st.tuples(NAME, NAME),
    text=TEXT,
    status=st.sampled_from(("", *STATUSES)),
    contact=st.sampled_from([None, True, False]),
)
def test_whatever_a_record_says_comes_back(
    names: tuple[str, str], text: str, status: str, contact: bool | None
) -> None:
    one = PfifPerson(
        person_record_id="a.example/1", given_name=names[0], family_name=names[1], description=text,
        full_name=((f"{names[0]} {names[1]}".strip() or "x"),), expiry_date=values.moment("2030-01-01T00:00:00Z"),
    )  # fmt: skip
    note = PfifNote(
        note_record_id="a.example/n",
        person_record_id="a.example/1",
        text=text,
        status=status,
        author_made_contact=contact,
    )
    assert everything("".join(document([(one, [note]), note]))) == [one, note, note]


@settings(max_examples=80, deadline=None)
@given(cut=st.integers(0, 4000), into=st.binary(max_size=12), more=st.integers(0, 4000))
def test_no_damage_to_a_file_stops_the_reader_with_an_error(cut: int, into: bytes, more: int) -> None:
    whole = (DATA / "test.pfif-1.4.xml").read_bytes()
    for one in everything(whole[:cut] + into + whole[cut:] + whole[more:]):
        assert not isinstance(one, Fault) or sentence(one)


def test_the_versions_are_those_of_the_specification() -> None:
    assert [version.namespace for version in VERSIONS.values()] == [f"{NAMESPACE}1.{number}" for number in (1, 2, 3, 4)]
