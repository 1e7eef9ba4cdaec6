"""All suites: the checks that a candidate must pass to be published. `expectations.audit` runs them.

Checks of a mart's contract are generated for every mart. The modules of `expectations.marts` add checks of what is
worth doubting beyond it. A module needs no registration: its `CHECKS`, mart → checks, are found.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from expectations import marts as handwritten
from expectations.checks.check import Check, Suite, between, never_null, no_rows, not_negative, one_of, unique
from expectations.checks.result import GateError
from warehouse.tables.decisions import Column, Mart


def suites_of(marts: Iterable[Mart]) -> tuple[Suite, ...]:
    """Return one suite for each mart: checks of its contract, the doubts of its yml, and hand-written checks.

    Raises:
        GateError: hand-written checks name a mart that is not among these.
    """
    by_name = {mart.name: mart for mart in marts}
    if strangers := sorted(_handwritten().keys() - by_name.keys()):
        raise GateError(
            f"expectations/marts has checks of {', '.join(strangers)}, which is no mart: take them out, or bring its"
            " model back"
        )
    return tuple(
        Suite(name, mart.primary_key, (*contract_checks(mart), *_doubts(mart), *_handwritten().get(name, ())))
        for name, mart in by_name.items()
    )


def contract_checks(mart: Mart) -> tuple[Check, ...]:
    """Return checks of the mart's contract: its key, columns that are never null, allowed values and ranges.

    A number is never below zero unless its range says otherwise.
    """
    return (
        unique(*mart.primary_key),
        *never_null(*(column.name for column in mart.columns if column.is_required)),
        *(one_of(column.name, *column.rules.values) for column in mart.columns if column.rules.values),
        *(check for column in mart.columns if column.is_number for check in _range(column)),
    )


def _range(column: Column) -> tuple[Check, ...]:
    least, most = column.rules.range
    if (least, most) == (0, None):
        return not_negative(column.name)
    return () if least is most is None else (between(column.name, least, most),)


def _doubts(mart: Mart) -> Iterator[Check]:
    return (no_rows(doubt.name, doubt.claim, doubt.query) for doubt in mart.checks)


@cache
def _handwritten() -> Mapping[str, tuple[Check, ...]]:
    """Return the checks of all modules of `expectations.marts`, mart → checks."""
    found: dict[str, tuple[Check, ...]] = {}
    for module in iter_modules(handwritten.__path__):
        for mart, checks in getattr(import_module(f"{handwritten.__name__}.{module.name}"), "CHECKS", {}).items():
            found[mart] = found.get(mart, ()) + checks
    return found
