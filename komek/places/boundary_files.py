"""Opening boundary files that somebody sent, without trusting anything in them. See the steps of ``opened``.

What a file is, is decided by its first bytes. Archives are unpacked here, with limits, under names of our own; the reader is
handed plain local files and told the format, so that no file can name another file, a database or an address on a network.
"""

from __future__ import annotations

import re
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.utils.translation import gettext as _

MAX_MEMBERS = 500
MAX_FEATURES = 100_000
BLOCK = 2**20
_SHAPEFILE_MAGIC = struct.pack(">i", 9994)
_SQLITE_MAGIC = b"SQLite format 3\x00"
_GPKG_APPLICATION_IDS = (b"GPKG", b"GP10", b"GP11")
_DBF_PAGE_AT = 29  # byte of the header that names the code page; 0 and 0x57 name none
_DBF_NO_PAGE = (0, 0x57)
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]+")
_PART_SUFFIXES = (".shp", ".shx", ".dbf", ".prj", ".cpg")


class BoundaryFault(ValueError):
    """The files cannot be used. The message is a sentence for the person who sent them."""


@dataclass(frozen=True)
class Source:
    """One plain file on disk. ``driver``: the reader's name of the format; ``name``: as the person knows it.

    encoding: of the texts in a Shapefile, when it is known or shows; empty for the reader's own guess.
    """

    path: Path
    driver: str
    name: str
    encoding: str = ""

    @property
    def address(self) -> str:
        """The path with the format said, where the reader would otherwise guess from the content."""
        return f"GEOJSON:{self.path}" if self.driver == "GeoJSON" else str(self.path)


@dataclass
class Opened:
    """The readable files, and sentences about what was left out."""

    sources: list[Source] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def max_bytes() -> int:
    """Most bytes taken, packed or unpacked, of all files together."""
    return int(settings.BOUNDARIES_MAX_MB) * 2**20


def refuse_too_large(size: int) -> None:
    """Before anything is read. ``size`` in bytes. Raises BoundaryFault."""
    if size > max_bytes():
        raise _too_large()


@contextmanager
def opened(files: Iterable[tuple[str, Path]]) -> Iterator[Opened]:
    """Make files readable for as long as the block lasts. Raises BoundaryFault.

    files: name as the person knows it, path on disk.

    1. the size of all files is checked;
    2. archives are unpacked flat into a folder of ours, counting the bytes that really come out, not those announced;
    3. each file's first bytes must be those of a GeoJSON, a Shapefile or a GeoPackage;
    4. a GeoPackage may hold plain tables only: views and computed columns could call functions of the reader.
    """
    given = list(files)
    if not given:
        raise BoundaryFault(_("Choose at least one file."))
    refuse_too_large(sum(path.stat().st_size for _name, path in given))
    with tempfile.TemporaryDirectory(prefix="komek-boundaries-") as folder:
        result = Opened()
        for number, (name, path) in enumerate(given):
            room = Path(folder) / str(number)
            room.mkdir()
            _open_one(name, path, room, result)
        if not result.sources:
            raise BoundaryFault(
                " ".join([_("No boundaries were found. Send GeoJSON, GeoPackage or zipped Shapefiles."), *result.notes])
            )
        yield result


def _open_one(name: str, path: Path, room: Path, result: Opened) -> None:
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK\x03\x04"):
        result.sources += _unpacked(name, path, room, result.notes)
        return
    if start.startswith(_SHAPEFILE_MAGIC):
        raise BoundaryFault(
            _("“%(name)s” is one part of a Shapefile. Put all its parts (.shp, .shx, .dbf, .prj) in one ZIP file.")
            % {"name": name}
        )
    source = _source(name, path, room / "0", start)
    if source is None:
        raise BoundaryFault(
            _("“%(name)s” is neither GeoJSON nor GeoPackage nor a zipped Shapefile. Export it as one of these.")
            % {"name": name}
        )
    result.sources.append(source)


def _source(name: str, path: Path, stem: Path, start: bytes) -> Source | None:
    """A GeoJSON or GeoPackage under a name of ours, or ``None`` if it is something else."""
    if start.startswith(_SQLITE_MAGIC):
        ours = stem.with_suffix(".gpkg")
        _place(path, ours)
        _refuse_living_package(name, ours, start)
        return Source(ours, "GPKG", name)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        ours = stem.with_suffix(".geojson")
        _place(path, ours)
        return Source(ours, "GeoJSON", name)
    return None


def _place(path: Path, ours: Path) -> None:
    if path != ours:
        ours.symlink_to(path.resolve())


def _unpacked(name: str, path: Path, room: Path, notes: list[str]) -> list[Source]:
    """The readable files of an archive. Names inside it are used for showing and for matching parts, never as paths."""
    try:
        with zipfile.ZipFile(path) as archive:
            stems = _extract(name, archive, room, notes)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, struct.error) as fault:
        raise BoundaryFault(_("“%(name)s” is a damaged archive. Pack it again.") % {"name": name}) from fault
    found = []
    for shown, (stem, suffixes) in stems.items():
        label = f"{name} › {shown}"
        if ".shp" in suffixes:
            found.append(_shapefile(label, stem, suffixes, notes))
            continue
        plain = next((stem.with_suffix(s) for s in suffixes if s not in _PART_SUFFIXES), None)
        if plain is None:
            continue
        with plain.open("rb") as file:
            source = _source(label, plain, stem, file.read(512))
        if source is not None:
            found.append(source)
        else:
            notes.append(_("“%(name)s” was left out: it holds no boundaries.") % {"name": label})
    return found


def _extract(
    name: str, archive: zipfile.ZipFile, room: Path, notes: list[str]
) -> dict[str, tuple[Path, dict[str, str]]]:
    """Unpack what may be boundaries. Returns name inside → our path without suffix, suffixes present."""
    members = [info for info in archive.infolist() if not info.is_dir()]
    if len(members) > MAX_MEMBERS:
        raise BoundaryFault(
            _("“%(name)s” holds %(count)d files; at most %(limit)d are taken.")
            % {"name": name, "count": len(members), "limit": MAX_MEMBERS}
        )
    stems: dict[str, tuple[Path, dict[str, str]]] = {}
    left = max_bytes()
    for info in members:
        inside = PurePosixPath(info.filename.replace("\\", "/"))
        suffix = inside.suffix.lower()
        if inside.name.startswith(".") or "__MACOSX" in inside.parts:
            continue
        if suffix not in (*_PART_SUFFIXES, ".geojson", ".json", ".gpkg"):
            continue
        if info.flag_bits & 0x1:
            raise BoundaryFault(_("“%(name)s” is locked with a password. Pack it without one.") % {"name": name})
        shown = str(inside.with_suffix("")) if suffix in _PART_SUFFIXES else str(inside)
        stem, suffixes = stems.setdefault(shown, (room / str(len(stems) + 1), {}))
        ours = stem.with_suffix(suffix)
        if suffix in suffixes:
            raise BoundaryFault(_("“%(name)s” holds two files of one name.") % {"name": name})
        suffixes[suffix] = inside.name
        left -= _copy(archive, info, ours, left)
    return stems


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, ours: Path, left: int) -> int:
    """Unpack one member; returns its bytes. Raises BoundaryFault as soon as more than ``left`` come out."""
    taken = 0
    with archive.open(info) as packed, ours.open("wb") as file:
        while block := packed.read(BLOCK):
            taken += len(block)
            if taken > left:
                raise _too_large()
            file.write(block)
    return taken


def _shapefile(label: str, stem: Path, suffixes: dict[str, str], notes: list[str]) -> Source:
    missing = [suffix for suffix in (".shx", ".dbf") if suffix not in suffixes]
    if missing:
        raise BoundaryFault(
            _("The Shapefile “%(name)s” lacks its part %(parts)s. Pack all parts together.")
            % {"name": label, "parts": ", ".join(missing)}
        )
    shape = stem.with_suffix(".shp")
    with shape.open("rb") as file:
        if not file.read(4).startswith(_SHAPEFILE_MAGIC):
            raise BoundaryFault(_("“%(name)s” is not a Shapefile, whatever its name says.") % {"name": label})
    return Source(shape, "ESRI Shapefile", label, _text_encoding(label, stem, suffixes, notes))


def _text_encoding(label: str, stem: Path, suffixes: dict[str, str], notes: list[str]) -> str:
    """The code page of a Shapefile's texts where the file does not say it; empty: as the file says.

    Texts that can be UTF-8 are. Otherwise three and more letters beyond ASCII in a row are Cyrillic words, and single ones are
    accents in Latin script; a note asks a person to look.
    """
    if ".cpg" in suffixes:
        return ""
    table = stem.with_suffix(".dbf").read_bytes()
    (header_length,) = struct.unpack("<H", table[8:10]) if len(table) > 32 else (0,)
    records = table[header_length:]
    states_page = bool(header_length) and table[_DBF_PAGE_AT] not in _DBF_NO_PAGE
    if records.isascii() or states_page:
        return ""
    try:
        records.decode("utf-8")
    except UnicodeDecodeError:
        words = _BEYOND_ASCII.findall(records)
        long = sum(len(word) >= 3 for word in words)
        guess = "CP1251" if long * 2 > len(words) else "CP1252"
        notes.append(
            _(
                "“%(name)s” does not say how its texts are coded; they were read as %(page)s. Look whether the names are right."
            )
            % {"name": label, "page": guess}
        )
        return guess
    return "UTF-8"


def _refuse_living_package(name: str, path: Path, start: bytes) -> None:
    """A GeoPackage of plain tables only. Read without extensions and without trusting its schema."""
    if start[68:72] not in _GPKG_APPLICATION_IDS:
        raise BoundaryFault(_("“%(name)s” is a database, but not a GeoPackage.") % {"name": name})
    try:
        connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            layers = [
                table
                for (table,) in connection.execute("SELECT table_name FROM gpkg_contents WHERE data_type = 'features'")
            ]
            plain = {
                table
                for table, statement in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
                if not str(statement).upper().lstrip().startswith("CREATE VIRTUAL")
            }
            is_computed = any(
                hidden
                for layer in layers
                for *_column, hidden in connection.execute("SELECT * FROM pragma_table_xinfo(?)", [layer])
            )
        finally:
            connection.close()
    except sqlite3.Error as fault:
        raise BoundaryFault(_("“%(name)s” is a damaged GeoPackage. Export it again.") % {"name": name}) from fault
    if is_computed or not set(layers) <= plain:
        raise BoundaryFault(
            _("“%(name)s” holds views or computed columns. Export its layers as plain tables.") % {"name": name}
        )


def _too_large() -> BoundaryFault:
    return BoundaryFault(
        _(
            "The files have more than %(limit)d MB, packed or unpacked. Send one level at a time, or simplify the layers."
        )
        % {"limit": max_bytes() // 2**20}
    )
