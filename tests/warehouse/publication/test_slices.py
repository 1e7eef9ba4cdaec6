from datetime import date

import pytest

from warehouse.publication.slices import Slice, SliceError, parse_days, runs


def days(*numbers: int) -> list[date]:
    return [date(2026, 11, number) for number in numbers]


def test_neighbouring_days_make_one_slice():
    assert list(runs(days(3, 1, 2), 31)) == [Slice(*days(1, 3))]


def test_a_gap_makes_two_slices():
    assert list(runs(days(1, 2, 4), 31)) == [Slice(*days(1, 2)), Slice(*days(4, 4))]


def test_no_slice_is_longer_than_allowed():
    assert list(runs(days(1, 2, 3, 4, 5), 2)) == [Slice(*days(1, 2)), Slice(*days(3, 4)), Slice(*days(5, 5))]


def test_no_dirty_day_makes_no_slice():
    assert list(runs([], 31)) == []


def test_a_span_is_read_with_both_ends():
    assert parse_days("2026-11-01..2026-11-03").days == days(1, 2, 3)


def test_a_single_day_is_a_span():
    assert parse_days("2026-11-01") == Slice(*days(1, 1))


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-31", "2026-11-02..2026-11-01", "2026-11-01...2026-11-02"])
def test_what_is_no_span_of_days_is_refused(text):
    with pytest.raises(SliceError):
        parse_days(text)
