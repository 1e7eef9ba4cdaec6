"""The oracle itself, on cases small enough to check by eye; and that the comparison with it misses nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.support.marts.comparison import differing
from tests.support.oracle.sessions import sessionise

NOON = datetime(2026, 11, 13, 12, tzinfo=UTC)


def event(minutes, name="page_viewed", user=None, device="d", event_id=None, site="s", start=NOON, **properties):
    at = start + timedelta(minutes=minutes)
    return {
        "site_id": site,
        "anonymous_id": device,
        "user_id": user,
        "event_id": event_id or f"{name}-{at.isoformat()}-{device}",
        "event_name": name,
        "occurred_at": at,
        "properties": properties,
        "page_url": "https://s.example/",
    }


def outcome(*events, zone="UTC"):
    return [(s.start_cause, s.end_cause, len(s.events)) for s in sessionise(list(events), {"s": zone})]


def test_a_gap_of_exactly_the_timeout_stays_in_the_session():
    assert outcome(event(0), event(30)) == [("first_visit", "timeout", 2)]


def test_a_gap_of_a_microsecond_more_starts_another_session():
    later = event(30)
    later["occurred_at"] += timedelta(microseconds=1)
    assert outcome(event(0), later) == [("first_visit", "timeout", 1), ("timeout", "timeout", 1)]


@pytest.mark.parametrize(
    ("name", "properties", "cause"),
    [
        ("user_signed_out", {}, "signed_out"),
        ("session_ended", {"reason": "sign_out"}, "signed_out"),
        ("session_ended", {"reason": "user_switch"}, "user_switch"),
    ],
)
def test_a_hard_end_ends_the_session_however_soon_the_next_event_comes(name, properties, cause):
    events = event(0), event(1, name, **properties), event(2)
    assert outcome(*events) == [("first_visit", cause, 2), (cause, "timeout", 1)]


def test_ending_twice_changes_nothing():
    events = event(0), event(1, "user_signed_out"), event(1.1, "session_ended", reason="sign_out"), event(2)
    assert outcome(*events) == [("first_visit", "signed_out", 3), ("signed_out", "timeout", 1)]


def test_the_first_hard_end_wins_and_what_is_late_moves_nothing():
    late = event(20, "session_ended", reason="user_switch"), event(30, "page_engaged", user="b", engaged_ms=4000)
    (session, after) = sessionise([event(0), event(10, "session_ended", reason="sign_out"), *late, event(40)], {})
    assert (session.end - session.start, session.late_count, session.user_id) == (timedelta(minutes=10), 2, None)
    assert (session.end_cause, after.start_cause, len(after.events)) == ("signed_out", "signed_out", 1)


def test_pings_and_ends_alone_make_no_session_and_any_other_event_does():
    ping, end = event(0, "page_engaged"), event(1, "session_ended", reason="sign_out")
    assert outcome(ping, end) == []
    assert outcome(ping, event(5)) == [("first_visit", "timeout", 1)]
    assert outcome(event(0), event(31, "page_engaged"), event(40)) == [
        ("first_visit", "timeout", 1),
        ("timeout", "timeout", 1),
    ]
    assert outcome(event(0, "user_signed_out")) == [("first_visit", "signed_out", 1)]


def test_who_is_signed_in_when_a_ping_is_sent_is_no_other_user():
    events = event(0, user="a"), event(1, "page_engaged", user="b"), event(2, user="a"), event(3, user="b")
    assert outcome(*events) == [("first_visit", "user_switch", 3), ("user_switch", "timeout", 1)]


def test_a_gap_over_the_timeout_wins_over_a_sign_out():
    assert outcome(event(0, "user_signed_out"), event(31)) == [
        ("first_visit", "signed_out", 1),
        ("timeout", "timeout", 1),
    ]


def test_activity_after_page_unload_continues_the_session():
    unload = event(1, "session_ended", reason="page_unload")
    assert outcome(event(0), unload, event(5)) == [("first_visit", "timeout", 3)]
    assert outcome(event(0), unload) == [("first_visit", "page_unload", 2)]


def test_signing_in_keeps_the_session_and_another_user_splits_it():
    events = event(0), event(1, user="a"), event(2), event(3, user="b")
    assert outcome(*events) == [("first_visit", "user_switch", 3), ("user_switch", "timeout", 1)]
    assert [session.user_id for session in sessionise(list(events), {})] == ["a", "b"]


def test_who_was_known_before_a_sign_out_is_forgotten_after_it():
    events = event(0, user="a"), event(1, "user_signed_out", user="a"), event(2), event(3, user="b")
    assert outcome(*events) == [("first_visit", "signed_out", 2), ("signed_out", "timeout", 2)]


def test_a_session_over_one_midnight_is_dated_by_its_start_in_the_zone_of_the_site():
    events = [event(minutes, start=NOON.replace(hour=22, minute=50)) for minutes in (0, 20)]
    (session,) = sessionise(events, {"s": "Europe/Berlin"})
    assert (session.date.isoformat(), len(session.events)) == ("2026-11-13", 2)


def test_activity_over_two_midnights_is_cut_at_each():
    events = [event(20 * number) for number in range(3 * 48)]
    found = sessionise(events, {})
    assert [session.date.day for session in found] == [13, 14, 15]
    assert [session.start_cause for session in found] == ["first_visit", "midnight_cut", "midnight_cut"]
    assert [session.end_cause for session in found] == ["midnight_cut", "midnight_cut", "timeout"]


def test_of_two_events_with_one_id_the_first_received_counts_and_other_sites_do_not_matter():
    events = event(0, event_id="x"), event(5, event_id="x"), event(0, event_id="x", site="t")
    assert [(s.site, len(s.events), s.start) for s in sessionise(list(events), {})] == [
        ("s", 1, NOON),
        ("t", 1, NOON),
    ]


def test_at_one_instant_an_end_comes_last_and_order_of_arrival_does_not_matter():
    events = [event(0, event_id="b"), event(0, event_id="a", name="user_signed_out")]
    assert sessionise(events, {}) == sessionise(events[::-1], {})
    assert len(sessionise(events, {})) == 1


def test_ties_break_on_the_clients_count_then_on_the_event_id():
    events = [event(0, event_id=each) | {"sequence": count} for each, count in (("a", None), ("b", None), ("c", 1))]
    (session,) = sessionise(events, {})
    assert [each["event_id"] for each in session.events] == ["c", "a", "b"]


def test_a_visitor_without_a_device_is_the_user():
    (session,) = sessionise([event(0, user="u", device=None)], {})
    assert session.visitor == "user:u"


def test_every_row_and_column_that_differs_is_reported():
    same = {"id": 1, "amounts": {"EUR": Decimal("0.3")}, "user": None}
    expected = [same, {"id": 2, "user": "a", "old": 1}, {"id": 3}]
    found = [{"id": 4}, {"id": 2, "user": None, "new": 1}, same | {"amounts": {"EUR": 0.3}}]
    assert differing("m", ["id"], expected, found) == [
        "m (id=2): new: expected 'no such column', found 1",
        "m (id=2): old: expected 1, found 'no such column'",
        "m (id=2): user: expected 'a', found None",
        "m (id=3): expected, not found",
        "m (id=4): found, not expected",
    ]
