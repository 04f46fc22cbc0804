"""Invented but likely names for ``bench/names.py``: each row one name as people of several languages write it.

The rows were written by hand from common usage, before any rule of ``missing_persons/names`` was tuned on them. Compound
Turkmen names are written by ``spelt``, from the orthographies of each language, not from Komek's tables.
"""

from __future__ import annotations

from itertools import product
from random import Random

# Forms of one given name: Turkmen, Russian, Uzbek (Latin), Uzbek (Cyrillic), Azerbaijani, English, Persian; "-" where it has none.
MALE = """
Muhammet|Мухаммад|Muhammad|Муҳаммад|Məhəmməd|Mohammed|محمد
Ahmet|Ахмед|Ahmad|Аҳмад|Əhməd|Ahmed|احمد
Mahmyt|Махмуд|Mahmud|Маҳмуд|Mahmud|Mahmood|محمود
Aly|Али|Ali|Али|Əli|Ali|علی
Hasan|Хасан|Hasan|Ҳасан|Həsən|Hassan|حسن
Hüseýin|Хусейн|Husayn|Ҳусайн|Hüseyn|Hossein|حسین
Ybraýym|Ибрагим|Ibrohim|Иброҳим|İbrahim|Ibrahim|ابراهیم
Ysmaýyl|Исмаил|Ismoil|Исмоил|İsmayıl|Ismail|اسماعیل
Ýusup|Юсуф|Yusuf|Юсуф|Yusif|Yousef|یوسف
Ýakup|Якуб|Yoqub|Ёқуб|Yaqub|Jacob|یعقوب
Süleýman|Сулейман|Sulaymon|Сулаймон|Süleyman|Suleiman|سلیمان
Dawut|Давуд|Dovud|Довуд|Davud|Dawood|داود
Musa|Муса|Muso|Мусо|Musa|Moosa|موسی
Omar|Омар|Umar|Умар|Ömər|Omar|عمر
Osman|Осман|Usmon|Усмон|Osman|Othman|عثمان
Abdylla|Абдулла|Abdulla|Абдулла|Abdulla|Abdullah|عبدالله
Abdyrahman|Абдурахман|Abdurahmon|Абдураҳмон|Əbdürrəhman|Abdul Rahman|عبدالرحمن
Abdyleziz|Абдулазиз|Abdulaziz|Абдулазиз|Əbdüləziz|Abdelaziz|عبدالعزیز
Gurbanguly|Курбанкулы|Qurbonquli|Қурбонқули|Qurbanqulu|Gurbanguly|قربانقلی
Myrat|Мурат|Murod|Мурод|Murad|Murad|مراد
Saparmyrat|Сапармурат|Safarmurod|Сафармурод|Səfərmurad|Saparmurat|-
Rejep|Раджаб|Rajab|Ражаб|Rəcəb|Rajab|رجب
Remezan|Рамазан|Ramazon|Рамазон|Ramazan|Ramadan|رمضان
Şaban|Шабан|Shabon|Шаъбон|Şaban|Shaban|شعبان
Perhat|Фархад|Farhod|Фарҳод|Fərhad|Farhad|فرهاد
Jemşit|Джамшид|Jamshid|Жамшид|Cəmşid|Jamshid|جمشید
Şöhrat|Шухрат|Shuhrat|Шуҳрат|Şöhrət|Shukhrat|شهرت
Rüstem|Рустам|Rustam|Рустам|Rüstəm|Rustam|رستم
Timur|Тимур|Temur|Темур|Teymur|Timur|تیمور
Baýram|Байрам|Bayram|Байрам|Bayram|Bayram|بایرام
Döwlet|Довлет|Davlat|Давлат|Dövlət|Dowlet|دولت
Batyr|Батыр|Botir|Ботир|Batır|Batyr|-
Bagtyýar|Бахтияр|Baxtiyor|Бахтиёр|Bəxtiyar|Bakhtiyar|بختیار
Kakajan|Какаджан|Kakajon|Какажон|-|Kakajan|-
Çary|Чары|Chori|Чори|-|Chary|-
Oraz|Ораз|O‘roz|Ўроз|Oruc|Oraz|-
Nury|Нуры|Nuri|Нури|Nuri|Nuri|نوری
Kerim|Керим|Karim|Карим|Kərim|Karim|کریم
Rahym|Рахим|Rahim|Раҳим|Rəhim|Raheem|رحیم
Selim|Салим|Salim|Салим|Səlim|Saleem|سلیم
Jelil|Джалил|Jalil|Жалил|Cəlil|Jaleel|جلیل
Kadyr|Кадыр|Qodir|Қодир|Qadir|Qadir|قادر
Weli|Вели|Vali|Вали|Vəli|Wali|ولی
Wepa|Вепа|Vafo|Вафо|Vəfa|Wepa|-
Ilýas|Ильяс|Ilyos|Илёс|İlyas|Elias|الیاس
Iskender|Искандер|Iskandar|Искандар|İsgəndər|Iskander|اسکندر
Aleksandr|Александр|Aleksandr|Александр|Aleksandr|Alexander|-
Alekseý|Алексей|Aleksey|Алексей|Aleksey|Alexey|-
Sergeý|Сергей|Sergey|Сергей|Sergey|Sergei|-
Wladimir|Владимир|Vladimir|Владимир|Vladimir|Vladimir|-
Ýewgeniý|Евгений|Yevgeniy|Евгений|Yevgeni|Evgeny|-
Dmitriý|Дмитрий|Dmitriy|Дмитрий|Dmitri|Dmitry|-
Ýuriý|Юрий|Yuriy|Юрий|Yuri|Yury|-
Fýodor|Фёдор|Fyodor|Фёдор|Fyodor|Fedor|-
Şerzat|Шерзод|Sherzod|Шерзод|Şirzad|Sherzad|شیرزاد
Otabek|Отабек|Otabek|Отабек|Atabəy|Otabek|-
Ulugbek|Улугбек|Ulug‘bek|Улуғбек|Uluqbəy|Ulugbek|الغ بیگ
Elçin|Эльчин|Elchin|Элчин|Elçin|Elchin|ائلچین
Jawid|Джавид|Javid|Жавид|Cavid|Javid|جاوید
Waqif|Вагиф|Voqif|Воқиф|Vaqif|Vagif|واقف
"""

FEMALE = """
Patma|Фатима|Fotima|Фотима|Fatimə|Fatima|فاطمه
Aýşa|Айша|Oysha|Ойша|Ayşə|Aisha|عایشه
Hatyja|Хадиджа|Xadicha|Хадича|Xədicə|Khadija|خدیجه
Zeýnep|Зейнаб|Zaynab|Зайнаб|Zeynəb|Zainab|زینب
Meryem|Марьям|Maryam|Марям|Məryəm|Maryam|مریم
Zöhre|Зухра|Zuhra|Зуҳра|Zöhrə|Zuhra|زهرا
Leýla|Лейла|Laylo|Лайло|Leyla|Leila|لیلا
Şirin|Ширин|Shirin|Ширин|Şirin|Shirin|شیرین
Jemile|Джамиля|Jamila|Жамила|Cəmilə|Jamila|جمیله
Jemal|Джемал|Jamol|Жамол|Camal|Jemal|-
Maral|Марал|Marol|Марол|Maral|Maral|مارال
Gözel|Гозель|Go‘zal|Гўзал|Gözəl|Gozel|-
Gülnara|Гульнара|Gulnora|Гулнора|Gülnarə|Gulnara|گلناره
Gülşat|Гульшат|Gulshod|Гулшод|Gülşad|Gulshat|-
Aýgül|Айгуль|Oygul|Ойгул|Aygül|Aigul|-
Aýnur|Айнур|Oynur|Ойнур|Aynur|Ainur|-
Aýsoltan|Айсолтан|Oysulton|Ойсултон|Aysultan|Aysoltan|-
Ogulgerek|Огулгерек|O‘g‘ilgerak|Ўғилгерак|-|Ogulgerek|-
Oguljan|Огулджан|O‘g‘iljon|Ўғилжон|-|Oguljan|-
Ogulsapar|Огулсапар|O‘g‘ilsafar|-|-|Ogulsapar|-
Bibi|Биби|Bibi|Биби|Bibi|Bibi|بی‌بی
Sona|Сона|Sona|Сона|Sona|Sona|-
Selbi|Сельби|Salbi|Салби|-|Selbi|-
Mähri|Мехри|Mehri|Меҳри|Mehri|Mehri|مهری
Mahym|Махым|Mohim|Моҳим|-|Mahym|-
Nargiza|Наргиза|Nargiza|Наргиза|Nərgizə|Nargiza|نرگس
Dilnoza|Дильноза|Dilnoza|Дилноза|Dilnaz|Dilnoza|-
Zülfiýa|Зульфия|Zulfiya|Зулфия|Zülfiyyə|Zulfia|-
Sewda|Севда|Sevda|Севда|Sevda|Sevda|-
Nigar|Нигяр|Nigor|Нигор|Nigar|Nigar|نگار
Ýewgeniýa|Евгения|Yevgeniya|Евгения|Yevgeniya|Evgenia|-
Ýelena|Елена|Yelena|Елена|Yelena|Elena|-
Natalýa|Наталья|Natalya|Наталья|Natalya|Natalia|-
Olga|Ольга|Olga|Ольга|Olqa|Olga|-
Ýuliýa|Юлия|Yuliya|Юлия|Yuliya|Julia|-
Swetlana|Светлана|Svetlana|Светлана|Svetlana|Svetlana|-
Anna|Анна|Anna|Анна|Anna|Anna|-
Kseniýa|Ксения|Kseniya|Ксения|Kseniya|Xenia|-
"""

# Family names without -ow, which each language adds as it does.
FAMILY = """
Aly|Али|Ali|Али|Əli|Ali|علی
Ata|Ата|Ota|Ота|Ata|Ata|آتا
Anna|Анна|Anna|Анна|Anna|Anna|-
Kerim|Керим|Karim|Карим|Kərim|Karim|کریم
Rahym|Рахим|Rahim|Раҳим|Rəhim|Rahim|رحیم
Rahman|Рахман|Rahmon|Раҳмон|Rəhman|Rahman|رحمان
Hoja|Ходжа|Xo‘ja|Хўжа|Xoca|Khoja|خواجه
Berdi|Берды|Berdi|Берди|-|Berdy|-
Myrat|Мурат|Murod|Мурод|Murad|Murad|مراد
Muhammet|Мухамед|Muhammad|Муҳаммад|Məhəmməd|Mohammad|محمد
Mämmet|Мамед|Mamat|Мамат|Məmməd|Mamed|-
Hüseýin|Гусейн|Husayn|Ҳусайн|Hüseyn|Huseyn|حسین
Hasan|Гасан|Hasan|Ҳасан|Həsən|Hasan|حسن
Ibragim|Ибрагим|Ibrohim|Иброҳим|İbrahim|Ibrahim|ابراهیم
Gurban|Курбан|Qurbon|Қурбон|Qurban|Gurban|قربان
Orazmämmet|Оразмамед|O‘rozmamat|-|-|Orazmamed|-
Durdy|Дурды|Durdi|Дурди|-|Durdy|-
Geldi|Гельды|Keldi|Келди|-|Geldy|-
Nazar|Назар|Nazar|Назар|Nəzər|Nazar|نظر
Baýram|Байрам|Bayram|Байрам|Bayram|Bayram|بایرام
Meret|Мерет|Merat|-|-|Meret|-
Garaja|Караджа|Qoraja|Қоража|Qaraca|Garaja|-
Işan|Ишан|Eshon|Эшон|İşan|Ishan|-
Şyh|Шых|Shayx|Шайх|Şıx|Shikh|شیخ
Ýusup|Юсуп|Yusup|Юсуп|Yusub|Yusup|-
Ysmaýyl|Исмаил|Ismoil|Исмоил|İsmayıl|Ismail|اسماعیل
Çary|Чары|Chori|Чори|-|Chary|-
Taýly|Тайлы|Toyli|-|-|Tayly|-
Toý|Той|To‘y|-|-|Toy|-
Esen|Эсен|Esan|Эсан|Əsən|Esen|-
Sapar|Сапар|Safar|Сафар|Səfər|Sapar|صفر
Jora|Джора|Jo‘ra|Жўра|-|Jora|-
Ýazmyrat|Язмурат|Yozmurod|-|-|Yazmurad|-
Hydyr|Хыдыр|Xidir|Хидир|Xıdır|Khydyr|خضر
Halyl|Халил|Xalil|Халил|Xəlil|Khalil|خلیل
Iwan|Иван|Ivan|Иван|İvan|Ivan|-
Petr|Петр|Petr|Петр|Petr|Petr|-
Sidor|Сидор|Sidor|Сидор|Sidor|Sidor|-
Kuznes|Кузнец|Kuznes|Кузнец|Kuznets|Kuznets|-
"""

TURKMEN, RUSSIAN, UZBEK, UZBEK_CYRILLIC, AZERBAIJANI, ENGLISH, PERSIAN = range(7)

_FIRST = (
    "Gurban Oraz Nur Sapar Han Aman Baýram Töre Hoja Ata Begen Çary Durdy Esen Garly Hudaý Işan Jora Küýki Meret Nazar Öwez Pena "
    "Rahman Sary Şyh Taňry Toý Ussa Wepa Ýaz Ýagmyr Hally Allan Anna Myrat Kakaly Keýmir"
)
_LAST_M = "guly myrat mämmet geldi berdi durdy dursun nazar gylyç düýn nepes sähet"
_LAST_F = "gül jemal soltan täç bibi gözel sona bagt maýsa jeren"

_LETTERS = {
    RUSSIAN: {
        "ýa": "я", "ýe": "е", "ýo": "ё", "ýu": "ю", "ýü": "ю", "a": "а", "ä": "э", "b": "б", "ç": "ч", "d": "д", "e": "е", "f": "ф",
        "g": "г", "h": "х", "i": "и", "j": "дж", "ž": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "ň": "нг", "o": "о", "ö": "е",
        "p": "п", "r": "р", "s": "с", "ş": "ш", "t": "т", "u": "у", "ü": "ю", "w": "в", "y": "ы", "ý": "й", "z": "з",
    },
    UZBEK: {"ä": "a", "ç": "ch", "h": "h", "ň": "ng", "ö": "o‘", "ş": "sh", "ü": "u", "w": "v", "y": "i", "ý": "y", "ž": "j"},
    UZBEK_CYRILLIC: {
        "ýa": "я", "ýo": "ё", "ýu": "ю", "a": "а", "ä": "а", "b": "б", "ç": "ч", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "ҳ",
        "i": "и", "j": "ж", "ž": "ж", "k": "к", "l": "л", "m": "м", "n": "н", "ň": "нг", "o": "о", "ö": "ў", "p": "п", "r": "р",
        "s": "с", "ş": "ш", "t": "т", "u": "у", "ü": "у", "w": "в", "y": "и", "ý": "й", "z": "з",
    },
    AZERBAIJANI: {"ä": "ə", "ý": "y", "ň": "n", "j": "c", "y": "ı", "w": "v", "ž": "j", "g": "q"},
    ENGLISH: {"ç": "ch", "ş": "sh", "ý": "y", "w": "v", "ä": "a", "ö": "o", "ü": "u", "ň": "n", "ž": "zh"},
}  # fmt: skip


def spelt(turkmen: str, language: int) -> str:
    """A Turkmen name by the orthography of another language; Persian has none here."""
    if language == TURKMEN or language not in _LETTERS:
        return turkmen if language == TURKMEN else ""
    letters, lowered, out, at = _LETTERS[language], turkmen.lower(), "", 0
    while at < len(lowered):
        two = lowered[at : at + 2]
        if two in letters:
            out, at = out + letters[two], at + 2
        else:
            out, at = out + letters.get(lowered[at], lowered[at]), at + 1
    return out[:1].upper() + out[1:]


def rows(text: str) -> list[list[str]]:
    """Forms of each name by language, empty where it has none of its own."""
    return [
        [form if form != "-" else "" for form in line.split("|")] for line in text.split("\n") if line.count("|") == 6
    ]


def compounds(random: Random, last: str) -> list[list[str]]:
    """Compound names, each as every orthography writes it."""
    found = [first + second for first, second in product(_FIRST.split(), last.split()) if first.lower() != second]
    random.shuffle(found)
    return [[spelt(name, language) for language in range(7)] for name in found]


def male(random: Random) -> list[list[str]]:
    return rows(MALE) + compounds(random, _LAST_M)


def female(random: Random) -> list[list[str]]:
    return rows(FEMALE) + compounds(random, _LAST_F)


def families(random: Random) -> list[list[str]]:
    """Stems of family names: those above, then given names of men."""
    return [row for row in rows(FAMILY) if row[RUSSIAN]] + compounds(random, _LAST_M)
