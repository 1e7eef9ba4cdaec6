"""Erase a person: the order of the steps. Where the person is: `warehouse.privacy` and the landing zone.

It may be killed anywhere and asked for again. Suppression is committed first, so that nothing comes back; then rows go,
in one transaction; then lines of landed files and copies; then the days are built again that this changes.
"""

import shutil
from pathlib import Path
from typing import Any

from sqlalchemy import text

from footfall.pipeline import night
from footfall.pipeline.dbt import BuildFailed
from footfall.pipeline.installation import Installation, published_marts
from footfall.pipeline.night import GateClosed, Say
from footfall.privacy.find import export_folders, suppressions_of
from ingestion.landing.segment import Manifest
from ingestion.load import ledger
from ingestion.load.file_load import suppressed_by
from ingestion.load.remove_lines import STATIONS, UnreadableError, resting, scrub
from ingestion.load.suppressed import Suppressed
from runtime.failpoints import reach
from warehouse.postgres.roles import Role
from warehouse.privacy.erasure import erase_rows, vacuum, wait_for_loads
from warehouse.privacy.person import Person, find_person
from warehouse.privacy.requests import Request, note, remember
from warehouse.privacy.suppressions import merge_suppressions, read_key, suppress

_COPIES = ("ops.check_results", "ops.landed_files", "ops.candidate_days", "raw.privacy_subjects")
"""What an erasure changes beside the places it empties."""


def erase(here: Installation, asked: Request, say: Say) -> dict[str, Any]:
    """Carry out a request, and return its receipt. The caller holds PRIVACY, CANDIDATE and RETENTION."""
    with here.engine_of(Role.ERASER).begin() as connection:
        merge_suppressions(connection, here.settings.landing)
    say(f"loaded     {night.load(here)}")
    person = _suppress(here, asked)
    reach("erase:suppressed")
    receipt, person = _erase_rows(here, asked, person)
    reach("erase:deleted")
    # What a load had in hand while it was waited for lies where it was sealed; loaded again, it is put away clean.
    night.load(here)
    with here.engine_of(Role.ERASER).connect() as connection:
        suppressed = suppressed_by(connection, here.settings.suppression_key)
    _add(receipt, scrub_landing(here, suppressed, receipt))
    _add(receipt, _remove_copies(here, person))
    with here.engine_of(Role.ERASER).begin() as connection:
        note(connection, asked.request_id, receipt)
    reach("erase:files")
    say(f"deleted    {sum(receipt['places'].values()):,} rows, lines and files")
    _restate(here, receipt, say)
    reach("erase:restated")
    vacuum(here.engine, [*(place for place in receipt["places"] if place.count(".") == 1), *_COPIES])
    return receipt


def _suppress(here: Installation, asked: Request) -> Person:
    """Keep the person's events out from now on."""
    with here.engine_of(Role.ERASER).begin() as connection:
        person = find_person(connection, published_marts(here), asked.subject, asked.most_devices).joined(asked.known)
        remember(connection, asked.request_id, person)
        suppress(connection, here.settings.landing, suppressions_of(here, person))
    return person


def _erase_rows(here: Installation, asked: Request, person: Person) -> tuple[dict[str, Any], Person]:
    """Delete the rows. What a load brought meanwhile may tell of more devices: they are suppressed with it."""
    receipt: dict[str, Any] = {"places": {}, "days": 0} | asked.receipt
    with here.engine_of(Role.ERASER).begin() as connection:
        wait_for_loads(connection)
        marts = published_marts(here)
        person = find_person(connection, marts, asked.subject, asked.most_devices).joined(person)
        remember(connection, asked.request_id, person)
        suppressions = suppressions_of(here, person)
        suppress(connection, here.settings.landing, suppressions)
        theirs = Suppressed(suppressions, read_key(here.settings.suppression_key))
        gone, days = erase_rows(connection, marts, person, theirs.has_payload)
        _add(receipt, gone)
        receipt["days"] += days
        note(connection, asked.request_id, receipt)
        reach("erase:rows", connection)
    return receipt, person


def scrub_landing(here: Installation, suppressed: Suppressed, receipt: dict[str, Any]) -> dict[str, int]:
    """Take the lines of all who are suppressed out of the files that rest in the landing zone."""
    receipt["unreadable"] = []
    removed: dict[str, int] = {}
    for station in STATIONS:
        removed[f"landing/{station}"] = 0
        for file in resting(here.settings.landing, station):
            for leftover in file.parent.glob(f".{file.name}*.tmp"):
                leftover.unlink()
            try:
                removed[f"landing/{station}"] += scrub(file, suppressed, file.parent, _recorder(here, file, station))
            except UnreadableError as error:
                receipt["unreadable"].append(str(error))
    return removed


def _recorder(here: Installation, file: Path, station: str) -> Any:
    def record(manifest: Manifest) -> None:
        with here.engine_of(Role.ERASER).begin() as connection:
            ledger.record_rewritten(connection, file.name, manifest.sha256)

    return record if station == "loaded" else None


def _remove_copies(here: Installation, person: Person) -> dict[str, int]:
    """Exports of the person, and the pages of checks, which show rows of anybody."""
    folders = export_folders(here, person)
    exports = sum(len(list(folder.iterdir())) for folder in folders)
    for folder in folders:
        shutil.rmtree(folder)
    for page in here.settings.checks.glob("*.html"):
        page.unlink()
    return {"exports": exports}


def _restate(here: Installation, receipt: dict[str, Any], say: Say) -> None:
    """Build the days again; where the gate closes, nothing of the person is in marts, but figures still count them."""
    try:
        night.publish_dirty(here, None, say)
        receipt["restatement"] = "done"
    except (GateClosed, BuildFailed) as closed:
        receipt["restatement"] = "pending"
        say(f"restatement pending: {str(closed).splitlines()[0]}")
    with here.engine_of(Role.ERASER).connect() as connection:
        receipt["days_left"] = connection.execute(
            text("select count(distinct event_date) from ops.dirty_days where cause = 'erasure'")
        ).scalar_one()


def _add(receipt: dict[str, Any], gone: dict[str, int]) -> None:
    for place, rows in gone.items():
        receipt["places"][place] = receipt["places"].get(place, 0) + rows
