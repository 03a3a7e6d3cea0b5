"""A Shopify export typed after its documented header: it holds no promise, so the owner says it."""

import csv
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from overdeliver.cli.main import main

#: The export's 79 columns in their order.
HEADER_LINE = (
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,"
    "Currency,Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,"
    "Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,"
    "Billing Street,Billing Address1,Billing Address2,Billing Company,Billing City,Billing Zip,"
    "Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,"
    "Shipping Province,Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,"
    "Payment Method,Payment Reference,Refunded Amount,Vendor,Outstanding Balance,Employee,Location,"
    "Device ID,Id,Tags,Risk Level,Source,Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,"
    "Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,Tax 5 Name,Tax 5 Value,Phone,"
    "Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References"
)
HEADER = next(csv.reader([HEADER_LINE]))


def export(path: Path, orders: int = 30) -> Path:
    """Thirty orders of two lines each: every fifth standard one leaves a day late."""
    rows = []
    for i in range(orders):
        placed = datetime(2026, 3, 1, 10) + timedelta(days=i)
        express = i % 3 == 0
        took = 1 if express else 6 if i % 5 == 0 else 4
        first = {
            "Name": f"#{1001 + i}",
            "Email": f"c{i}@example.org",
            "Financial Status": "paid",
            "Fulfillment Status": "fulfilled",
            "Fulfilled at": f"{placed + timedelta(days=took)} -0500",
            "Currency": "USD",
            "Total": "40.00",
            "Shipping Method": "Express" if express else "Standard",
            "Created at": f"{placed} -0500",
            "Lineitem quantity": "1",
            "Lineitem name": "Mug",
            "Shipping Country": "US",
            "Source": "web",
        }
        second = {key: first[key] for key in ("Name", "Email", "Created at", "Lineitem quantity")}
        rows += [first, second | {"Lineitem name": "Plate"}]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_the_header_is_the_documented_one() -> None:
    assert len(HEADER) == len(set(HEADER)) == 79


def test_the_promise_is_said_per_shipping_method(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(tmp_path / "orders_export.csv")
    rules = ["--promise", "Standard=5 days", "--promise", "Express=2 days"]
    zone = ["--zone", "America/New_York"]
    call = ["audit", str(file), *rules, *zone, "--by", "Shipping Method", "--json", "-"]
    assert main([*call, "--no-backtest"]) == 0
    report = json.loads(capsys.readouterr().out)
    late = sum(1 for i in range(30) if i % 3 and not i % 5)
    assert report["source"]["preset"] == "shopify"
    assert report["rows"]["used"] == 30
    assert report["outcomes"]["broken"] == late
    methods = {g["by"]["Shipping Method"]: g["broken"] for g in report["groups"]}
    assert methods == {"Standard": late, "Express": 0}


def test_without_rules_the_methods_found_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = export(tmp_path / "orders_export.csv")
    assert main(["audit", str(file), "--preset", "shopify", "--json", "-"]) == 2
    err = capsys.readouterr().err
    assert "'Standard', 'Express'" in err and "--promise" in err and err.count("\n") == 1
