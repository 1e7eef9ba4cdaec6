"""Amounts and durations that the models leave null are flagged, and no others."""

import pytest

from tests.support.ingestion.landed import accepted, with_properties
from tests.support.ingestion.landed import read as land_bytes


def flags(name: str, properties: str) -> list[str]:
    raw = f'{{"event_id":"e1","event_name":"{name}","anonymous_id":"d","client_timestamp":"2026-11-20T11:59:00Z"'
    return accepted(land_bytes(f'{raw},"properties":{properties}}}'.encode())).flags


@pytest.mark.parametrize(
    "value", ["-1", "1e308", '"12,50"', '"free"', "true", "[]", "{}", '""', "1000000000000", "1e12"]
)
def test_an_amount_that_is_none_is_flagged(value):
    for name, field in (("order_placed", "amount"), ("checkout_started", "total_amount")):
        assert flags(name, f'{{"{field}":{value},"currency":"EUR"}}') == ["implausible"]


@pytest.mark.parametrize("value", ["0", "12.5", '"12.50"', "999999999999", "1e2", "null", "0.00001"])
def test_an_amount_that_the_models_take_is_not(value):
    assert flags("order_placed", f'{{"amount":{value},"currency":"EUR"}}') == []


@pytest.mark.parametrize(("value", "expected"), [('"eur"', []), ('"EURO"', ["implausible"]), ("5", ["implausible"])])
def test_a_currency_has_three_letters(value, expected):
    assert flags("order_placed", f'{{"amount":1,"currency":{value}}}') == expected


@pytest.mark.parametrize(
    ("value", "expected"), [("86400000", []), ("86400001", ["implausible"]), ("-1", ["implausible"])]
)
@pytest.mark.parametrize(
    ("name", "field"),
    [("page_engaged", "engaged_ms"), ("message_received", "response_ms"), ("slow_response", "duration_ms")],
)
def test_a_duration_is_at_most_a_day_and_never_negative(name, field, value, expected):
    assert flags(name, f'{{"{field}":{value}}}') == expected


@pytest.mark.parametrize(("value", "expected"), [("12.5", []), ('"12"', []), ('"soon"', ["implausible"]), ("1e3", [])])
def test_a_duration_may_be_a_fraction_or_written_as_text(value, expected):
    assert flags("page_engaged", f'{{"engaged_ms":{value}}}') == expected


def test_the_same_names_mean_nothing_in_other_events():
    assert flags("coupon_peeled", '{"amount":-1,"engaged_ms":-1}') == []
    assert accepted(with_properties('{"amount":-1}')).flags == []
