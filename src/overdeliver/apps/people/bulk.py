"""Many customers at once, as `keep_customer` would keep each."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.journal import many_rows
from overdeliver.apps.people.actions import FIELDS, keep_customer
from overdeliver.apps.people.details import LONGEST, read_where_possible
from overdeliver.apps.people.folding import folded
from overdeliver.apps.people.models import Customer


def keep_customers(rows: pa.Table, *, batch: str = "") -> dict[str, int]:
    """Make customers or bring them up to date; returns reference -> id of every one named.

    ``rows``: ``reference`` and any of name, email, phone, language, zone, segment; the first row
    of a reference counts, an empty text changes nothing. Inside the caller's transaction.
    """
    rows = _read(_one_each(rows))
    names = [name for name in FIELDS if name in rows.column_names]
    references = rows["reference"].to_pylist()
    known = many_rows.ids_of(Customer, "reference", references)
    fresh = pa.array([reference not in known for reference in references], pa.bool_())
    for given in rows.filter(pc.invert(fresh)).to_pylist() if names else ():
        _bring_up_to_date(given, names, batch)
    new = rows.filter(fresh)
    ids = many_rows.new_ids(Customer, new.num_rows)
    many_rows.insert(Customer, _columns(new, ids, batch))
    known.update(zip(new["reference"].to_pylist(), ids.to_pylist(), strict=True))
    return known


def alone() -> None:
    """Nobody else writes customers until the transaction ends."""
    many_rows.alone(Customer)


def withdraw_customers(batch: str) -> int:
    """Take back the customers an import brought, as far as nothing speaks of them; how many."""
    rows = Customer.objects.filter(batch=batch)
    for relation in Customer._meta.related_objects:
        column = relation.field.name
        speaking = relation.related_model._default_manager.filter(**{f"{column}__isnull": False})
        rows = rows.exclude(pk__in=speaking.values(f"{column}_id"))
    return rows.delete()[0]


def _one_each(rows: pa.Table) -> pa.Table:
    at = pa.array(range(rows.num_rows), pa.int64())
    first = rows.append_column("at", at).group_by("reference").aggregate([("at", "min")])
    chosen = pc.and_(pc.is_in(at, first["at_min"].combine_chunks()), pc.is_valid(rows["reference"]))
    chosen = pc.and_(chosen, pc.not_equal(rows["reference"], ""))
    return rows.filter(chosen)


def _read(rows: pa.Table) -> pa.Table:
    """Phones, addresses and languages as `keep_customer` keeps those of an import."""
    here = business.business()
    country = here.country if here else ""
    for name in FIELDS:
        if name in rows.column_names:
            given = [text or "" for text in rows[name].to_pylist()]
            tidy = {text: read_where_possible({name: text}, country)[name] for text in set(given)}
            column = pa.array([tidy[text] for text in given], pa.string())
            rows = rows.set_column(rows.column_names.index(name), name, column)
    return rows


def _bring_up_to_date(given: Mapping[str, str | None], names: list[str], batch: str) -> None:
    said = {name: (given[name] or "")[: LONGEST[name]] for name in names}
    row = Customer.objects.filter(reference=given["reference"]).values(*names).get()
    if any(value and value != row[name] for name, value in said.items()):
        keep_customer(given["reference"] or "", batch=batch, **said)


def _columns(new: pa.Table, ids: pa.Array, batch: str) -> pa.Table:
    count = new.num_rows
    columns: dict[str, Any] = {"id": ids, "reference": new["reference"]}
    for name in FIELDS:
        empty = pa.repeat("", count)
        text = pc.fill_null(new[name], "") if name in new.column_names else empty
        columns[name] = pc.utf8_slice_codeunits(text, 0, LONGEST[name])
    searched = ("name", "email", "phone", "reference")
    texts = [columns[name].to_pylist() for name in searched]
    columns["search"] = [folded(*one) for one in zip(*texts, strict=True)]
    columns["batch"] = pa.repeat(batch, count)
    now = pa.scalar(timezone.now(), pa.timestamp("us", "UTC"))
    columns["created_at"] = pa.repeat(now, count)
    columns["erased_at"] = pa.nulls(count, pa.timestamp("us", "UTC"))
    return pa.table(columns)
