"""What must hold when everything has been restarted and drained: P1, P2, P3 and P6."""

from collections import Counter
from collections.abc import Collection, Iterator

from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from ingestion.landing.drain import open_segments
from ingestion.landing.reader import read_manifest, sealed_segments
from tests.support.balance import found_events, uneven_files
from tests.support.database import rows
from tests.support.installation import contents
from warehouse.publication.slices import Slice


def violations(installation: Installation, acknowledged: Collection[str], sent: Collection[str]) -> Iterator[str]:
    """Each promise that does not hold."""
    landing = installation.settings.landing
    found = Counter(found_events(installation.engine))
    if lost := set(acknowledged) - set(found):
        yield f"{len(lost)} acknowledged events are lost, such as {min(lost)}"
    if invented := set(found) - set(sent):
        yield f"{len(invented)} events were never sent, such as {min(invented)}"
    if repeated := [name for name, copies in found.items() if copies > 1]:
        yield f"{len(repeated)} events are there more than once, such as {repeated[0]}"
    if uneven := uneven_files(installation.engine):
        yield f"{len(uneven)} files do not add up, such as {uneven[0]}"
    sealed = {path.name: read_manifest(path) for path in (landing / "loaded").glob("*.zst")}
    ledger = dict(
        rows(installation.engine, "select file_name, line_count from ops.landed_files where state = 'loaded'")
    )
    if ledger != {name: manifest and manifest.line_count for name, manifest in sealed.items()}:
        yield f"the ledger knows {len(ledger)} files, {len(sealed)} were sealed, or their lines differ"
    if rejected := rows(installation.engine, "select reason, count(*) from raw.rejects group by 1"):
        yield f"there are rejects: {rejected}"
    if left := [*open_segments(landing), *sealed_segments(landing)]:
        yield f"{len(left)} segments are not loaded, such as {left[0].name}"
    if dirty := rows(installation.engine, "select distinct event_date from ops.dirty_days"):
        yield f"{len(dirty)} days are still dirty"
    [(in_sessions,)] = rows(installation.engine, "select coalesce(sum(event_count), 0)::int from marts.sessions")
    if in_sessions != found.total():
        yield f"sessions count {in_sessions} events, and there are {found.total()}"
    yield from _unlike_one_rebuild(installation)


def _unlike_one_rebuild(installation: Installation) -> Iterator[str]:
    published = contents(installation)
    [(first, last)] = rows(installation.engine, "select min(event_date), max(event_date) from raw.events")
    with installation.engine.begin() as connection:
        for mart in published:
            connection.exec_driver_sql(f"truncate marts.{mart}")
    night.rebuild(installation, Slice(first, last), say=lambda line: None)
    rebuilt = contents(installation)
    for mart, found in published.items():
        if found != rebuilt[mart]:
            lost, new = Counter(found) - Counter(rebuilt[mart]), Counter(rebuilt[mart]) - Counter(found)
            yield f"{mart} is not what one rebuild makes: {lost.total()} rows only before, {new.total()} only after"
