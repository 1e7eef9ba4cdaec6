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

    found = at_fault(suspects, attempt, "because of all")
    assert len(set(tried)) == len(tried)
    return "".join(sorted(found)), len(tried)


@pytest.mark.parametrize("guilty", ["a", "b", "c", "d", "e", "ab", "ae", "bd", "cde", "abce", "abcde"])
def test_those_that_fail_alone_are_found_and_no_other(guilty):
    found, attempts = searched(FIVE, guilty)
    assert found == guilty
    assert attempts <= 8


@pytest.mark.parametrize("together", [set("abcde"), set("ae"), set("cd")])
def test_what_fails_only_together_is_the_fault_of_none(together):
    assert at_fault(FIVE, lambda some: "why" if together <= set(some) else None, "why") == {}


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


def test_after_too_many_attempts_no_one_is_at_fault():
    tried = []
    sites = frozenset(f"site{number}" for number in range(200))
    assert offences(Slice(date(2026, 11, 1), date(2026, 11, 1), sites), WHY, lambda few: tried.append(few) or WHY) == []
    assert len(tried) == MOST_ATTEMPTS
