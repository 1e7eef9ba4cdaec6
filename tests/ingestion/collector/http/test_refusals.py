"""Which posts were refused: counted by reason, site and origin, bounded, and the same whichever process is asked."""

from ingestion.collector.http.counters import Counters
from ingestion.collector.http.refusals import NO_ORIGIN, ODD_ORIGIN, PLACES, Kind, Refusals, Seen

SHOP = Kind("origin_not_allowed", "shop", "https://x.example")


def test_processes_add_up_and_origins_are_compared_as_browsers_write_them():
    refusals = Refusals(2)
    first, second = refusals.of_process(0), refusals.of_process(1)
    first.count("origin_not_allowed", "shop", "https://X.example:443", 100.9)
    second.count("origin_not_allowed", "shop", "https://x.example", 90)
    second.count("unknown_key", "", None, 91)
    assert refusals.seen() == {SHOP: Seen(2, 100), Kind("unknown_key", "", NO_ORIGIN): Seen(1, 91)}
    refusals.of_process(1)
    assert refusals.seen() == {SHOP: Seen(1, 100)}


def test_a_stranger_who_makes_up_origins_takes_the_place_of_what_was_not_seen_for_longest():
    refusals = Refusals(1)
    own = refusals.of_process(0)
    own.count("origin_not_allowed", "shop", "https://old.example", 1)
    own.count(*SHOP, 2)
    for number in range(PLACES - 1):
        own.count("origin_not_allowed", "shop", f"https://made-up-{number}.example", 3)
        own.count(*SHOP, 3)
    seen = refusals.seen()
    assert len(seen) == PLACES
    assert seen[SHOP] == Seen(PLACES, 3)
    assert Kind("origin_not_allowed", "shop", "https://old.example") not in seen


def test_what_is_no_origin_is_not_kept():
    refusals = Refusals(1)
    own = refusals.of_process(0)
    for odd in (
        "",
        "https://ann@x.example",
        'https://x"}.example',
        "https://" + "x" * 300,
        "a\0b",
        "\n",
        "javascript:1",
    ):
        own.count("unknown_key", "", odd, 1)
    assert refusals.seen() == {Kind("unknown_key", "", ODD_ORIGIN): Seen(7, 1)}


def test_the_page_for_prometheus_has_them_with_their_labels():
    counters = Counters(1)
    counters.row(0).refusals.count(*SHOP, 7)
    page = counters.page()
    labels = '{reason="origin_not_allowed",site="shop",origin="https://x.example"}'
    assert f"footfall_collector_posts_refused_total{labels} 1\n" in page
    assert f"footfall_collector_post_refused_at_seconds{labels} 7\n" in page
