"""Outcomes of many promises, and how the promises stand then."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.utils import timezone

from overdeliver.apps.business import reads as business
from overdeliver.apps.business.rules import promised_service
from overdeliver.apps.journal import many_rows
from overdeliver.apps.journal.actions import actor
from overdeliver.apps.promises import rules
from overdeliver.apps.promises.columns import MOMENT, micros_of, now, optional, text
from overdeliver.apps.promises.drawing import draw_thread, held_of, terms_of, thread
from overdeliver.apps.promises.models import Outcome, Promise, Standing
from overdeliver.apps.promises.standings import NONE, judged, micros

_EMPTY = pa.table(
    {
        "reference": pa.array([], pa.string()),
        "id": pa.array([], pa.int64()),
        "lever": pa.array([], pa.string()),
        "root": pa.array([], pa.int64()),
    }
)


@dataclass(frozen=True)
class Made:
    """The promises of one call: new ones as a table (with ``id``, ``order_id``, ``root``), those
    that stood already with the same terms, and those that stand for other terms."""

    new: pa.Table
    same: Mapping[str, int]
    conflicts: frozenset[str]
    #: Last outcome of each new promise by its id: when it was observed, and the actual.
    last: dict[int, tuple[int, float]]

    @classmethod
    def none(cls) -> "Made":
        """No promise at all."""
        return cls(_EMPTY, {}, frozenset(), {})

    def ids(self) -> dict[str, int]:
        """Reference -> id of every promise an outcome may belong to."""
        new = zip(self.new["reference"].to_pylist(), self.new["id"].to_pylist(), strict=True)
        return {**self.same, **dict(new)}


def outcomes(rows: pa.Table | None, made: Made, batch: str) -> int:
    """Write outcomes of promises just made or known; the same outcome again is one."""
    if rows is None or not rows.num_rows:
        return 0
    ids = made.ids()
    owner = pa.array([ids.get(one) for one in rows["promise"].to_pylist()], pa.int64())
    rows = rows.append_column("promise_id", owner).filter(pc.is_valid(owner))
    rows = _fresh(_with_keys(_and_of_revisions(rows, made)), made)
    count: int = rows.num_rows
    many_rows.insert(
        Outcome,
        pa.table(
            {
                "id": many_rows.new_ids(Outcome, count),
                "promise_id": rows["promise_id"],
                "actual": rows["actual"].cast(pa.float64()),
                "observed_at": rows["observed_at"].cast(MOMENT),
                "happened_at": _happened(rows, made),
                "recorded_by": pa.repeat(actor(), count),
                "key": rows["key"],
                "batch": pa.repeat(batch, count),
                "recorded_at": now(count),
            }
        ),
    )
    _remember(rows, made)
    return count


def stand(made: Made, orders: pa.Table) -> None:
    """Draw the standing of every new promise, and anew of those that stood and were told more."""
    if made.new.num_rows:
        many_rows.insert(Standing, _standings(made, orders))
    revised = {root for root in made.new["root"].to_pylist() if root}
    Standing.objects.filter(promise_id__in=revised).update(latest=False)
    told = set(made.same.values()) & set(made.last)
    for reference in Promise.objects.filter(pk__in=told).values_list("reference", flat=True):
        draw_thread(thread(held_of(reference)))


def _with_keys(rows: pa.Table) -> pa.Table:
    worked = pc.binary_join_element_wise(
        rows["promise"],
        rows["observed_at"].cast(MOMENT).cast(pa.int64()).cast(pa.string()),
        rows["actual"].cast(pa.float64()).cast(pa.string()),
        "|",
    )
    if "key" not in rows.column_names:
        return rows.append_column("key", worked)
    key = pc.if_else(pc.equal(pc.fill_null(rows["key"], ""), ""), worked, rows["key"])
    return rows.set_column(rows.column_names.index("key"), "key", key)


def _fresh(rows: pa.Table, made: Made) -> pa.Table:
    """Without outcomes that are written down already, or come twice in these rows."""
    keys = rows["key"].to_pylist()
    seen: set[str] = set()
    if made.same:
        old = set(made.same.values())
        owners = rows["promise_id"].to_pylist()
        asked = [key for key, owner in zip(keys, owners, strict=True) if owner in old]
        seen = set(many_rows.ids_of(Outcome, "key", asked))
    elif len(set(keys)) == len(keys):
        return rows
    fresh = []
    for key in keys:
        fresh.append(key not in seen)
        seen.add(key)
    return rows.filter(pa.array(fresh, pa.bool_()))


def _and_of_revisions(rows: pa.Table, made: Made) -> pa.Table:
    """The outcome of an original also settles its revisions, each from its own start."""
    if made.new["root"].null_count == made.new.num_rows:
        return rows
    own = set(rows["promise_id"].to_pylist())
    told = {row["promise_id"]: row for row in rows.to_pylist()}
    added: list[dict[str, Any]] = []
    asked = made.new.filter(pc.is_valid(made.new["root"]))["id"].to_pylist()
    for one in Promise.objects.filter(pk__in=[pk for pk in asked if pk not in own]):
        row = told.get(one.revises_id or 0)
        if row is None or (one.lever == "time" and row.get("happened_at") is None):
            continue
        actual = row["actual"]
        if one.lever == "time":
            actual = rules.actual_of(terms_of(one), row["happened_at"])
        added.append(
            {**row, "promise": one.reference, "promise_id": one.pk, "actual": actual, "key": ""}
        )
    if not added:
        return rows
    return pa.concat_tables([rows, pa.Table.from_pylist(added, schema=rows.schema)])


def _happened(rows: pa.Table, made: Made) -> pa.ChunkedArray:
    """When it happened, for promises of time: as told, else when it became known."""
    if "happened_at" in rows.column_names:
        return rows["happened_at"].cast(MOMENT)
    timed = made.new.filter(pc.equal(made.new["lever"], "time"))["id"].combine_chunks()
    known = Promise.objects.filter(pk__in=list(made.same.values()), lever="time")
    both = pa.concat_arrays([timed, pa.array(list(known.values_list("pk", flat=True)), pa.int64())])
    told = pc.is_in(rows["promise_id"], both)
    return pc.if_else(told, rows["observed_at"].cast(MOMENT), pa.scalar(None, MOMENT))


def _remember(rows: pa.Table, made: Made) -> None:
    moments = rows["observed_at"].cast(MOMENT).cast(pa.int64()).to_pylist()
    actuals = rows["actual"].cast(pa.float64()).to_pylist()
    for owner, at, actual in zip(rows["promise_id"].to_pylist(), moments, actuals, strict=True):
        if owner not in made.last or made.last[owner][0] <= at:
            made.last[owner] = (at, actual)


def _standings(made: Made, orders: pa.Table) -> pa.Table:
    new, count = made.new, made.new.num_rows
    of_order = _order_columns(new, orders)
    services = _services(of_order["service"], new)
    ids = new["id"].to_pylist()
    last = [made.last.get(pk) for pk in ids]
    actual = np.array([one[1] if one else np.nan for one in last], np.float64)
    settled = pa.array([one[0] if one else None for one in last], pa.int64()).cast(MOMENT)
    verdicts, gaps = judged(
        np.array(new["lever"].to_pylist(), object),
        new["promised"].cast(pa.float64()).to_numpy(),
        actual,
        micros_of(new["due_at"], NONE),
        micros_of(of_order["cancelled_at"], NONE),
        new["tolerance"].to_numpy(),
        timezone.now(),
    )
    unseen = np.isnan(actual)
    return pa.table(
        {
            "id": many_rows.new_ids(Standing, count),
            "promise_id": new["id"],
            "order_id": new["order_id"],
            "verdict": pa.array(verdicts, pa.string()),
            "gap": pa.array(gaps, pa.float64(), mask=unseen),
            "actual": pa.array(actual, pa.float64(), mask=unseen),
            "settled_at": settled,
            "due_at": new["due_at"],
            "made_at": new["made_at"].cast(MOMENT),
            "lever": new["lever"],
            "service": services,
            "segment": of_order["segment"],
            "channel": of_order["channel"],
            "team": of_order["team"],
            "original": pc.is_null(new["root"]),
            "latest": _latest(new),
            "changed_at": now(count),
        }
    )


def _order_columns(new: pa.Table, orders: pa.Table) -> pa.Table:
    """What a standing repeats of its order, in the rows of the promises.

    Of an order that was there before, what the database says may differ from the file: such a
    promise is drawn by the file and put right when its standing is drawn next.
    """
    at = pc.index_in(new["order"], orders["reference"].combine_chunks())
    chosen = orders.take(at)
    return pa.table(
        {
            "service": text(chosen, "service", 80),
            "segment": text(chosen, "segment", 100),
            "channel": text(chosen, "channel", 100),
            "team": text(chosen, "team", 100),
            "cancelled_at": optional(chosen, "cancelled_at", None, MOMENT),
        }
    )


def _latest(new: pa.Table) -> pa.Array:
    """A thread's last promise: the revision made last, or an original never revised."""
    roots, ids = new["root"].to_pylist(), new["id"].to_pylist()
    last: dict[int, tuple[int, int]] = {}
    for root, pk, made in zip(roots, ids, new["made_at"].to_pylist(), strict=True):
        if root:
            last[root] = max(last.get(root, (0, 0)), (micros(made), pk))
    return pa.array(
        [
            last[root][1] == pk if root else pk not in last
            for root, pk in zip(roots, ids, strict=True)
        ],
        pa.bool_(),
    )


def _services(of_order: pa.ChunkedArray, new: pa.Table) -> pa.Array:
    """Which service each promise is about; the few kinds of promise are looked at once each."""
    known = business.service_kinds()
    found: dict[tuple[str, str, str], str] = {}
    rows = zip(
        *(column.to_pylist() for column in (of_order, new["lever"], new["unit"])), strict=True
    )
    slugs = []
    for row in rows:
        if row not in found:
            found[row] = promised_service(row[0], row[1], row[2], known)
        slugs.append(found[row])
    return pa.array(slugs, pa.string())


def tolerances(new: pa.Table, orders: pa.Table) -> pa.Array:
    """The tolerance of each promise's service, as it is now: it goes with the promise."""
    services = _services(_order_columns(new, orders)["service"], new)
    known = {card.slug: card.tolerance for card in business.services(active=False)}
    return pa.array([known.get(slug, 0.0) for slug in services.to_pylist()], pa.float64())
