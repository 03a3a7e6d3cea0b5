"""Which rows and columns are used: rejects with their reason, features, groups, scores."""

from datetime import datetime, timedelta

import pytest

from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError
from tests.tables.orders import DAY, codes, frame, orders, rows_of

BAD = """order_id,order_date,promised_date,delivered_date,amount
1,2026-02-01,2026-02-10,2026-02-09,10.50
2,2026-02-31,2026-02-10,2026-02-09,10.50
3,2026-02-01,,2026-02-09,10.50
4,2026-02-05,2026-02-04,2026-02-09,10.50
5,2026-02-05,2026-02-08,2026-02-01,10.50
1,2026-02-05,2026-02-08,2026-02-06,10.50
6,2026-02-05,2026-02-08,,10.50
,2026-02-05,2026-02-08,,10.50
7,2026-02-05,2026-02-08
8,2026-02-31,,2026-02-01,ten
9,2026-02-05,2026-02-08,,ten
"""


class TestRejects:
    def test_each_row_by_line_column_value_and_reason(self, tmp_path):
        path = tmp_path / "bad.csv"
        path.write_text(BAD, encoding="utf-8")
        cases = load_cases(path)
        books = cases.intake
        assert (books.read, books.used, books.rejected) == (11, 2, 9)
        assert [r["order_id"] for r in rows_of(cases)] == ["1", "6"]
        found = {r.line: (r.column, r.value) for r in books.sample}
        assert found[3] == ("order_date", "2026-02-31")
        assert found[4] == ("promised_date", "")
        assert found[5] == ("promised_date", "2026-02-04")
        assert found[6] == ("delivered_date", "2026-02-01")
        assert found[7] == ("order_id", "1")
        assert found[9] == ("order_id", "")
        assert found[11] == ("amount", "ten")  # the first of several faults
        assert found[12] == ("amount", "ten")
        reasons = {r.line: r.reason for r in books.sample}
        assert reasons[6] == "delivered before it was ordered"
        assert reasons[7] == "this order was told of in an earlier row"
        assert "no such day" in reasons[3]

    def test_the_reject_file_holds_every_one(self, tmp_path):
        path, target = tmp_path / "bad.csv", tmp_path / "rejects.csv"
        path.write_text(BAD, encoding="utf-8")
        cases = load_cases(path, reject_file=target)
        assert cases.intake.reject_file == str(target)
        assert len(target.read_text(encoding="utf-8-sig").strip().splitlines()) == 10

    def test_a_sound_row_is_not_doubled_by_a_faulty_one(self):
        table = frame(order_id=["a", "a", "a"], promised=[-1.0, 5.0, 6.0], actual=[1.0, 2.0, 3.0])
        cases = load_cases(table)
        assert [r["line"] for r in rows_of(cases)] == [2]
        assert [r.reason for r in cases.intake.sample] == [
            "promised is negative",
            "this order was told of in an earlier row",
        ]

    def test_no_number_is_no_number(self):
        table = frame(promised=[float("inf"), 5.0, 5.0], actual=[1.0, -2.0, float("nan")])
        cases = load_cases(table)
        assert [r.reason for r in cases.intake.sample] == ["not a number", "actual is negative"]
        assert [r["verdict"] for r in rows_of(cases)] == ["open"]


class TestOtherColumns:
    def test_features_stages_and_what_is_left_out(self):
        n = 40
        table = frame(
            order_id=[f"o{i}" for i in range(n)],
            order_date=[DAY + timedelta(days=i) for i in range(n)],
            promised_date=[DAY + timedelta(days=i + 5) for i in range(n)],
            delivered_date=[DAY + timedelta(days=i + 4) for i in range(n)],
            packed=[DAY + timedelta(days=i + 1) for i in range(n)],
            birthday=[datetime(1990, 1, 1) + timedelta(days=i) for i in range(n)],
            city=["A", "B"] * (n // 2),
            weight=[float(i) for i in range(n)],
            invoice_no=[f"x{i}" for i in range(n)],
            serial_id=list(range(n)),
            country=["KZ"] * n,
            note=[f"please call before you come to door {i % 7}" for i in range(n)],
            gap=[1, 2] * (n // 2),
        )
        cases = load_cases(table, by=["city", "Weight"])
        assert set(cases.features) == {"city", "weight", "gap (source)"}
        assert cases.stages == ("packed",)
        assert cases.by == ("city", "weight")
        left = next(x for x in cases.notices if x.code == "columns_left_out").values["columns"]
        assert left["country"] == "constant"
        assert left["note"] == "free text"
        assert {"invoice_no", "serial_id"} <= set(left)
        assert set(cases.features) | set(cases.stages) <= set(cases.table.columns)

    def test_text_columns_become_numbers_when_all_are(self, tmp_path):
        path = tmp_path / "t.csv"
        rows = "".join(f"{i};{i % 3 + 1};{i},5;0{i}010;{i}a\n" for i in range(1, 8))
        path.write_text("id;promised_days;actual_days;zip;weird\n" + rows, encoding="utf-8")
        cases = load_cases(path)
        assert cases.table.schema()["actual"].is_floating()
        assert cases.table.schema()["zip"].is_string()

    def test_grouping_by_a_mapped_or_unknown_column(self):
        table = orders(tier=["x", "y", "x", "y"])
        assert load_cases(table, by=["tier"]).by == ("tier",)
        assert load_cases(table, by=["segment"]).by == ("segment",)
        with pytest.raises(InputError, match="--by planet: no such column"):
            load_cases(table, by=["planet"])

    def test_scores_and_currencies(self):
        cases = load_cases(
            orders(score=[1, 5, 3, None], amount=[1.0] * 4, currency=["EUR", "USD", "EUR", None])
        )
        assert cases.score_scale == (1, 5)
        assert "mixed_currencies" in codes(cases)
        assert load_cases(orders(nps=[0, 10, 9, 8])).score_scale == (0, 10)
