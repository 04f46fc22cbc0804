"""Invented words for the exercise's requests."""

from __future__ import annotations

from typing import Any

SERVICES = (
    ("service", "Emptying of latrines, every third day"), ("service", "Repair of the camp's generator"),
    ("transport", "Lorry for 10 tonnes, dry road"), ("transport", "Bus for 40 people to the collective centre"),
    ("rescue", "Team with a dog to search a collapsed school"), ("medical", "Team to vaccinate 300 children"),
    ("medical", "Transfer of two patients by ambulance"), ("goods", "Warm felt rugs"), ("goods", "Glass for windows, 3 mm"),
)  # fmt: skip
SKILLS = ("midwife", "electrician", "interpreter, Uzbek and Turkmen", "driver of a lorry", "water engineer")
PURPOSES = (
    "The nights are cold and many sleep on the ground.", "New families come every day.", "The well gives no clean water.",
    "Children have no place to learn.", "The roof was taken by the wind.", "",
)  # fmt: skip
REPORTERS = ("Merdan", "Gulnara", "Serdar", "Nargiza", "Elchin", "Aynur", "Rustam", "Oguljan", "Farid", "Zarina")
LANDMARKS = ("behind the old bakery", "at the bridge", "school No 7", "kilometre 41 of the road", "by the railway halt")
REASONS = {
    "refused": "There is another request for the same.", "cancelled": "The people went home.",
    "forwarded": "This is for those who keep water.", "reopened": "It is needed after all.",
}  # fmt: skip
SHORT = ("one bale was wet", "the driver unloaded some at another camp", "packages were torn")

APPEAL: dict[str, Any] = {
    "slug": "exercise-before-the-frost",
    "title": "Before the frost: blankets, water and heat",
    "text": "Thousands sleep outside in the foothills. What is listed here is asked for by camps that checked what they need.\n\n"
    "Please offer only what is listed, and bring nothing before you were answered.",
    "texts": {
        "ru": {
            "title": "До заморозков: одеяла, вода и тепло",
            "text": "В предгорьях тысячи людей ночуют под открытым небом. Здесь перечислено то, о чём просят лагеря, проверившие "
            "свои нужды.\n\nПожалуйста, предлагайте только то, что есть в списке, и ничего не везите, пока вам не ответят.",
        }
    },
}
