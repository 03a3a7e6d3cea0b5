# ruff: noqa: E501 (rows of CSV are as long as they are)
"""Presets: from the files of a shop, a marketplace, an airport to one row per promise."""

import json
from datetime import datetime

import pyarrow as pa
import pytest

from overdeliver.data.sample import sample_path
from overdeliver.tables.load import load_cases
from overdeliver.vocabulary.errors import InputError, MissingField, UnreadableFile


def rows_of(cases):
    return cases.table.order_by("line").to_pyarrow().to_pylist()


def codes(cases):
    return {notice.code for notice in cases.notices}


OLIST = {
    "orders": """order_id,customer_id,order_status,order_purchase_timestamp,order_approved_at,\
order_delivered_carrier_date,order_delivered_customer_date,order_estimated_delivery_date
o1,c1,delivered,2018-05-01 10:00:00,2018-05-01 11:00:00,2018-05-02 09:00:00,2018-05-08 22:00:00,2018-05-08 00:00:00
o2,c2,canceled,2018-05-02 10:00:00,,,,2018-05-20 00:00:00
o3,c3,shipped,2018-05-03 23:30:00,2018-05-04 11:00:00,,,2018-05-05 00:00:00
""",
    "order_items": """order_id,order_item_id,product_id,seller_id,shipping_limit_date,price,freight_value
o1,2,p1,s2,2018-05-03 10:00:00,10.10,1.00
o1,1,p2,s1,2018-05-03 10:00:00,20.20,2.05
o3,1,p1,s1,2018-05-03 10:00:00,5.00,2.00
""",
    "customers": """customer_id,customer_unique_id,customer_zip_code_prefix,customer_city,customer_state
c1,u1,01310,sao paulo,SP
c2,u1,1310,sao paulo,SP
c3,u3,20040,rio de janeiro,RJ
""",
    "sellers": """seller_id,seller_zip_code_prefix,seller_city,seller_state
s1,20040,rio de janeiro,RJ
s2,01310,sao paulo,SP
""",
    "products": """product_id,product_category_name,product_weight_g,product_length_cm,product_height_cm,product_width_cm
p1,artes,100,10,10,10
p2,livros,250,2,3,4
""",
    "order_payments": """order_id,payment_sequential,payment_type,payment_installments,payment_value
o1,1,voucher,1,3.00
o1,2,credit_card,4,30.35
""",
    "order_reviews": """review_id,order_id,review_score,review_comment_title,review_comment_message,review_creation_date,review_answer_timestamp
r1,o1,2,,atrasou,2018-05-09 00:00:00,2018-05-09 10:00:00
r2,o1,4,,,2018-05-10 00:00:00,2018-05-11 10:00:00
""",
    "geolocation": """geolocation_zip_code_prefix,geolocation_lat,geolocation_lng,geolocation_city,geolocation_state
01310,-23.56,-46.65,sao paulo,SP
20040,-22.90,-43.18,rio de janeiro,RJ
20040,-22.92,-43.20,rio de janeiro,RJ
""",
}


def write_olist(folder, tables=OLIST):
    for name, text in tables.items():
        (folder / f"olist_{name}_dataset.csv").write_text(text, encoding="utf-8")
    return folder


class TestOlist:
    def test_one_row_per_order_with_what_was_known(self, tmp_path):
        cases = load_cases(write_olist(tmp_path), preset="olist")
        first, second, third = rows_of(cases)
        assert (cases.unit, cases.granularity, cases.zone) == ("days", "day", "America/Sao_Paulo")
        assert [r["verdict"] for r in (first, second, third)] == ["met", "unknown", "broken"]
        assert (first["promised"], first["actual"], first["gap"]) == (7.0, 7.0, 0.0)
        assert (first["customer_id"], second["customer_id"]) == ("u1", "u1")
        assert (float(first["amount"]), first["currency"]) == (33.35, "BRL")
        assert (first["seller_id"], first["product_category_name"]) == ("s1", "livros")
        assert (first["n_items"], first["n_sellers"]) == (2, 2)
        assert (first["weight_g"], first["volume_cm3"]) == (350.0, 1024.0)
        assert (first["payment_type"], first["installments"]) == ("credit_card", 4)
        assert (first["score"], first["text"]) == (4.0, None)  # the latest review's, not the text's
        assert first["customer_zip_code_prefix"] == second["customer_zip_code_prefix"] == "013"
        assert first["distance_km"] == pytest.approx(360, abs=5)
        assert third["distance_km"] == 0.0
        assert first["approved"] == datetime(2018, 5, 1, 11)
        assert cases.stages == ("approved", "handed_to_carrier")
        assert "order_status" not in cases.features
        assert cases.score_scale == (1.0, 5.0)

    def test_the_folder_is_known_without_asking(self, tmp_path):
        cases = load_cases(write_olist(tmp_path), by=["seller_state"])
        assert "preset_found" in codes(cases)
        assert cases.by == ("seller_state",)

    def test_orders_alone_are_enough(self, tmp_path):
        cases = load_cases(write_olist(tmp_path, {"orders": OLIST["orders"]}), preset="olist")
        assert "tables_missing" in codes(cases)
        assert cases.intake.used == 3

    def test_without_orders(self, tmp_path):
        write_olist(tmp_path, {"sellers": OLIST["sellers"]})
        with pytest.raises(InputError, match="no file called like olist_orders"):
            load_cases(tmp_path, preset="olist")
        write_olist(tmp_path, {"orders": "order_id,customer_id\n1,2\n"})
        with pytest.raises(MissingField, match="no column"):
            load_cases(tmp_path, preset="olist")

    @pytest.mark.real
    def test_the_marketplace_kept_what_is_known(self, shared_data):
        cases = load_cases(shared_data / "olist", preset="olist")
        assert cases.intake.read == cases.intake.used == 19_757
        table = cases.table
        late = table.filter(table["made_at"] >= datetime(2018, 4, 1), table["actual"].notnull())
        kept = (late["verdict"] != "broken").mean()
        row = (
            late.aggregate(kept=kept, promised=late["promised"].mean()).to_pyarrow().to_pylist()[0]
        )
        assert row["kept"] == pytest.approx(0.9535, abs=5e-5)
        assert row["promised"] == pytest.approx(22.63, abs=0.005)


SHOP = """Name,Email,Financial Status,Paid at,Fulfilled at,Currency,Total,Shipping Method,Created at,\
Lineitem quantity,Lineitem name,Shipping Zip,Shipping City,Cancelled at,Id,Source
#1001,a@x.test,paid,2026-07-03 11:02:05 -0400,2026-07-05 09:00:00 -0400,USD,25.00,Standard,2026-07-03 11:02:00 -0400,2,Mug,'01234,Boston,,5100000000001,web
#1001,,,,,,,,,1,Plate,,,,,
,,,,,,,,,1,Fork,,,,,
#1002,b@x.test,paid,2026-07-04 23:30:00 -0400,2026-07-08 09:00:00 -0400,USD,30.00,Express,2026-07-04 23:30:00 -0400,1,Mug,'02139,Boston,,5100000000002,web
#1003,c@x.test,voided,,,USD,25.00,Pickup,2026-07-06 11:02:00 -0400,1,Mug,'01234,Boston,2026-07-07 10:00:00 -0400,5100000000003,pos
"""
RULES = {"Standard": (5, "days"), "express": (3, "days")}


class TestShopify:
    @pytest.fixture
    def path(self, tmp_path):
        path = tmp_path / "orders_export.csv"
        path.write_text(SHOP, encoding="utf-8")
        return path

    def test_it_asks_what_was_promised(self, path):
        with pytest.raises(
            MissingField, match=r"'Express', 'Pickup', 'Standard'.*--promise \"Express=5 days\""
        ) as caught:
            load_cases(path, preset="shopify")
        assert "\n" not in str(caught.value)
        with pytest.raises(MissingField):  # the header is known without asking
            load_cases(path)

    def test_line_items_become_orders(self, path):
        cases = load_cases(path, preset="shopify", promise_rules=RULES, zone="America/New_York")
        first, second = rows_of(cases)
        assert (cases.intake.read, cases.intake.used, cases.intake.rejected) == (5, 4, 1)
        assert cases.intake.sample[0].column == "Shipping Method"
        assert cases.intake.sample[0].value == "Pickup"
        assert (first["order_id"], first["items"], first["item_lines"]) == ("5100000000001", 4.0, 3)
        assert first["Shipping Zip"] == "01234"
        assert (first["verdict"], second["verdict"]) == ("exceeded", "broken")
        assert (second["promised"], second["actual"]) == (3.0, 4.0)  # days on the shop's clock
        assert first["paid"] == datetime(2026, 7, 3, 11, 2, 5)
        assert {"line_items", "fulfilled_is_shipped"} <= codes(cases)

    def test_a_rule_for_all_others(self, path):
        rules = {"Standard": (5, "days"), "*": (1, "days")}
        cases = load_cases(path, preset="shopify", promise_rules=rules, zone="America/New_York")
        assert [r["verdict"] for r in rows_of(cases)] == ["exceeded", "broken", "unknown"]
        with pytest.raises(InputError, match="share one unit"):
            load_cases(path, promise_rules={"Standard": (5, "days"), "*": (1, "hours")})

    def test_ids_that_a_spreadsheet_spoilt(self, tmp_path):
        path = tmp_path / "orders.csv"
        path.write_text(SHOP.replace("5100000000001", "5.1E+12"), encoding="utf-8")
        cases = load_cases(path, promise_rules=RULES)
        assert "ids_damaged" in codes(cases)
        assert rows_of(cases)[0]["order_id"] == "#1001"

    def test_a_column_of_promises_needs_no_rules(self, path):
        text = path.read_text(encoding="utf-8").replace("Shipping City", "Deliver by")
        path.write_text(text.replace("Boston", "2026-07-06"), encoding="utf-8")
        mapping = {"promised_at": "deliver BY", "delivered_at": "Paid at"}
        cases = load_cases(path, preset="shopify", mapping=mapping)
        # the third was taken back the day after it was due
        assert [r["verdict"] for r in rows_of(cases)] == ["exceeded", "exceeded", "broken"]
        assert cases.mapping["delivered_at"] == "Paid at"
        assert "fulfilled_is_shipped" not in codes(cases)  # it was not judged by that
        with pytest.raises(InputError, match="--map: no column arrival; columns: line, Name"):
            load_cases(path, preset="shopify", mapping={"delivered_at": "arrival"})

    def test_an_export_without_ids_tells_orders_apart_by_name(self, path):
        text = path.read_text(encoding="utf-8").replace(",Id,", ",Number,", 1)
        path.write_text(text, encoding="utf-8")
        cases = load_cases(path, preset="shopify", promise_rules=RULES)
        assert [r["order_id"] for r in rows_of(cases)] == ["#1001", "#1002"]

    def test_what_is_not_an_export(self, tmp_path):
        with pytest.raises(MissingField, match="no column Name, Created at"):
            load_cases(pa.table({"a": ["1"]}), preset="shopify")
        with pytest.raises(InputError, match="the one file"):
            load_cases([pa.table({"a": ["1"]}), pa.table({"b": ["1"]})], preset="shopify")


WOO = [
    {
        "id": 1,
        "status": "completed",
        "currency": "EUR",
        "date_created_gmt": "2026-07-03T11:02:00",
        "date_completed_gmt": "2026-07-05T11:02:00",
        "total": "12.50",
        "customer_id": 0,
        "billing": {"email": "a@b.test", "country": "RO"},
        "shipping_lines": [{"method_title": "Flat rate"}],
        "line_items": [{"quantity": 2}],
        "meta_data": [{"key": "_delivery_date", "value": "2026-07-06"}],
    },
    {
        "id": 2,
        "status": "cancelled",
        "currency": "EUR",
        "date_created_gmt": "2026-07-03T11:02:00",
        "total": "8.00",
        "customer_id": 7,
        "shipping_lines": [{"method_title": "Flat rate"}],
        "meta_data": [{"key": "_delivery_date", "value": "2026-07-08"}],
    },
]


class TestWooCommerce:
    @pytest.mark.parametrize("lines", [False, True])
    def test_json_with_a_named_date(self, tmp_path, lines):
        path = tmp_path / "orders.json"
        text = "\n".join(map(json.dumps, WOO)) if lines else json.dumps(WOO)
        path.write_text(text, encoding="utf-8")
        cases = load_cases(path, preset="woocommerce", mapping={"promised_at": "_delivery_date"})
        first, second = rows_of(cases)
        assert (first["promised"], first["actual"], first["verdict"]) == (3.0, 2.0, "exceeded")
        assert second["verdict"] == "unknown"
        assert (first["customer_id"], second["customer_id"]) == ("a@b.test", "7")
        assert (first["items"], first["country"], float(first["amount"])) == (2.0, "RO", 12.5)
        assert "completed_is_marked" in codes(cases)

    def test_rules_or_a_question(self, tmp_path):
        path = tmp_path / "orders.json"
        path.write_text(json.dumps(WOO), encoding="utf-8")
        cases = load_cases(path, promise_rules={"flat rate": (1, "days")})
        assert [r["verdict"] for r in rows_of(cases)] == ["broken", "unknown"]
        with pytest.raises(MissingField, match=r"'Flat rate'.*meta:_delivery_date"):
            load_cases(path)

    def test_a_plugins_csv(self, tmp_path):
        path = tmp_path / "woo.csv"
        path.write_text(
            "Order Number,Order Date,Completed Date,Order Status,Shipping Method Title,Order Total\n"
            "7,2026-07-03 10:00:00,2026-07-04 10:00:00,completed,Post,10.00\n",
            encoding="utf-8",
        )
        cases = load_cases(path, preset="woocommerce", promise_rules={"*": (2, "days")})
        (row,) = rows_of(cases)
        assert (row["order_id"], row["promised"], row["actual"], row["verdict"]) == (
            "7",
            2.0,
            1.0,
            "exceeded",
        )

    @pytest.mark.parametrize(
        ("text", "said"),
        [("[{", "not readable as JSON"), ("[3]", "item 1 is no"), ("[]", "no orders")],
    )
    def test_what_is_no_order_file(self, tmp_path, text, said):
        path = tmp_path / "x.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UnreadableFile, match=said):
            load_cases(path, preset="woocommerce")
        with pytest.raises(InputError, match="give one file"):
            load_cases([path, path], preset="woocommerce")


FLIGHTS = """year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,origin,dest,distance,hour
2013,1,1,517,515,2,830,819,11,UA,1545,EWR,IAH,1400,5
2013,1,1,2300,2250,10,200,210,-10,B6,7,JFK,SJU,1598,22
2013,1,1,,600,,,900,,UA,9,EWR,IAH,1400,6
2013,1,1,600,600,0,900,900,0,UA,10,EWR,QQQ,1400,6
"""


class TestFlights:
    def test_lengths_over_zones_and_midnight(self, tmp_path):
        path = tmp_path / "flights.csv"
        path.write_text(FLIGHTS, encoding="utf-8")
        near = "faa,tzone\nEWR,America/New_York\nJFK,America/New_York\nIAH,America/Chicago\n"
        (tmp_path / "airports.csv").write_text(near, encoding="utf-8")
        cases = load_cases(tmp_path, preset="flights")
        assert (cases.unit, cases.zone) == ("minutes", "America/New_York")
        houston, island, gone, unknown = rows_of(cases)
        assert (houston["promised"], houston["actual"], houston["verdict"]) == (
            244.0,
            255.0,
            "broken",
        )
        assert (island["promised"], island["gap"]) == (140.0, 10.0)
        assert gone["verdict"] == "unknown"
        assert unknown["promised"] == 180.0
        assert houston["made_at"] == datetime(2013, 1, 1, 5, 15)
        assert "zones_unknown" in codes(cases)
        assert set(cases.features) == {"carrier", "flight", "origin", "dest", "distance", "hour"}
        alone = load_cases(path)  # known by its columns, airports found beside it
        assert rows_of(alone)[0]["promised"] == 244.0

    def test_without_airports_the_zone_of_the_first_is_taken(self):
        lines = FLIGHTS.splitlines()
        one = {k: [v] for k, v in zip(lines[0].split(","), lines[1].split(","), strict=True)}
        del one["flight"]  # what does not say when is not needed
        cases = load_cases(pa.table(one), preset="flights")
        (row,) = rows_of(cases)
        assert (row["promised"], row["gap"]) == (184.0, -11.0)  # an hour short, the gap is right
        assert "zones_unknown" in codes(cases)

    def test_the_packaged_sample(self):
        cases = load_cases(sample_path())
        assert "preset_found" in codes(cases)
        assert cases.intake.rejected == 0
        assert not {"dep_delay", "tailnum"} & set(cases.features)

    def test_missing_columns_and_unknown_presets(self):
        with pytest.raises(MissingField, match="arr_delay"):
            load_cases(pa.table({"year": [2013]}), preset="flights")
        with pytest.raises(InputError, match="--preset taxi: unknown; there are olist"):
            load_cases(pa.table({"year": [2013]}), preset="taxi")

    @pytest.mark.real
    def test_all_flights_of_a_year(self, shared_data):
        cases = load_cases(shared_data / "flights")
        counted = (
            cases.table.group_by("verdict").agg(n=cases.table.count()).to_pyarrow().to_pylist()
        )
        found = {row["verdict"]: row["n"] for row in counted}
        assert sum(found.values()) == 336_776
        assert found["unknown"] == 9_430
        assert found["broken"] == 133_004
