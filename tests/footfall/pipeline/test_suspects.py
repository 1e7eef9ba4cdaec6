"""Who is at fault, found by trying fewer: exact at the edges, and with few attempts."""

from datetime import date

import pytest

from footfall.pipeline.suspects import MOST_ATTEMPTS, at_fault, offences
from warehouse.publication.held_days import Failure
from warehouse.publication.slices import Slice

FIVE = "abcde"
WHY = Failure("sessions", "model_is_built", "cannot be built: division by zero")


def searched(suspects, guilty, most=10**9):
    """Who was found among the suspects, and how many attempts that took."""
    tried = []

    def attempt(some):
        tried.append(tuple(some))
        assert len(tried) <= most
        return "because" if set(some) & set(guilty) else None

    found = dict(at_fault(suspects, attempt, "because of all"))
    assert len(set(tried)) == len(tried)
    return "".join(sorted(found)), len(tried)


@pytest.mark.parametrize("guilty", ["a", "b", "c", "d", "e", "ab", "ae", "bd", "cde", "abce", "abcde"])
def test_those_that_fail_alone_are_found_and_no_other(guilty):
    found, attempts = searched(FIVE, guilty)
    assert found == guilty
    assert attempts <= 8


@pytest.mark.parametrize("together", [set("abcde"), set("ae"), set("cd")])
def test_what_fails_only_together_is_the_fault_of_none(together):
    assert list(at_fault(FIVE, lambda some: "why" if together <= set(some) else None, "why")) == []


def test_one_of_many_takes_few_attempts_and_one_of_one_none():
    many = [f"site{number}" for number in range(1000)]
    assert all(searched(many, [guilty])[1] <= 21 for guilty in many[::37])
    assert searched("a", "a") == ("a", 0)


@pytest.mark.parametrize(
    ("guilty", "held"),
    [
        ({("b", 3)}, [("b", 3)]),
        ({("b", 2), ("b", 4), ("d", 1)}, [("b", 2), ("b", 4), ("d", 1)]),
        (set(), []),
    ],
)
def test_of_a_site_at_fault_the_days_are_found_too(guilty, held):
    def attempt(few):
        return WHY if {(site, day.day) for site in few.sites for day in few.days} & guilty else None

    week = Slice(date(2026, 11, 1), date(2026, 11, 7), frozenset(FIVE))
    assert [(found.site_id, found.day.day) for found in offences(week, WHY, attempt)] == held


def test_where_only_several_days_together_fail_the_site_is_named_without_a_day():
    def attempt(few):
        return WHY if "b" in few.sites and len(few.days) > 1 else None

    week = Slice(date(2026, 11, 1), date(2026, 11, 7), frozenset(FIVE))
    assert [(found.site_id, found.day) for found in offences(week, WHY, attempt)] == [("b", None)]


STOPPED = Failure("sessions", "model_is_built", "cannot be built: canceling statement", may_pass=True)
DAY, WEEK = date(2026, 11, 1), [date(2026, 11, day) for day in range(1, 8)]


@pytest.mark.parametrize("last", [DAY, WEEK[-1]])
@pytest.mark.parametrize("sites", ["a", "ab", "abcde"])
def test_what_fails_under_load_but_not_again_is_the_fault_of_none(sites, last):
    """Each site alone fails the first time that it is tried, and so does all together."""
    tried = [frozenset(sites)]

    def attempt(few):
        tried.append(few.sites)
        return STOPPED if tried.count(few.sites) == 1 else None

    assert offences(Slice(DAY, last, frozenset(sites)), STOPPED, attempt) == []
    assert len(tried) == len(set(tried)) + len(sites)


@pytest.mark.parametrize("last", [DAY, WEEK[-1]])
@pytest.mark.parametrize("sites", ["b", "abc"])
def test_what_fails_again_is_the_sites_fault_whatever_else_could_be_the_reason(sites, last):
    tried = []

    def attempt(few):
        tried.append(few)
        return STOPPED if "b" in few.sites and few.last == last else None

    found = offences(Slice(DAY, last, frozenset(sites)), STOPPED, attempt)
    assert [(offence.site_id, offence.day) for offence in found] == [("b", last)]
    assert tried.count(Slice(DAY, last, frozenset("b"))) == (1 if sites == "b" else 2)


def test_a_site_that_fails_under_load_beside_one_at_fault_is_not_held_with_it():
    def attempt(few):
        tried.append(few.sites)
        return WHY if "b" in few.sites else STOPPED if tried.count(few.sites) == 1 else None

    tried = []
    assert [found.site_id for found in offences(Slice(DAY, DAY, frozenset("ab")), WHY, attempt)] == ["b"]


def limited(guilty, sites=range(100), days=1):
    """(site, day or None) of each that is at fault, of sites with numbers. Guilty is what (site, day) says so of."""
    tried = []

    def attempt(few):
        tried.append(few)
        assert len(tried) <= MOST_ATTEMPTS
        return WHY if any(guilty(int(site), day.day) for site in few.sites for day in few.days) else None

    everything = Slice(date(2026, 11, 1), date(2026, 11, days), frozenset(f"{number:03}" for number in sites))
    return [(int(found.site_id), found.day and found.day.day) for found in offences(everything, WHY, attempt)]


def test_after_too_many_attempts_no_one_is_at_fault_of_whom_all_fail():
    assert limited(lambda site, day: True, range(200)) == []
    assert limited(lambda site, day: True, range(200), days=7) == []


@pytest.mark.parametrize("guilty", [lambda site: site % 2 == 1, lambda site: site < 45, lambda site: site >= 55])
def test_after_too_many_attempts_those_are_at_fault_that_were_found_and_the_rest_follows(guilty):
    """Each round is the next slice: all sites but those that are held."""
    held = set()
    while found := limited(lambda site, day: guilty(site), sites=set(range(100)) - held):
        assert all(guilty(site) for site, _ in found)
        held |= {site for site, _ in found}
    assert held == set(filter(guilty, range(100)))


def test_after_too_many_attempts_the_days_of_a_site_are_unknown():
    assert limited(lambda site, day: site == 42, days=30) == [(42, None)]
    assert limited(lambda site, day: site in {1, 2, 99}, days=30) == [(1, None), (2, None), (99, None)]


@pytest.mark.parametrize(("days", "known"), [(4, True), (30, False)])
def test_the_days_of_each_site_are_known_as_long_as_attempts_are_left(days, known):
    found = limited(lambda site, day: site in {1, 2}, days=days)
    assert found == [(site, day) for site in (1, 2) for day in (range(1, days + 1) if known else [None])]


def test_where_the_attempts_suffice_exactly_nothing_is_lost():
    """All of 31 sites cost 60 attempts."""
    assert limited(lambda site, day: True, range(31)) == [(site, 1) for site in range(31)]
    assert limited(lambda site, day: True, range(32)) == []
