"""Token buckets: how many requests may come at once, how many in the long run, and that memory is bounded."""

import pytest

from ingestion.collector.rates import BURST_SECONDS, MOST_KNOWN, Rates


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def taken(rates, name="a", most=10_000):
    """How many are let through in a row."""
    return next(number for number in range(most) if rates.seconds_to_wait(name))


def test_a_full_bucket_holds_the_requests_of_ten_seconds_and_then_they_come_at_their_rate(clock):
    rates = Rates(4, clock)
    assert taken(rates) == 4 * BURST_SECONDS
    clock.now += 1
    assert taken(rates) == 4


def test_the_wait_is_as_long_as_it_says_and_refusals_do_not_lengthen_it(clock):
    rates = Rates(0.5, clock)
    taken(rates)
    assert {rates.seconds_to_wait("a") for _ in range(100)} == {2.0}
    clock.now += 1.99
    assert rates.seconds_to_wait("a")
    clock.now += 0.02
    assert not rates.seconds_to_wait("a")


def test_a_rate_of_less_than_one_in_ten_seconds_still_lets_one_through(clock):
    rates = Rates(1 / 64, clock)
    assert taken(rates) == 1
    clock.now += 64
    assert taken(rates) == 1


def test_each_name_has_a_bucket_of_its_own(clock):
    rates = Rates(1, clock)
    assert taken(rates, "a") == taken(rates, "b") == BURST_SECONDS


def test_a_rate_of_zero_lets_everything_through(clock):
    rates = Rates(0, clock)
    assert not any(rates.seconds_to_wait("a") for _ in range(1000))


def test_however_many_names_there_are_memory_is_bounded_and_the_busiest_are_remembered(clock):
    rates = Rates(1, clock)
    taken(rates, "busy")
    for number in range(3 * MOST_KNOWN):
        rates.seconds_to_wait(str(number))
        assert len(rates._full_at) <= MOST_KNOWN
    assert rates.seconds_to_wait("busy")
