from datetime import date

import pytest

from warehouse.publication.dirty_days import SiteDay
from warehouse.publication.slices import Slice, SliceError, next_run, parse_days


def days(*numbers: int) -> list[date]:
    return [date(2026, 11, number) for number in numbers]


def waiting(**days_of: list[int]) -> set[SiteDay]:
    return {SiteDay(site, day) for site, numbers in days_of.items() for day in days(*numbers)}


def run(waiting_days, held=(), max_days=31, newest_first=False):
    return next_run(waiting_days, held, max_days, newest_first)


def test_neighbouring_days_make_one_slice():
    assert run(waiting(a=[3, 1, 2])) == Slice(*days(1, 3), frozenset("a"))


def test_a_gap_ends_a_slice():
    assert run(waiting(a=[1, 2, 4])) == Slice(*days(1, 2), frozenset("a"))


def test_no_slice_is_longer_than_allowed():
    assert run(waiting(a=[1, 2, 3, 4, 5]), max_days=2) == Slice(*days(1, 2), frozenset("a"))


def test_the_newest_days_can_go_first():
    assert run(waiting(a=[1, 2, 3, 4, 5]), max_days=2, newest_first=True) == Slice(*days(4, 5), frozenset("a"))


def test_no_dirty_day_makes_no_slice():
    assert run([]) is None


def test_a_site_with_old_days_alone_gets_a_slice_of_its_own():
    dirty = waiting(a=[5], b=[5], flooded=[1, 2, 3, 4, 5])
    assert run(dirty, newest_first=True) == Slice(*days(5, 5), frozenset({"a", "b", "flooded"}))
    assert run(waiting(flooded=[1, 2, 3, 4])) == Slice(*days(1, 4), frozenset({"flooded"}))


def test_a_day_joins_where_half_of_the_sites_wait_on_it():
    assert run(waiting(a=[1, 2], b=[2]), newest_first=True) == Slice(*days(1, 2), frozenset("ab"))


def test_a_site_is_left_out_of_a_slice_with_a_day_on_which_it_is_held():
    dirty, held = waiting(a=[1, 2], b=[2]), waiting(b=[1])
    assert run(dirty, held, newest_first=True) == Slice(*days(1, 2), frozenset("a"))
    assert run(waiting(b=[2]), held, newest_first=True) == Slice(*days(2, 2), frozenset("b"))


def test_a_span_is_read_with_both_ends():
    assert parse_days("2026-11-01..2026-11-03").days == days(1, 2, 3)


def test_a_single_day_is_a_span():
    assert parse_days("2026-11-01") == Slice(*days(1, 1))


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-31", "2026-11-02..2026-11-01", "2026-11-01...2026-11-02"])
def test_what_is_no_span_of_days_is_refused(text):
    with pytest.raises(SliceError):
        parse_days(text)
