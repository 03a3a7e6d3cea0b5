"""A person's rights: what is handed out and what is erased is every column that tells of him."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from overdeliver.apps.business.models import Business
from overdeliver.apps.journal import events as journal_events
from overdeliver.apps.journal.append_only import lifted
from overdeliver.apps.journal.jobs import deliver_due
from overdeliver.apps.journal.models import Delivery
from overdeliver.apps.people import actions as people
from overdeliver.apps.people import export
from overdeliver.apps.recovery.models import Attachment
from tests.apps.everything import everything_of

pytestmark = pytest.mark.django_db
COLUMNS: dict[str, dict[str, list[str]]] = tomllib.loads(
    (Path(__file__).parent / "columns.toml").read_text("utf-8")
)
TEXTS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)
#: Taken whoever is erased, since nothing says whose they are.
SHARED = ("intake.Upload", "recovery.Incoming")


def test_every_column_says_what_it_holds() -> None:
    """A new one fails here until somebody has thought about whose it is."""
    there = {
        f"{model._meta.app_label}.{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith("overdeliver.")
        for field in model._meta.concrete_fields
        if isinstance(field, TEXTS)
    }
    said = [name for group in COLUMNS for name in _names(group)]
    assert len(said) == len(set(said))
    assert set(said) == there


def _names(group: str) -> list[str]:
    return [f"{table}.{column}" for table, columns in COLUMNS[group].items() for column in columns]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    """Where files lie, the log of erasures among them."""
    settings.UPLOADS = tmp_path / "uploads"
    settings.KNOBS = {**settings.KNOBS, "erasures": str(tmp_path / "erased.jsonl")}
    return tmp_path


@pytest.fixture
def planted(shop: Business, folder: Path) -> Callable[[str], dict[str, str]]:
    """Makes a customer with a row of everything, a trace of his own in each column of a person."""

    def make(who: str) -> dict[str, str]:
        tables = [apps.get_model(table) for table in _tables()]
        before = {table: set(table.objects.values_list("pk", flat=True)) for table in tables}
        everything_of(who, folder / "uploads")
        traces = _traces(who)
        with transaction.atomic(), lifted():
            for table in tables:
                mine = table.objects.exclude(pk__in=before[table])
                label = f"{table._meta.app_label}.{table.__name__}"
                found = {n: t for n, t in traces.items() if n.startswith(f"{label}.")}
                changed = {n.rpartition(".")[2]: _as(table, n, t, who) for n, t in found.items()}
                assert mine.update(**changed), f"{label}: nothing to plant in"
        return traces

    return make


def _tables() -> list[str]:
    return sorted({*COLUMNS["person"], *COLUMNS["copy"]})


def _traces(who: str) -> dict[str, str]:
    names = [*_names("person"), *_names("copy")]
    return {name: f"qz{number:02x}{who}" for number, name in enumerate(names)}


def _as(table: Any, name: str, trace: str, who: str) -> Any:
    """The trace in the shape the column has."""
    column = name.rpartition(".")[2]
    if name in ("intake.Received.body", "people.ApiCall.body"):
        return json.dumps({"id": f"o-{who}", "customer": f"c-{who}", "more": trace})
    field = table._meta.get_field(column)
    if isinstance(field, models.JSONField):
        return {"sample": trace}
    return trace.encode() if isinstance(field, models.BinaryField) else trace


def dump(folder: Path) -> str:
    """Everything there is: every table, every file."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            for row in cursor.fetchall():
                found += [bytes(v) if isinstance(v, memoryview) else v for v in row]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join([*map(str, found), *(str(path.read_bytes()) for path in files)])


def figures() -> dict[str, Any]:
    """Counts and sums that no erasure may change."""
    found: dict[str, Any] = {
        model.__name__: model.objects.count()
        for model in apps.get_models()
        if model.__module__.startswith("overdeliver.")
        and model.__name__ not in ("Event", "Delivery", "Attachment")
    }
    for table, column in (
        ("promises.Order", "amount"),
        ("promises.Promise", "promised"),
        ("promises.Outcome", "actual"),
        ("promises.Standing", "gap"),
        ("listening.Feedback", "score"),
    ):
        found[f"{table}.{column}"] = apps.get_model(table).objects.aggregate(
            n=Count("pk"), sum=Sum(column)
        )
    return found


def _heard() -> None:
    while deliver_due():
        pass


def test_a_persons_data_hold_every_column_that_tells_of_him(
    planted: Callable[[str], dict[str, str]],
) -> None:
    _heard()
    mine, others = planted("a"), planted("b")
    told = json.dumps(export.person("c-a"), ensure_ascii=False, default=str)
    missing = [name for name in _names("person") if mine[name] not in told]
    assert not missing
    assert not [name for name, trace in others.items() if trace in told]
    assert "counter" in told and '"png"' in told


@pytest.fixture
def erased(
    planted: Callable[[str], dict[str, str]],
    folder: Path,
    django_capture_on_commit_callbacks: Any,
) -> Callable[[], None]:
    """Plants two customers, erases the first, and looks through everything there is."""
    mine, others = planted("a"), planted("b")
    _heard()
    before, known = figures(), dump(folder)
    assert all(one in known for one in [*mine.values(), "file-of-a"])

    def check() -> None:
        left = dump(folder)
        assert not [name for name, trace in mine.items() if trace in left]
        assert "file-of-a" not in left and "c-a" in left
        kept = {n: t for n, t in others.items() if not n.startswith(SHARED)}
        assert not [name for name, trace in kept.items() if trace not in left]
        assert Attachment.objects.count() == 1
        assert figures() == before

    with django_capture_on_commit_callbacks(execute=True):
        assert people.erase_customer("c-a")
    return check


def test_of_an_erased_person_no_trace_is_left_anywhere(
    erased: Callable[[], None], folder: Path, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _heard()
    erased()
    again = dump(folder)
    assert people.erase_customer("c-a") is False
    _heard()
    assert dump(folder) == again, "a second time changes nothing"


def test_an_erasure_cut_off_at_any_step_is_finished(
    erased: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Whoever hears of it dies once, after his work and before it is kept."""
    listeners = journal_events.LISTENERS["people.customer_erased"]
    assert len(listeners) >= 9
    died: list[str] = []
    for name, listener in list(listeners.items()):

        def dies(heard: Any, name: str = name, listener: Any = listener) -> None:
            listener(heard)
            if name not in died:
                died.append(name)
                raise RuntimeError("the process was killed")

        monkeypatch.setitem(listeners, name, dies)
    for _ in range(3):
        Delivery.objects.filter(done_at=None).update(next_at=timezone.now())
        with django_capture_on_commit_callbacks(execute=True):
            _heard()
    assert sorted(died) == sorted(listeners)
    erased()
