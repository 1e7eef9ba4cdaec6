"""Whose data stops a build or a check: found by attempts with fewer sites, then with fewer days of a site.

It decides what to attempt next. The attempts themselves are the caller's.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from warehouse.publication.held_days import Failure, Offence
from warehouse.publication.slices import Slice

MOST_ATTEMPTS = 60
"""After so many attempts no one is at fault: a model that fails with all sites would cost two for each."""


Suspect = TypeVar("Suspect")
Why = TypeVar("Why")


class _TooManyAttempts(Exception):
    pass


def offences(failed: Slice, failure: Failure, attempt: Callable[[Slice], Failure | None]) -> list[Offence]:
    """Return for which sites and days an attempt fails also alone; none if only several together fail.

    Args:
        failed: what failed, with its sites.
        failure: why it failed.
        attempt: tries fewer sites or days, and returns why they fail, or None.
    """
    attempts = iter(range(MOST_ATTEMPTS))

    def limited(smaller: Slice) -> Failure | None:
        if next(attempts, None) is None:
            raise _TooManyAttempts
        return attempt(smaller)

    def with_sites(sites: Sequence[str]) -> Failure | None:
        return limited(Slice(failed.first, failed.last, frozenset(sites)))

    try:
        of_sites = at_fault(sorted(failed.sites or ()), with_sites, failure)
        return [found for site, why in of_sites.items() for found in _of_days(failed, site, why, limited)]
    except _TooManyAttempts:
        return []


def _of_days(failed: Slice, site: str, failure: Failure, attempt: Callable[[Slice], Failure | None]) -> list[Offence]:
    found = at_fault(failed.days, lambda days: attempt(Slice(days[0], days[-1], frozenset([site]))), failure)
    if not found:
        return [Offence(**vars(failure), site_id=site, day=None)]
    return [Offence(**vars(why), site_id=site, day=day) for day, why in found.items()]


def at_fault(
    suspects: Sequence[Suspect], attempt: Callable[[Sequence[Suspect]], Why | None], failure: Why | None = None
) -> dict[Suspect, Why]:
    """Return those suspects with each of which an attempt fails alone, and why it does.

    All together are known to fail. One among n costs about 1.5 log2(n) attempts, all n cost 2 n - 2.

    Args:
        suspects: at least one, in an order in which neighbours may be tried together.
        attempt: tries some of them, and returns why it fails, or None.
        failure: why an attempt with all of them failed; None where that was concluded, and not tried.
    """
    if len(suspects) == 1:
        failure = failure or attempt(suspects)
        return {suspects[0]: failure} if failure else {}
    half = len(suspects) // 2
    first, second = suspects[:half], suspects[half:]
    if not (failed := attempt(first)):
        return at_fault(second, attempt)
    found = at_fault(first, attempt, failed)
    if failed := attempt(second):
        found |= at_fault(second, attempt, failed)
    return found
