"""Erase a person: the order of the steps. `warehouse.privacy` and the landing zone know where the person's data is.

An erasure may be killed anywhere and asked for again. The suppression is committed first, so that nothing comes back.
Then rows are deleted, in one transaction; then lines of landed files and copies; then the changed days are built again.
"""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from footfall.pipeline import night
from footfall.pipeline.candidates import GateClosed
from footfall.pipeline.dbt import BuildFailed
from footfall.pipeline.installation import Installation, published_marts
from footfall.pipeline.night import Say
from footfall.privacy.find import export_folders, suppressions_of
from footfall.spark.folder import clear
from ingestion.landing.segment import SegmentManifest
from ingestion.load import ledger
from ingestion.load.file_load import suppressed_by
from ingestion.load.remove_lines import RESTING, Lines, UnreadableError, remove_lines, resting, unsearchable
from ingestion.load.suppressed import Suppressed
from runtime.failpoints import reach
from warehouse.postgres.roles import Role
from warehouse.privacy.erased_list import write_lists
from warehouse.privacy.erasure import erase_rows, vacuum, wait_for_loads
from warehouse.privacy.person import Person, find_person
from warehouse.privacy.requests import ErasureReceipt, Request, note, remember
from warehouse.privacy.suppressions import merge_suppressions, read_key, suppress
from warehouse.privacy.visitor_hashes import hashes_of
from warehouse.tables.today import today_tables

_COUNTS = ("ops.check_results", "ops.landed_files", "ops.candidate_days", "raw.privacy_subjects")
"""Tables that an erasure changes beside the places that it empties."""


def erase(installation: Installation, asked: Request, say: Say) -> ErasureReceipt:
    """Carry out a request, and return its receipt. The caller holds PRIVACY, TODAY, CANDIDATE and RETENTION."""
    with installation.engine_of(Role.ERASER).begin() as connection:
        merge_suppressions(connection, installation.settings.landing)
    say(f"loaded     {night.load(installation)}")
    person = _suppress(installation, asked)
    reach("erase:suppressed")
    receipt, person = _erase_rows(installation, asked, person)
    receipt.without_list = write_beside_backups(installation, say)
    reach("erase:deleted")
    # A load that was waited for leaves its segment sealed. Load it again: it is stored without the person's lines.
    night.load(installation)
    with installation.engine_of(Role.ERASER).connect() as connection:
        suppressed = suppressed_by(connection, installation.settings.suppression_key)
    receipt.add(remove_landed_lines(installation, suppressed, receipt))
    receipt.add(_remove_copies(installation, person))
    if not receipt.unreadable:
        receipt.unreadable_at = receipt.unreadable_at or datetime.now(UTC)
    with installation.engine_of(Role.ERASER).begin() as connection:
        note(connection, asked.request_id, receipt)
    reach("erase:files")
    say(f"deleted    {sum(receipt.places.values()):,} rows, lines and files")
    _restate(installation, receipt, say)
    reach("erase:restated")
    # Of a label `schema.table.column` the table: the planner's statistics name what was in the column.
    tables = {".".join(place.split(".")[:2]) for place in receipt.places if "." in place}
    with installation.engine.connect() as connection:
        tables.update(_COUNTS, today_tables(connection))
    vacuum(installation.engine, sorted(tables))
    return receipt


def _suppress(installation: Installation, asked: Request) -> Person:
    """Keep the person's events out from now on."""
    with installation.engine_of(Role.ERASER).begin() as connection:
        person = find_person(connection, published_marts(installation), asked.subject, asked.most_devices).joined(
            asked.known
        )
        remember(connection, asked.request_id, person)
        suppress(connection, installation.settings.landing, suppressions_of(installation, person))
    return person


def _erase_rows(installation: Installation, asked: Request, person: Person) -> tuple[ErasureReceipt, Person]:
    """Delete the rows. A load may have brought events from further devices meanwhile: these are suppressed, too."""
    receipt = asked.receipt
    with installation.engine_of(Role.ERASER).begin() as connection:
        wait_for_loads(connection)
        marts = published_marts(installation)
        person = find_person(connection, marts, asked.subject, asked.most_devices).joined(person)
        remember(connection, asked.request_id, person)
        suppressions = suppressions_of(installation, person)
        suppress(connection, installation.settings.landing, suppressions)
        suppressed = Suppressed(suppressions, read_key(installation.settings.suppression_key))
        hashes = hashes_of(connection, installation.settings.visitor_key, person)
        gone, days = erase_rows(connection, marts, person, suppressed.has_payload, hashes)
        receipt.add(gone)
        receipt.days += days
        note(connection, asked.request_id, receipt)
        reach("erase:rows", connection)
    return receipt, person


def write_beside_backups(installation: Installation, say: Say) -> list[str]:
    """Write the list of erased people beside all backups, and return the folders where that is not possible now."""
    with installation.engine_of(Role.ERASER).connect() as connection:
        missed = list(map(str, write_lists(connection, installation.settings)))
    for folder in missed:
        say(f"not in     {folder}: the list of erased people; `footfall backup` or the next night writes it there")
    return missed


def remove_landed_lines(installation: Installation, suppressed: Lines, receipt: ErasureReceipt) -> dict[str, int]:
    """Remove the lines of all suppressed people from the files that rest in the landing zone.

    Returns:
        Place → number of lines removed.
    """
    receipt.unreadable = []
    removed: dict[str, int] = {}
    for folder in RESTING:
        removed[f"landing/{folder}"] = 0
        receipt.unreadable += unsearchable(installation.settings.landing, folder)
        for file in resting(installation.settings.landing, folder):
            for leftover in file.parent.glob(f".{file.name}*.tmp"):
                leftover.unlink()
            try:
                removed[f"landing/{folder}"] += remove_lines(
                    file, suppressed, file.parent, _recorder(installation, file, folder)
                )
            except UnreadableError as error:
                receipt.unreadable.append(str(error))
    return removed


def _recorder(installation: Installation, file: Path, folder: str) -> Any:
    def record(manifest: SegmentManifest) -> None:
        with installation.engine_of(Role.ERASER).begin() as connection:
            ledger.record_rewritten(connection, file.name, manifest.sha256)

    return record if folder == "loaded" else None


def _remove_copies(installation: Installation, person: Person) -> dict[str, int]:
    """Delete exports of the person, and what may hold the person's rows: pages of checks, files of a killed build."""
    folders = export_folders(installation, person)
    exports = sum(len(list(folder.iterdir())) for folder in folders)
    for folder in folders:
        shutil.rmtree(folder)
    for page in installation.settings.checks.glob("*.html"):
        page.unlink()
    clear(installation.settings)
    return {"exports": exports}


def _restate(installation: Installation, receipt: ErasureReceipt, say: Say) -> None:
    """Build the days again. What the gate keeps back holds no row of the person, but figures still count the person."""
    try:
        night.publish_dirty(installation, None, say)
    except (GateClosed, BuildFailed) as closed:
        say(f"restatement pending: {str(closed).splitlines()[0]}")
    with installation.engine_of(Role.ERASER).connect() as connection:
        receipt.days_left = connection.execute(
            text("select count(distinct event_date) from ops.dirty_days where cause = 'erasure'")
        ).scalar_one()
    receipt.restatement = "pending" if receipt.days_left else "done"
