"""Each step of the days of an installation on a disk that is full, and again when it has room. It needs root to mount."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from footfall.pipeline import night
from footfall.pipeline.installation import Installation
from tests.support.command import footfall
from tests.support.database import rows
from tests.support.events import Landing, event
from tests.torture.verdict import violations

MEGABYTES = 700
LEFT_BYTES = 200_000
STEPS = (("load",), ("nightly",), ("backup",), ("retain",))
ERASURE = ("person", "erase", "--site", "shop", "--device", "d1", "--yes")
NAMES_IT = ("space left on", "disk", "full")


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of `MEGABYTES`, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="footfall-disk-") as folder:
        Path(folder).chmod(0o755)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], check=True)
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Only `LEFT_BYTES` are free meanwhile."""
    filler = folder / "filler"
    state = os.statvfs(folder)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, state.f_bavail * state.f_frsize - LEFT_BYTES))
    try:
        yield
    finally:
        filler.unlink()


def full_disks(installation: Installation, disk: Path, say: Callable[[str], None]) -> list[str]:
    """Every step fails with the reason while the disk is full, and succeeds afterwards with nothing lost."""
    landing, sent, wrong = Landing(installation.settings.landing), set(), []
    for number, step in enumerate(STEPS):
        at = datetime.now(UTC) - timedelta(days=2)
        batch = [
            event(at + n * timedelta(seconds=40), f"d{n % 7}", event_id=f"{number}/{n}", page_title="x" * 200)
            for n in range(2_000)
        ]
        sent |= {fields["event_id"] for fields in batch}
        landing.land(*batch)
        wrong += _twice(installation, disk, *step)
    night.nightly(installation, say=lambda line: None)
    wrong += violations(installation, sent, sent)
    # Last, because it takes lines out of files that the ledger knows.
    wrong += _twice(installation, disk, *ERASURE)
    if rows(installation.engine, "select 1 from raw.events where anonymous_id = 'd1'"):
        wrong.append("events of an erased person are left")
    say(f"full disks    {len(STEPS) + 1} steps")
    return wrong


def _twice(installation: Installation, disk: Path, *step: str) -> Iterator[str]:
    """Take a step on a full disk, and again with room; give what is wrong with how it ended."""
    command = f"`footfall {' '.join(step)}`"
    with filled(disk):
        full = footfall(installation.settings.home, *step)
    said = " ".join((full.stdout + full.stderr).split())
    if full.returncode == 0 and step[0] in ("load", "nightly"):
        yield f"{command} ended well on a full disk"
    if "Traceback" in said or (full.returncode and not any(word in said for word in NAMES_IT)):
        yield f"{command} on a full disk: {said[-300:]}"
    again = footfall(installation.settings.home, *step)
    if again.returncode:
        yield f"{command} with room again: {again.stderr[-300:]}"
