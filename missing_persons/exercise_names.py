"""Invented names for the exercise, each as it is written in several languages. Nobody here exists."""

from __future__ import annotations

# The same name in Turkmen, Russian, Uzbek, Azerbaijani and English spelling.
MALE = (
    ("Muhammet", "Мухаммад", "Muhammad", "Məhəmməd", "Mukhammed"), ("Aman", "Аман", "Omon", "Aman", "Aman"),
    ("Gurbanguly", "Курбанкулы", "Qurbonquli", "Qurbanqulu", "Kurbankuly"), ("Serdar", "Сердар", "Sardor", "Sərdar", "Serdar"),
    ("Rustam", "Рустам", "Rustam", "Rüstəm", "Rustam"), ("Ýusup", "Юсуп", "Yusuf", "Yusif", "Yusup"),
    ("Döwlet", "Довлет", "Davlat", "Dövlət", "Dovlet"), ("Ibrahim", "Ибрагим", "Ibrohim", "İbrahim", "Ibragim"),
    ("Jepbar", "Джепбар", "Jabbor", "Cəbbar", "Jepbar"), ("Hudaýberdi", "Худайберди", "Xudoyberdi", "Xudayverdi", "Khudayberdi"),
    ("Ahmet", "Ахмет", "Ahmad", "Əhməd", "Akhmet"), ("Batyr", "Батыр", "Botir", "Batır", "Batyr"),
    ("Çary", "Чары", "Chori", "Çarı", "Chary"), ("Orxan", "Орхан", "Oʻrxon", "Orxan", "Orkhan"),
)  # fmt: skip
FEMALE = (
    ("Oguljan", "Огулджан", "Oʻgʻiljon", "Oğulcan", "Oguldzhan"), ("Şirin", "Ширин", "Shirin", "Şirin", "Shirin"),
    ("Ýewgeniýa", "Евгения", "Yevgeniya", "Yevgeniya", "Evgeniya"), ("Aýgül", "Айгуль", "Oygul", "Aygül", "Aigul"),
    ("Maral", "Марал", "Maral", "Maral", "Maral"), ("Jemal", "Джемал", "Jamol", "Cəmal", "Jemal"),
    ("Leýla", "Лейла", "Laylo", "Leyla", "Leila"), ("Bahar", "Бахар", "Bahor", "Bahar", "Bahar"),
    ("Dilnoza", "Дильноза", "Dilnoza", "Dilnaz", "Dilnoza"), ("Gözel", "Гозель", "Goʻzal", "Gözəl", "Gozel"),
    ("Zülfiýa", "Зульфия", "Zulfiya", "Zülfiyyə", "Zulfiya"), ("Sona", "Сона", "Sona", "Sona", "Sona"),
)  # fmt: skip
# Without the ending of a woman's name, which is added by language: -wa, -ва, -va.
FAMILIES = (
    ("Ataýew", "Атаев", "Otayev", "Atayev", "Ataev"), ("Orazow", "Оразов", "Orazov", "Orazov", "Orazov"),
    ("Alyýew", "Алиев", "Aliyev", "Əliyev", "Aliyev"), ("Kerimow", "Каримов", "Karimov", "Kərimov", "Karimov"),
    ("Annaýew", "Аннаев", "Annayev", "Annayev", "Annaev"), ("Berdiýew", "Бердыев", "Berdiyev", "Berdiyev", "Berdyev"),
    ("Hojamyradow", "Ходжамурадов", "Xoʻjamurodov", "Xocamuradov", "Khodzhamuradov"),
    ("Nuryýew", "Нурыев", "Nuriyev", "Nuriyev", "Nuryev"), ("Garaýew", "Гараев", "Qorayev", "Qarayev", "Garaev"),
    ("Meredow", "Мередов", "Meredov", "Meredov", "Meredov"), ("Saparow", "Сапаров", "Saparov", "Saparov", "Saparov"),
    ("Mämmedow", "Мамедов", "Mamedov", "Məmmədov", "Mamedov"),
)  # fmt: skip
WOMANS_ENDING = ("a", "а", "a", "a", "a")
LANGUAGES = ("tk", "ru", "uz", "az", "en")
PLACES = ("Köne bazar", "Школа № 12", "Eski shahar", "Vağzal", "By the canal", "Больница", "Täze ýol", "Ring road")
HAIR = ("black", "grey", "кара-чёрные", "brown", "")
CLOTHES = ("blue coat", "красный платок", "school uniform", "ak köýnek", "")
MARKS = ("scar on the left hand", "родинка на щеке", "", "", "")
TOLD = (
    "Went to work in the morning and did not come back.", "Ушёл из дома после толчка.", "Okuwdan öýe gelmedi.",
    "Zilziladan keyin telefoni oʻchgan.", "Zəlzələdən sonra görən olmayıb.",
)  # fmt: skip
