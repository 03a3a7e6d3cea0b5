"""Invented people for made-up data: names of each language, mail that goes nowhere."""

import zlib
from collections.abc import Mapping

_NAMES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        ("Alice", "Ben", "Chloe", "Daniel", "Emma", "Finn", "Grace", "Harry", "Isla", "Jack"),
        ("Baker", "Carter", "Doyle", "Evans", "Fletcher", "Gallagher", "Hughes", "Kelly", "Murphy"),
    ),
    "pt": (
        ("Ana", "Bruno", "Carla", "Diogo", "Inês", "João", "Leonor", "Miguel", "Rita", "Tomás"),
        ("Almeida", "Barros", "Carvalho", "Duarte", "Ferreira", "Gonçalves", "Lopes", "Sousa"),
    ),
    "ru": (
        ("Алексей", "Борис", "Виктор", "Дмитрий", "Игорь", "Михаил", "Николай", "Павел", "Сергей"),
        ("Андреев", "Васильев", "Громов", "Ершов", "Зайцев", "Ким", "Лебедев", "Морозов"),
    ),
    "ro": (
        ("Andrei", "Bianca", "Cristina", "Dan", "Elena", "Ioana", "Mihai", "Radu", "Ștefan"),
        ("Albu", "Bălan", "Ciobanu", "Dumitru", "Ionescu", "Munteanu", "Popescu", "Țurcanu"),
    ),
    "kk": (
        ("Айгерім", "Бауыржан", "Гүлнәр", "Дәурен", "Еркебұлан", "Жанар", "Қуаныш", "Нұрлан"),
        ("Әбдірахман", "Есенғали", "Жұмабай", "Қасым", "Мұқағали", "Нұрлан", "Оспан", "Сәрсенбай"),
    ),
}
PLACES: Mapping[str, tuple[str, str]] = {
    "en": ("IE", "Europe/Dublin"),
    "pt": ("PT", "Europe/Lisbon"),
    "ru": ("KZ", "Asia/Almaty"),
    "ro": ("RO", "Europe/Bucharest"),
    "kk": ("KZ", "Asia/Almaty"),
}
SHOPS: Mapping[str, Mapping[str, str]] = {
    "webshop": {
        "en": "Harbour & Hill",
        "pt": "Casa da Ria",
        "ru": "Лавка у моста",
        "ro": "Prăvălia din Deal",
        "kk": "Алатау дүкені",
    },
    "dentist": {
        "en": "Quayside Dental",
        "pt": "Clínica Sorriso",
        "ru": "Стоматология «Белый парус»",
        "ro": "Dentaria Tei",
        "kk": "Ақ тіс клиникасы",
    },
    "carservice": {
        "en": "Corner Garage",
        "pt": "Oficina da Esquina",
        "ru": "Автосервис «Поворот»",
        "ro": "Service Auto Colț",
        "kk": "Жол көлік қызметі",
    },
    "pizza": {
        "en": "Forno Nine",
        "pt": "Forno do Bairro",
        "ru": "Пиццерия «Печь»",
        "ro": "Cuptorul Mic",
        "kk": "Тандыр пицца",
    },
    "taxi": {
        "en": "Seven Minutes",
        "pt": "Táxi Sete",
        "ru": "Такси «Семь минут»",
        "ro": "Taxi Șapte",
        "kk": "Жеті минут такси",
    },
    "salon": {
        "en": "Studio Fern",
        "pt": "Salão Aurora",
        "ru": "Салон «Волна»",
        "ro": "Salonul Luna",
        "kk": "Ажар салоны",
    },
    "b2b": {
        "en": "Northline Components",
        "pt": "Componentes do Norte",
        "ru": "Северные детали",
        "ro": "Componente Nord",
        "kk": "Солтүстік бөлшектері",
    },
}


_STREETS: Mapping[str, tuple[str, ...]] = {
    "en": ("Harbour Street", "Mill Lane", "Station Road", "Hill View"),
    "pt": ("Rua das Flores", "Rua do Sol", "Avenida da Ribeira", "Travessa do Pinhal"),
    "ru": ("улица Абая", "улица Достык", "улица Сатпаева", "улица Толе би"),
    "ro": ("Strada Lungă", "Strada Teilor", "Strada Morii", "Bulevardul Unirii"),
    "kk": ("Абай даңғылы", "Достық даңғылы", "Сәтбаев көшесі", "Төле би көшесі"),
}
_TOWNS: Mapping[str, str] = {
    "en": "Dublin",
    "pt": "1100-148 Lisboa",
    "ru": "050000 Алматы",
    "ro": "010101 București",
    "kk": "050000 Алматы",
}


def reached(reference: str, language: str) -> tuple[str, str]:
    """A telephone number and a postal address; the number is one kept free for films.

    >>> reached("c1", "ro") == reached("c1", "ro"), reached("c1", "en")[0][:10]
    (True, '+447700900')
    """
    number = zlib.crc32(reference.encode())
    streets = _STREETS[language]
    street = f"{streets[number % len(streets)]} {number // 7 % 90 + 1}"
    return f"+447700900{number % 1000:03}", f"{street}\n{_TOWNS[language]}"


def person(reference: str, language: str) -> tuple[str, str]:
    """The name and the mail address of a customer; the same reference is the same person.

    >>> person("c1", "en") == person("c1", "en"), person("c1", "en")[1].endswith("@example.org")
    (True, True)
    """
    first, last = _NAMES[language]
    number = zlib.crc32(reference.encode())
    name = f"{first[number % len(first)]} {last[number // 97 % len(last)]}"
    return name, f"{reference}@example.org"
