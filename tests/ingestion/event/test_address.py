"""Addresses as they are stored: hosts in ASCII, cut without losing what names the source of a visit."""

import csv

import pytest

from ingestion.event import address
from runtime.settings import PROJECT

MOST = 2048


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("https://münchen.example/ü?q=ü#ü", "https://xn--mnchen-3ya.example/ü?q=ü#ü"),
        ("https://MÜNCHEN.example", "https://xn--mnchen-3ya.example"),
        ("https://m%C3%BCnchen.example:8443/", "https://xn--mnchen-3ya.example:8443/"),
        ("https://例え.テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://例え。テスト/", "https://xn--r8jz45g.xn--zckzah/"),
        ("https://straße.example/", "https://xn--strae-oqa.example/"),
        ("https://i❤.example/", "https://xn--i-7iq.example/"),
        ("https://xn--mnchen-3ya.example/a%20b", "https://xn--mnchen-3ya.example/a%20b"),
        ("https://Shop.Example/Ü", "https://Shop.Example/Ü"),
        ("http://[2001:db8::5]/ü", "http://[2001:db8::5]/ü"),
        ("/ü?back=https://münchen.example/", "/ü?back=https://münchen.example/"),
        ("münchen", "münchen"),
    ],
)
def test_a_host_is_stored_as_browsers_write_it_and_the_rest_as_it_was_sent(sent, stored):
    assert address.ascii_host(sent) == stored


def test_an_address_within_the_limit_stays_as_it_is():
    whole = "https://shop.example/?a=" + "b" * (MOST - 24)
    assert len(whole) == MOST
    assert address.cut(whole, MOST) == whole


@pytest.mark.parametrize(
    "sent",
    [
        "https://shop.example/?filter=" + "x" * 3000 + "&utm_source=news&utm_medium=email&gclid=abc#top",
        "https://shop.example/" + "x" * 3000 + "?utm_source=news&utm_medium=email&gclid=abc",
        "/" + "x" * 3000 + "?a=1&utm_source=news&a=2&utm_medium=email&gclid=abc&utm_source=other",
        "https://shop.example/?utm_source=news&utm_medium=email&gclid=abc&filter=" + "x" * 3000,
    ],
)
def test_tags_stay_in_an_address_that_is_cut(sent):
    cut = address.cut(sent, MOST)
    assert len(cut) == MOST or cut.endswith("gclid=abc")
    assert len(cut) <= MOST
    assert cut.partition("?")[2].split("&")[:3] == ["utm_source=news", "utm_medium=email", "gclid=abc"]
    assert cut[:20] == sent[:20]


def test_tags_are_cut_themselves_and_never_in_the_middle_of_an_escape():
    cut = address.cut("/?" + "&".join(f"{tag}={'%C3%BC' * 1000}" for tag in sorted(address.TAGS)), MOST)
    assert len(cut) <= MOST
    tags = cut.partition("?")[2].split("&")
    assert len(tags) > 2
    for tag in tags:
        assert len(tag) <= address.MAX_TAG
        assert tag.partition("=")[2].replace("%C3", "").replace("%BC", "") == ""


def test_an_address_without_tags_is_cut_at_the_limit():
    assert address.cut("/" + "x" * 3000 + "?a=1", MOST) == "/" + "x" * (MOST - 1)


def test_the_tags_are_those_of_the_models():
    with (PROJECT / "dbt_project/seeds/click_ids.csv").open() as file:
        assert {row["click_id"] for row in csv.DictReader(file)} == {
            tag for tag in address.TAGS if not tag.startswith("utm_")
        }
