"""Whose data stops a build or a check: found by attempts with fewer sites, then with fewer days of a site.

It decides what to attempt next. The attempts themselves are the caller's.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from warehouse.publication.held_days import Failure, Offence
from warehouse.publication.slices import Slice

MOST_ATTEMPTS = 60
"""So many are made at most: a model that fails with all sites would cost two for each."""


Suspect = TypeVar("Suspect")
Why = TypeVar("Why")


class _TooManyAttempts(Exception):
    pass


def offences(failed: Slice, failure: Failure, attempt: Callable[[Slice], Failure | None]) -> list[Offence]:
    """Return for which sites and days an attempt fails also alone; none if only several together fail.

    After MOST_ATTEMPTS the day of a site is unknown. Of the sites those are returned that were found until then, but
    none if no attempt succeeded: it may be no site's fault. A site with a failure that may pass is attempted again.

    Args:
        failed: what failed, with its sites.
        failure: why it failed.
        attempt: tries fewer sites or days, and returns why they fail, or None.
    """
    made: list[Failure | None] = []

    def limited(smaller: Slice) -> Failure | None:
        if len(made) == MOST_ATTEMPTS:
            raise _TooManyAttempts
        made.append(attempt(smaller))
        return made[-1]

    def with_sites(sites: Sequence[str]) -> Failure | None:
        return limited(Slice(failed.first, failed.last, frozenset(sites)))

    of_sites: list[tuple[str, Failure]] = []
    try:
        for site, why in at_fault(sorted(failed.sites or ()), with_sites, failure):
            if again := with_sites([site]) if why.may_pass else why:
                of_sites.append((site, again))
    except _TooManyAttempts:
        if all(made):
            return []
    return [offence for site, why in of_sites for offence in _of_days(failed, site, why, limited)]


def _of_days(failed: Slice, site: str, failure: Failure, attempt: Callable[[Slice], Failure | None]) -> list[Offence]:
    def with_days(days: Sequence[date]) -> Failure | None:
        return attempt(Slice(days[0], days[-1], frozenset([site])))

    try:
        found = [Offence(**vars(why), site_id=site, day=day) for day, why in at_fault(failed.days, with_days, failure)]
    except _TooManyAttempts:
        found = []
    return found or [Offence(**vars(failure), site_id=site, day=None)]


def at_fault(
    suspects: Sequence[Suspect], attempt: Callable[[Sequence[Suspect]], Why | None], failure: Why | None = None
) -> Iterator[tuple[Suspect, Why]]:
    """Find those suspects with each of which an attempt fails alone, and why it does.

    All together are known to fail. One among n costs about 1.5 log2(n) attempts, all n cost 2 n - 2.

    Args:
        suspects: at least one, in an order in which neighbours may be tried together.
        attempt: tries some of them, and returns why it fails, or None.
        failure: why an attempt with all of them failed; None where that was concluded, and not tried.

    Yields:
        (suspect, why it fails), in their order.
    """
    if len(suspects) == 1:
        if failure := failure or attempt(suspects):
            yield suspects[0], failure
        return
    half = len(suspects) // 2
    first, second = suspects[:half], suspects[half:]
    if not (of_first := attempt(first)):
        yield from at_fault(second, attempt)
        return
    # Before either is halved: what can be built shows early.
    of_second = attempt(second)
    yield from at_fault(first, attempt, of_first)
    if of_second:
        yield from at_fault(second, attempt, of_second)
