"""Columns that the ledger knows and the library does not: service, team, who the customer is."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from overdeliver.tables.words import words

FIELDS = ("service", "team", "customer_name", "customer_email", "customer_phone")
#: The columns a reject file of ours adds to the rows.
MARKS = ("reject line", "reject column", "reject reason")
#: An offset or a Z at the end of a written moment.
OFFSET = re.compile(r"(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})\s*$", re.IGNORECASE)

#: What columns of each are called, in five languages.
_NAMES: Mapping[str, str] = {
    "service": (
        "service;shipping method;treatment;product line;servico;serviço;tipo de servico;услуга;"
        "сервис;вид услуги;serviciu;serviciul;қызмет;қызмет түрі"
    ),
    "team": (
        "team;technician;courier;driver;doctor;master;crew;equipe;técnico;entregador;motorista;"
        "команда;бригада;мастер;курьер;врач;водитель;echipa;echipă;tehnician;curier;топ;команда;"
        "шебер;курьер;дәрігер"
    ),
    "customer_name": (
        "customer name;client name;shipping name;billing name;full name;nome do cliente;"
        "cliente nome;имя клиента;клиент имя;фио;фио клиента;nume client;numele clientului;"
        "клиент аты;аты жөні;тұтынушы аты"
    ),
    "customer_email": (
        "email;e mail;mail;customer email;billing email;correio;почта;электронная почта;"
        "эл почта;имейл;adresa de email;пошта;электрондық пошта"
    ),
    "customer_phone": (
        "phone;customer phone;billing phone;shipping phone;mobile;telephone;telefone;celular;"
        "телефон;телефон клиента;моб телефон;telefon;ұялы телефон"
    ),
}


def _set(spoken: str) -> frozenset[str]:
    return frozenset(spoken.split())


_PERSONAL = _set(
    "email mail phone telephone mobile surname lastname firstname address address1 address2 street "
    "company sobrenome telefone celular endereco rua фамилия фио отчество телефон почта адрес "
    "улица prenume telefon adresa strada жөні тегі пошта мекенжай көше"
)
_NAMED = _set("name nome имя nume аты")
_WHOSE = _set(
    "customer client buyer billing shipping first last full contact cliente comprador клиента "
    "клиент покупателя client clientului тұтынушы"
)


def recognised(
    columns: Iterable[Mapping[str, Any]], mapping: Mapping[str, str], kind: str
) -> dict[str, str]:
    """Extra field -> column, by the columns' names; a name alone decides.

    >>> recognised([{"name": "Technician"}, {"name": "E-mail"}], {}, "table")
    {'team': 'Technician', 'customer_email': 'E-mail'}
    """
    found: dict[str, str] = {}
    taken = set() if kind == "shopify" else set(mapping.values())
    for field in FIELDS:
        for wanted in _NAMES[field].split(";"):
            match = next((c["name"] for c in columns if _says(c["name"], wanted)), None)
            if match is not None and match not in taken:
                found[field] = match
                taken.add(match)
                break
    return found


def is_personal(column: str) -> bool:
    """Whether a column's name says that it tells who somebody is: never a feature.

    >>> is_personal("Billing Street"), is_personal("Client name"), is_personal("category_name")
    (True, True, False)
    """
    found = set(words(column))
    named = bool(found & _NAMED) and (len(found) == 1 or bool(found & _WHOSE))
    return named or bool(found & _PERSONAL)


def _says(column: str, wanted: str) -> bool:
    return words(column) == words(wanted)
