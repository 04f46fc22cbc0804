"""Invented names for Exercise Kopetdag. None is a real organisation or person; the languages are those of the region."""

from __future__ import annotations

from orgs.models import NameKind, OrganisationKind, SiteKind

_GOV, _UN, _RC = OrganisationKind.GOVERNMENT, OrganisationKind.UN, OrganisationKind.RED_CROSS
_INGO, _NGO, _COMM = OrganisationKind.INTERNATIONAL_NGO, OrganisationKind.NATIONAL_NGO, OrganisationKind.COMMUNITY
_CO, _MIL, _HOSP = OrganisationKind.COMPANY, OrganisationKind.MILITARY, OrganisationKind.HOSPITAL
_DONOR, _UNI = OrganisationKind.DONOR, OrganisationKind.ACADEMIC
_OFFICIAL, _ALIAS = NameKind.OFFICIAL, NameKind.ALIAS

COORDINATION = frozenset({0, 1})
"""Places in the list below of the organisations that coordinate the whole operation."""

FIRST_ORGANISATIONS = (
    ("Kopetdag Emergency Committee", "KEC", _GOV, (
        ("tk", _OFFICIAL, "Köpetdag adatdan daşary ýagdaýlar komiteti"),
        ("ru", _OFFICIAL, "Комитет по чрезвычайным ситуациям Копетдага"),
        ("uz", _OFFICIAL, "Kopetdog‘ favqulodda vaziyatlar qo‘mitasi"),
        ("az", _OFFICIAL, "Kopetdağ Fövqəladə Hallar Komitəsi"),
    )),
    ("Joint Relief Coordination Office", "JRCO", _UN, (("ru", _OFFICIAL, "Совместное бюро координации помощи"),)),
    ("Regional Water Authority", "RWA", _GOV, (("tk", _OFFICIAL, "Sebit suw hojalygy"),)),
    ("Health Service of the Foothills", "HSF", _GOV, (("ru", _OFFICIAL, "Служба здравоохранения предгорий"),)),
    ("Rescue Brigade Nine", "RB9", _MIL, (("ru", _OFFICIAL, "Девятая спасательная бригада"),)),
    ("Crescent Society of the Oasis", "CSO", _RC, (
        ("tk", _OFFICIAL, "Oazis Ýarymaý jemgyýeti"), ("ru", _OFFICIAL, "Общество Полумесяца оазиса"),
    )),
    ("Umyt Foundation", "UF", _NGO, (("tk", _OFFICIAL, "Umyt gaznasy"), ("ru", _OFFICIAL, "Фонд «Умыт»"))),
    ("Mehr Charity Society", "MCS", _NGO, (("uz", _OFFICIAL, "Mehr xayriya jamiyati"), ("ru", _ALIAS, "Мехр"))),
    ("Xəzər Relief Union", "XRU", _NGO, (("az", _OFFICIAL, "Xəzər Yardım Birliyi"),)),
    ("Water Without Borders", "WWB", _INGO, (("ru", _OFFICIAL, "Вода без границ"),)),
    ("Shelter First", "SF", _INGO, ()),
    ("Hands for Children", "HFC", _INGO, (("ru", _OFFICIAL, "Руки детям"),)),
    ("Doctors of the Steppe", "DOS", _INGO, (("ru", _OFFICIAL, "Степные врачи"),)),
    ("Food Bridge", "FB", _INGO, ()),
    ("Neighbours of Tejen", "", _COMM, (("tk", _OFFICIAL, "Tejen goňşulary"),)),
    ("Caravan Logistics", "CL", _CO, (("ru", _OFFICIAL, "ООО «Караван Логистика»"),)),
    ("Silk Telecom", "ST", _CO, ()),
    ("Foothills Central Hospital", "FCH", _HOSP, (("ru", _OFFICIAL, "Центральная больница предгорий"),)),
    ("Aid Agency of the Alps", "AAA", _DONOR, ()),
    ("Umyt Fund", "UF", _NGO, (("ru", _ALIAS, "Фонд Умыт"),)),
    ("Institute of Seismology of the Oasis", "ISO", _UNI, ()),
)  # fmt: skip

ORGANISATION_STEMS = (
    ("Helping Hands Association", _NGO),
    ("Village Council", _COMM),
    ("Garagum Youth Volunteers", _COMM),
    ("Bread and Salt Charity", _NGO),
    ("Clean Spring Project", _INGO),
    ("Foothill Builders Company", _CO),
    ("District Health House", _HOSP),
    ("Women of the Oasis Union", _NGO),
    ("Open Classroom Initiative", _INGO),
    ("Amu River Transport Company", _CO),
    ("Mountain Rescue Club", _COMM),
    ("Solar Lamp Partnership", _INGO),
    ("Engineering Battalion", _MIL),
)

PERSON_NAMES = (
    "Aýna Berdiýewa", "Батыр Сапаров", "Gözel Annamyradowa", "Rüstem Hojaýew", "Zuhra Yoʻldosheva", "Жасур Тўраев",
    "Nigar Həsənova", "Орхан Алиев", "Marina Lebedeva", "Сергей Ким", "Shirin Rahimova", "Döwlet Amanow",
)  # fmt: skip

SITE_NAMES = {
    SiteKind.CAMP: ("Camp", 4),
    SiteKind.DISTRIBUTION: ("Distribution point", 4),
    SiteKind.WAREHOUSE: ("Store", 2),
    SiteKind.HOSPITAL: ("Hospital", 2),
    SiteKind.CLINIC: ("Health post", 3),
    SiteKind.OFFICE: ("Office", 3),
    SiteKind.SCHOOL: ("School shelter", 2),
    SiteKind.RECEPTION: ("Reception point", 1),
    SiteKind.TRANSPORT: ("Rail station", 1),
}
"""Kind → first word of the name, and how often it comes up."""

ACTIVITY_TITLES = {
    "wash": ("Water trucking", "Repair of a borehole", "Emergency latrines", "Hygiene kits", "Water points"),
    "shelter": ("Tents for families", "Blankets and mattresses", "Repair kits for houses", "Stoves for winter"),
    "health": ("Mobile clinic", "Trauma surgery", "Medicines for chronic illness", "Measles watch"),
    "food_security": ("Dry rations", "Hot meals", "Bread from field bakeries"),
    "education": ("School in tents", "School kits"),
    "protection": ("Safe space for women", "Registration of separated children", "Legal papers replaced"),
    "cccm": ("Camp management", "Site planning", "Camp committees"),
    "logistics": ("Lorries for relief goods", "Common store", "Road clearing"),
    "nutrition": ("Screening of small children", "Infant feeding corner"),
    "search_rescue": ("Search in collapsed houses", "Dog teams"),
}
"""Sector key → invented titles of activities."""
