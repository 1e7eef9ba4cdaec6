"""All data of one person at one moment: rows of the database and lines of landed files. Changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from footfall.pipeline.installation import Installation, published_marts
from ingestion.load.remove_lines import RESTING, find_lines, resting
from ingestion.load.suppressed import Suppressed
from warehouse.postgres.roles import Role
from warehouse.privacy.person import Person, Subject, find_person
from warehouse.privacy.personal_data import collect_ids, personal_data
from warehouse.privacy.suppressions import Suppression, make_key, read_key, subject_hash
from warehouse.privacy.visitor_hashes import hashes_of


@dataclass(frozen=True)
class Found:
    """How much data of the person is in one place."""

    place: str
    rows: int
    bytes: int


@dataclass(frozen=True)
class PersonData:
    """The data that an export shows and an erasure deletes."""

    installation: Installation
    connection: Connection
    person: Person
    suppressed: Suppressed

    def measure(self) -> list[Found]:
        """Return how much there is, place by place."""
        marts = published_marts(self.installation)
        rows = [
            Found(place.name, *place.measure(self.connection, self.person))
            for place in personal_data(self.connection, marts)
        ]
        lines = [Found(place, len(found), sum(map(len, found))) for place, found in self.lines()]
        exports = [path for folder in export_folders(self.installation, self.person) for path in folder.iterdir()]
        return [*rows, *lines, Found("exports", len(exports), sum(path.stat().st_size for path in exports))]

    def rows(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Read the person's rows.

        Returns:
            For each place in the database its name and its rows, each as column → value.
        """
        for place in personal_data(self.connection, published_marts(self.installation)):
            yield place.name, place.read(self.connection, self.person)

    def lines(self) -> Iterator[tuple[str, list[bytes]]]:
        """Read the person's landed lines.

        Returns:
            For each landing folder where files rest its name and the lines, without line feeds.
        """
        for folder in RESTING:
            files = resting(self.installation.settings.landing, folder)
            yield f"landing/{folder}", [line for file in files for line in find_lines(file, self.suppressed)]


@contextmanager
def data_of(installation: Installation, subject: Subject, most_devices: int) -> Iterator[PersonData]:
    """Find the person, and keep one snapshot of the database for all reads.

    Raises:
        PersonError: the id does not belong to one person.
    """
    with (
        installation.engine_of(Role.ERASER).connect().execution_options(isolation_level="REPEATABLE READ") as connection
    ):
        key = make_key(connection, installation.settings.landing, installation.settings.suppression_key)
        person = find_person(connection, published_marts(installation), subject, most_devices)
        suppressed = Suppressed(suppressions_of(installation, person), key)
        hashes = hashes_of(connection, installation.settings.visitor_key, person)
        collect_ids(connection, person, suppressed.has_payload, hashes)
        yield PersonData(installation, connection, person, suppressed)
        connection.rollback()


def suppressions_of(installation: Installation, person: Person) -> list[Suppression]:
    """Return the suppressions of the person, which also find the person's lines; first that of the id asked for."""
    key, now = read_key(installation.settings.suppression_key), datetime.now(UTC)
    devices = {each: subject_hash(key, person.site_id, "device", each.device) for each in person.intervals}
    if person.user_id is None:
        return [Suppression(person.site_id, "device", hashed, hashed, now) for hashed in devices.values()]
    user = subject_hash(key, person.site_id, "user", person.user_id)
    return [Suppression(person.site_id, "user", user, user, now)] + [
        Suppression(person.site_id, "device", hashed, user, now, each.from_at, each.until_at)
        for each, hashed in devices.items()
    ]


def export_folders(installation: Installation, person: Person) -> list[Path]:
    """Return the folders of exports of the person, finished or not."""
    names = {export_name(each) for each in suppressions_of(installation, person)}
    folder = installation.settings.exports
    return sorted(path for name in names for path in [*folder.glob(f"{name}-*"), *folder.glob(f".{name}-*")])


def export_name(of: Suppression) -> str:
    """Return the start of the name of an export's folder. It holds no id."""
    return f"{of.site_id}-{of.subject_hash[:8]}"
