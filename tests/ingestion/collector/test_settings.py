"""What the collector's settings change: rates, proxies, addresses, privacy signals, who can reach it."""

import time

import pytest

from tests.support.ingestion.running_collector import RunningCollector, make_event, wait_until, write_registry


def post_from(collector: RunningCollector, address: str, key: str = "key-of-shop", **headers: str):
    """Post one event as a proxy on this machine passes it on."""
    given = {"authorization": f"Bearer {key}", "x-forwarded-for": address} | headers
    return collector.client.post("/v1/events", json={"events": [make_event()]}, headers=given)


def statuses(collector: RunningCollector, number: int, address: str, key: str = "key-of-shop") -> set[int]:
    return {post_from(collector, address, key).status_code for _ in range(number)}


def test_an_address_that_asks_too_often_learns_when_to_come_back_and_others_are_not_held_up(start_collector):
    collector = start_collector(collector_rate_per_address=1, trusted_proxies="127.0.0.1")
    assert 429 in statuses(collector, 30, "203.0.113.9")
    answer = post_from(collector, "203.0.113.9")
    assert (answer.status_code, answer.json()["error"], answer.headers["retry-after"]) == (429, "rate_limited", "1")
    assert post_from(collector, "203.0.113.8").status_code == 202
    time.sleep(int(answer.headers["retry-after"]))
    assert post_from(collector, "203.0.113.9").status_code == 202


def test_wrong_keys_count_against_the_address_that_tries_them(start_collector):
    collector = start_collector(collector_rate_per_address=1, trusted_proxies="127.0.0.1")
    assert statuses(collector, 30, "203.0.113.9", key="guess") == {401, 429}
    assert collector.landed() == []


def test_a_key_that_is_used_too_often_holds_up_no_other_site(start_collector):
    collector = start_collector(collector_rate_per_key=1, trusted_proxies="127.0.0.1")
    answers = [post_from(collector, f"203.0.113.{n}", origin="https://any.example") for n in range(30)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["error"] == "rate_limited"
    # A page may read that it should wait.
    assert refused[0].headers["access-control-allow-origin"] == "https://any.example"
    assert post_from(collector, "203.0.113.1", key="key-of-blog").status_code == 202
    assert len(collector.events()) == 31 - len(refused)


def test_processes_share_a_rate_out_among_them(start_collector):
    collector = start_collector(collector_rate_per_address=2, collector_processes=2, trusted_proxies="127.0.0.1")
    # Each process lets ten through at once.
    taken = [post_from(collector, "203.0.113.9").status_code for _ in range(60)].count(202)
    assert 10 <= taken < 30


@pytest.mark.parametrize(
    ("mode", "ip", "ip6"),
    [("full", "203.0.113.9", "2001:db8:1:2::3"), ("truncated", "203.0.113.0", "2001:db8:1::"), ("none", None, None)],
)
def test_as_much_of_an_address_lands_as_is_set(start_collector, mode, ip, ip6):
    collector = start_collector(ip_mode=mode, trusted_proxies="127.0.0.0/8")
    for address in ("6.6.6.6, 203.0.113.9", "2001:db8:1:2::3"):
        assert post_from(collector, address).status_code == 202
    assert [event.ip for event in collector.events()] == [ip, ip6]
    if mode != "full":
        assert not any(b"113.9" in path.read_bytes() for path in collector.home.rglob("*.ndjson"))


@pytest.mark.parametrize("claimed", ["unknown", "'; drop table", "x" * 30_000, "1.2.3.4.5", "[::", "\u00ff"])
def test_an_address_that_is_none_is_neither_believed_nor_stored(start_collector, claimed):
    collector = start_collector(trusted_proxies="127.0.0.1")
    assert post_from(collector, claimed.encode("latin-1")).status_code == 202
    assert [event.ip for event in collector.events()] == ["127.0.0.1"]


@pytest.mark.parametrize(("signal", "value"), [("dnt", "1"), ("sec-gpc", "1"), ("dnt", "0"), ("dnt", "null")])
@pytest.mark.parametrize("respect", ["true", "false"])
def test_a_signal_is_heeded_unless_the_settings_say_otherwise(start_collector, signal, value, respect):
    collector = start_collector(respect_dnt=respect, trusted_proxies="127.0.0.1")
    assert post_from(collector, "203.0.113.9", **{signal: value}).status_code == 202
    [event] = collector.events()
    is_private = value == "1" and respect == "true"
    assert (event.anonymous_id != "device-1", event.ip is None, event.flags == ["private"]) == (is_private,) * 3


def test_a_private_batch_says_which_events_were_not_kept(start_collector):
    collector = start_collector()
    answer = collector.post(make_event(), make_event(event_name="order_placed", user_id="zq7"), consent=False)
    assert answer.json() == {
        "accepted": 1,
        "rejected": 1,
        "errors": [{"index": 1, "reason": "private", "field": None}],
    }
    assert [reject.payload for reject in collector.rejects()] == [""]


def test_beyond_loopback_it_warns_and_on_loopback_it_does_not(start_collector, tmp_path):
    exposed = start_collector(home=tmp_path / "exposed", collector_host="0.0.0.0")
    assert '"level": "warning"' in exposed.log()
    assert "without TLS" in exposed.log()
    assert "warning" not in start_collector(home=tmp_path / "own").log()


def test_a_proxy_that_is_no_address_is_refused_at_the_start(tmp_path):
    write_registry(tmp_path)
    collector = RunningCollector.start(tmp_path, trusted_proxies="proxy.example")
    assert collector.process.wait(30) == 1
    assert "trusted_proxies: 'proxy.example'" in collector.log()


def test_a_revoked_key_is_refused_within_seconds_even_in_the_middle_of_a_connection(start_collector):
    collector = start_collector()
    assert collector.post(make_event()).status_code == 202
    write_registry(collector.home, {"blog": {}})
    wait_until(lambda: collector.post(make_event()).status_code == 401, 5)
