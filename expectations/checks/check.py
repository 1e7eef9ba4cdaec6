"""A check as data, and the few kinds of checks there are. Runs nothing; knows no database.

A query is plain SQL with every table named by its schema, so that a person can run it as it stands. It returns the
offending rows: a check passes when there are none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Check:
    """One thing that must hold of a mart."""

    name: str
    claim: str
    """The name for people: a sentence that is true when the check passes."""
    expectation: str
    """The class in `great_expectations.expectations`."""
    arguments: Mapping[str, Any]

    @property
    def is_query(self) -> bool:
        """Whether it is a hand-written query; else it is about one or more columns of the mart."""
        return self.expectation == "UnexpectedRowsExpectation"


@dataclass(frozen=True)
class Suite:
    """All checks of one mart."""

    mart: str
    key: tuple[str, ...]
    """The columns that name a row of the mart."""
    checks: tuple[Check, ...]

    def __post_init__(self) -> None:
        names = [check.name for check in self.checks]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.mart}: two checks of one name")


def never_null(*columns: str) -> tuple[Check, ...]:
    """Each of the columns always has a value."""
    return tuple(
        Check(
            f"{column}_is_known",
            f"{column} is never null",
            "ExpectColumnValuesToNotBeNull",
            {"column": column},
        )
        for column in columns
    )


def not_negative(*columns: str) -> tuple[Check, ...]:
    """None of the columns is below zero; null is allowed."""
    return tuple(
        Check(
            f"{column}_is_not_negative",
            f"{column} is never below zero",
            "ExpectColumnValuesToBeBetween",
            {"column": column, "min_value": 0},
        )
        for column in columns
    )


def between(column: str, least: float | None, most: float | None) -> Check:
    """The column lies in a range, both ends included; an end of None is open; null is allowed."""
    ends = {"min_value": least, "max_value": most}
    limits = [f"{word} {end:,}" for word, end in (("at least", least), ("at most", most)) if end is not None]
    return Check(
        f"{column}_is_in_range",
        f"{column} is {' and '.join(limits)}",
        "ExpectColumnValuesToBeBetween",
        {"column": column} | {name: end for name, end in ends.items() if end is not None},
    )


def one_of(column: str, *values: str) -> Check:
    """The column is one of the values, or null."""
    return Check(
        f"{column}_is_one_of_the_known",
        f"{column} is {' or '.join(filter(None, (', '.join(values[:-1]), values[-1])))}",
        "ExpectColumnValuesToBeInSet",
        {"column": column, "value_set": list(values)},
    )


def unique(*columns: str) -> Check:
    """No two rows have the same key."""
    return Check(
        "key_is_unique",
        f"There is one row per {', '.join(columns)}",
        "ExpectCompoundColumnsToBeUnique",
        {"column_list": list(columns)},
    )


def no_rows(name: str, claim: str, query: str) -> Check:
    """The query finds no offending row."""
    return Check(name, claim, "UnexpectedRowsExpectation", {"unexpected_rows_query": query.strip()})


def usual(name: str, claim: str, query: str) -> Check:
    """No figure is far from what is usual, except where a person accepted it.

    The query returns the offending rows with the columns `site_id`, `event_date`, `figure` and `usual`. A figure stays
    accepted while it lies between what is usual and the figure that was accepted.
    """
    return no_rows(
        name,
        claim,
        f"""
        select unusual.*
        from (
            {query.strip()}
        ) as unusual
        where not exists (
            select 1 from ops.accepted_figures as accepted
            where accepted.site_id = unusual.site_id
                and accepted.event_date = unusual.event_date
                and accepted.expectation = '{name}'
                and unusual.figure between least(accepted.figure, unusual.usual)
                    and greatest(accepted.figure, unusual.usual)
        )
        """,
    )
