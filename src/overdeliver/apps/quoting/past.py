"""A service's past as the learner reads it: the ledger's columns, joined to cases."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ibis

from overdeliver.apps.business.reads import ServiceCard
from overdeliver.apps.listening import export as listening
from overdeliver.apps.promises import export
from overdeliver.tables.cases import Cases
from overdeliver.tables.fields import WALL, wall_in

#: Columns a trial is judged by, where orders have them.
GROUPS = ("segment", "channel", "team")
_STAGES = 6


@dataclass(frozen=True)
class Past:
    """The exported ledger, read once for all services of a run."""

    tables: dict[str, Any]  # Ibis tables of one connection

    def cases(self, service: ServiceCard, zone: str) -> Cases:
        """The cases of one service, with the moments of its journey as stages.

        A customer's number is left out: a model would keep it, and erasing would not reach it.
        """
        whole = service.whole and service.lever == "time" and service.unit in ("days", "weeks")
        cases = export.ledger_cases(
            {name: table for name, table in self.tables.items() if name != "feedback"},
            lever=service.lever,
            unit=service.unit,
            service=service.slug,
            zone=zone,
            tolerance=service.tolerance,
            granularity="day" if whole else None,
        )
        if "customer_id" in cases.table.columns:
            cases = replace(cases, table=cases.table.drop("customer_id"))
        features = tuple(name for name in cases.features if name != "service")
        return self._staged(replace(cases, features=features), zone)

    def _staged(self, cases: Cases, zone: str) -> Cases:
        """The first moment of each frequent touchpoint of an order beside its promise."""
        orders = self.tables["orders"].semi_join(cases.table, "order_id")
        met = self.tables["encounters"]
        met = met.filter(met.order_id.notnull())
        met = met.inner_join(orders.select("order_id", "placed_at"), "order_id")
        after = met["at"].epoch_seconds() - met.placed_at.epoch_seconds()
        counted = met.group_by("touchpoint").agg(n=met.count(), after=after.mean())
        frequent = counted.order_by(ibis.desc("n")).limit(_STAGES).to_pyarrow().to_pylist()
        table, names = cases.table, []
        for number, row in enumerate(sorted(frequent, key=lambda one: one["after"] or 0.0)):
            name = f"stage_{number}"
            at = met.filter(met.touchpoint == row["touchpoint"])
            first = at.group_by(order_met=at.order_id).agg(met_at=at["at"].min())
            joined = table.left_join(first, table.order_id == first.order_met)
            wall = wall_in(ibis.literal(zone), joined.met_at.cast("timestamp('UTC', 6)"))
            table = joined.mutate(**{name: wall.cast(WALL)}).drop("order_met", "met_at")
            names.append(name)
        return replace(cases, table=table, stages=tuple(names))


@contextmanager
def read_past() -> Iterator[Past]:
    """The ledger of now, in a folder that is gone afterwards."""
    with TemporaryDirectory(prefix="overdeliver-learning-") as folder:
        yield Past(listening.opened(listening.snapshot(Path(folder))))
