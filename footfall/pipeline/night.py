"""A night: what it loads, which slice is next, publishing, and all steps in order. Dagster and the commands call these.

Building and checking a slice are in `candidates`. The caller of `publish` holds the lock CANDIDATE meanwhile; `nightly`
and `rebuild` take it themselves. Every step may be killed and run again.
"""

import logging
import os
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime

from expectations.checks import checker
from footfall.pipeline import candidates, dbt, holding
from footfall.pipeline.installation import Installation, published_marts
from footfall.pipeline.steps import timed
from ingestion.landing.drain import drain
from ingestion.landing.reader import sealed_segments
from ingestion.load.enrichment import public_suffixes
from ingestion.load.loader import LoadReport, load_sealed
from ingestion.load.user_agents import apply_rules
from runtime.errors import FootfallError
from runtime.failpoints import reach
from warehouse.access.sites import SiteError
from warehouse.access.zones import LeftOut, buildable_sites, last_days_over, left_out, sites_to_redate
from warehouse.postgres.locks import CANDIDATE, held
from warehouse.postgres.roles import Role
from warehouse.privacy.visitor_hashes import begin_hashes
from warehouse.publication import publish as publishing
from warehouse.publication.completeness import (
    complete_days,
    freeze_incomplete_days,
    frozen_days,
    require_complete,
)
from warehouse.publication.dirty_days import (
    Cause,
    SiteDay,
    are_new,
    has_cause,
    newest_mark,
    set_aside,
    waiting_days,
)
from warehouse.publication.held_days import HeldDay, list_held, release_changed
from warehouse.publication.redate import redate
from warehouse.publication.slices import (
    Slice,
    ask_for_rebuild,
    current_candidate,
    next_run,
)

_log = logging.getLogger(__name__)

OTHERS_PATIENCE_SECONDS = 600
"""How long a load waits for files that another loader has claimed."""

Say = Callable[[str], None]


class DaysHeldBack(FootfallError):
    """Days of sites failed their checks. They are as they were published; all others are published."""

    def __init__(self, days: Sequence[HeldDay]) -> None:
        super().__init__("\n".join(map(str, days)))
        self.days = tuple(days)


def load(installation: Installation) -> LoadReport:
    """Load every event acknowledged before now into raw.events, and mark its days dirty."""
    with timed(installation.settings, "load"):
        return _load(installation)


def _load(installation: Installation) -> LoadReport:
    landing = installation.settings.landing
    drain(landing, patience_seconds=installation.settings.segment_seconds + 5)
    waiting = set(sealed_segments(landing))
    report = load_waiting(installation)
    # Another loader (the sensor's) may have claimed some of them: wait until it has committed or died.
    deadline = time.monotonic() + OTHERS_PATIENCE_SECONDS
    while waiting & set(sealed_segments(landing)) and time.monotonic() < deadline:
        time.sleep(0.2)
        report.add(load_waiting(installation))
    return report


def load_waiting(installation: Installation, most_files: int | None = None) -> LoadReport:
    """Load segments that are sealed now, at most `most_files`, without waiting for more."""
    settings, engine = installation.settings, installation.engine_of(Role.LOADER)
    return load_sealed(
        engine, settings.landing, settings.geoip_path, settings.contact_key, os.cpu_count() or 1, most_files
    )


def next_slice(installation: Installation, through: date | None = None, until: int | None = None) -> Slice | None:
    """The next run of dirty days, or None when nothing waits to be built.

    New days go first, so that old days that come late keep no site from its newest figures. Then the oldest go first:
    with each older slice that follows, first visits move to it from newer days, which are built again.

    Before that, it stores the public suffix list if it is a newer one, marks days dirty on which newer rules classify a
    user agent differently, lets held days be built that have changed, and freezes days whose raw events are no longer
    complete: their published rows stay.

    Args:
        installation: the installation.
        through: the last day to build. With the setting `night_after_midnight` a site's own current day waits, too.
        until: the mark with which the night began: what is loaded later is left to the next night.
    """
    engine = installation.engine_of(Role.TRANSFORMER)
    version = candidates.code_version_of(installation) if holding.held_back(installation) else ""
    with engine.begin() as connection:
        public_suffixes.store(connection)
        if changed := apply_rules(connection):
            _log.warning("newer rules classify %d user agents differently; their days are built again", changed)
        set_aside(connection, [site.site_id for site in left_out(connection)])
        if version:
            release_changed(connection, version, until)
    while True:
        with engine.begin() as connection:
            waiting = waiting_days(connection, through, until)
            if through and installation.settings.night_after_midnight:
                over = last_days_over(connection)
                waiting = {each for each in waiting if each.site_id in over and each.day <= over[each.site_id]}
            held = [SiteDay(day.site_id, day.day) for day in list_held(connection)]
            # What a new timezone moved from day to day is published together.
            longest = len(waiting) if has_cause(connection, Cause.TIMEZONE) else installation.settings.max_slice_days
            wanted = next_run(waiting, held, longest, newest_first=are_new(connection, until))
            if not wanted:
                return None
            if wanted.sites == buildable_sites(connection):
                wanted = Slice(wanted.first, wanted.last)
            incomplete = freeze_incomplete_days(connection, wanted)
        for day in incomplete:
            _log.error("%s; what is published stays as it is", day)
        if not incomplete:
            return wanted


def night_begins(installation: Installation) -> int:
    """Return the newest mark: a night builds what is dirty when it begins, and what it makes stale itself."""
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        return newest_mark(connection)


def redate_sites(installation: Installation, say: Say = _log.warning) -> None:
    """Move raw events to the days of their sites' new timezones, where that was begun. The caller holds CANDIDATE."""
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        sites = sites_to_redate(connection)
    for site in sites:
        for day in redate(installation.engine, site):
            say(f"moved      events of {site} on {day}")


def sites_left_out(installation: Installation) -> list[LeftOut]:
    """Return the sites that no night builds, because their timezone is unknown."""
    with installation.engine_of(Role.TRANSFORMER).connect() as connection:
        return left_out(connection)


def publish(installation: Installation) -> publishing.Publication:
    """Publish the candidate.

    Raises:
        publishing.PublishRefused: the candidate has no passing audit; marts stay as they are.
    """
    engine, marts = installation.engine_of(Role.PUBLISHER), published_marts(installation)
    with timed(installation.settings, "publish"), engine.begin() as connection:
        done = publishing.publish(connection, current_candidate(connection), marts)
        publishing.finalise_days(connection, datetime.now(UTC).date(), installation.settings.lateness_days)
        reach("publish:before_commit", connection)
    reach("publish:after_commit")
    return done


def nightly(installation: Installation, through: date | None = None, say: Say = print) -> list[publishing.Publication]:
    """Load, then build, check and publish one slice after the other until no day that was dirty then is left.

    Raises:
        GateClosed: a candidate did not pass for what is no single site's. Slices published before it stay published.
        LoadRefused: a landed file cannot be trusted; all others were loaded, built and published.
        SiteError: the timezone of a site is unknown; all other sites were published.
        DaysHeldBack: days of sites are held back; all others were published.
    """
    with held(installation.engine_of(Role.TRANSFORMER), CANDIDATE):
        checker.start()  # Its import takes longer than a small load and build.
        loaded = load(installation)
        say(f"loaded     {loaded}")
        done = publish_dirty(installation, through, say)
    loaded.raise_for_refused()
    require_all_sites(installation)
    require_none_held(installation)
    return done


def require_none_held(installation: Installation) -> None:
    """Require that no day of a site is held back.

    Raises:
        DaysHeldBack: some are, and why.
    """
    if days := holding.held_back(installation):
        raise DaysHeldBack(days)


def require_all_sites(installation: Installation) -> None:
    """Require that no site was left out.

    Raises:
        SiteError: some were, and why.
    """
    if sites := sites_left_out(installation):
        raise SiteError("\n".join(map(str, sites)))


def rebuild(installation: Installation, wanted: Slice | None = None, say: Say = print) -> list[publishing.Publication]:
    """Build, check and publish days again (default: all days with complete raw events), and all other dirty days.

    After an interruption the published days are done; the others stay dirty for the next night.

    Raises:
        SliceError: raw events of one of the days are gone, all or some.
        SiteError: the timezone of a site is unknown; all other sites were published.
        DaysHeldBack: days of sites are held back; all others were published.
    """
    with held(installation.engine_of(Role.TRANSFORMER), CANDIDATE):
        with installation.engine_of(Role.TRANSFORMER).begin() as connection:
            if wanted:
                require_complete(connection, wanted)
            days = wanted.days if wanted else complete_days(connection)
            ask_for_rebuild(connection, days)
            kept = [] if wanted else frozen_days(connection)
        if kept:
            say(f"kept       {_counted(kept)} as published: raw events are gone, all or some")
        say(f"marked     {_counted(days)}; if interrupted, `footfall nightly` goes on where this stopped")
        done = publish_dirty(installation, None, say)
    require_all_sites(installation)
    require_none_held(installation)
    return done


def publish_dirty(installation: Installation, through: date | None, say: Say) -> list[publishing.Publication]:
    """Build, check and publish one slice after the other until nothing waits that is dirty now.

    A site with which the build or a check fails costs the others nothing: its day is held back, and the rest is built
    again without it. The caller holds CANDIDATE.

    Raises:
        BuildFailed: a candidate was not built for what is no single site's. Slices published before stay published.
        GateClosed: a candidate did not pass for what is no single site's. Slices published before stay published.
    """
    begin_hashes(installation.engine_of(Role.LOADER), installation.settings.visitor_key)
    redate_sites(installation, say)
    until = night_begins(installation)
    done: list[publishing.Publication] = []
    while wanted := next_slice(installation, through, until):
        checker.start()
        if held := _hold_or_check(installation, wanted, say):
            for day in held:
                say(f"held back  {day}")
            continue
        done.append(publish(installation))
        with installation.engine_of(Role.TRANSFORMER).connect() as connection:
            to_go = {day for _, day in waiting_days(connection, through, until)}
        say(f"published  {wanted}{f', {_counted(sorted(to_go))} to go' if to_go else ''}")
    return done


def _hold_or_check(installation: Installation, wanted: Slice, say: Say) -> list[HeldDay]:
    """Build and check a slice, and return what is held back now; nothing if all of it can be published."""
    try:
        candidates.build(installation, wanted)
    except dbt.BuildFailed as failed:
        say(f"not built  {wanted}: looking for the site at fault")
        return holding.hold_back_unbuilt(installation, failed)
    say(f"built      {wanted}")
    found = candidates.check(installation, checker.validate_elsewhere)
    if not found.passed:
        return holding.hold_back(installation, found)
    say(f"checked    {wanted}: {len(found.results)} expectations hold")
    return []


def _counted(days: Sequence[date]) -> str:
    return "1 day" if len(days) == 1 else f"{len(days):,} days"
