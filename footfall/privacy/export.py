"""Write the data of a person into a folder to hand over: JSON, and CSV that is safe in a spreadsheet."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from footfall.privacy.find import PersonData, export_name, suppressions_of
from runtime.display import CsvWriter, shown_json
from runtime.files import make_folder

_README = """\
All that this site's warehouse holds of one person, taken {moment}.

person.json   everything, place by place
*.csv         the same, one file per place; a text that a spreadsheet would take for a formula begins with ', and
              characters that are not seen are written as \\x1b or \\u202e

Places without rows are left out of the CSV files. Delete this folder when it has been handed over; an erasure of the
person deletes it, too.
"""


def write_export(data: PersonData) -> tuple[Path, dict[str, int]]:
    """Write the export into a new folder that only its owner can read.

    Returns:
        The folder, and place → number of rows or lines in it.
    """
    moment = datetime.now(UTC)
    name = f"{export_name(suppressions_of(data.installation, data.person)[0])}-{moment:%Y%m%dT%H%M%S%f}"
    folder = data.installation.settings.exports / name
    make_folder(folder.parent)
    fresh = folder.with_name(f".{name}")
    fresh.mkdir(mode=0o700)
    found = dict(data.rows()) | {
        place: [json.loads(line) if _is_json(line) else {"line": line.decode(errors="replace")} for line in lines]
        for place, lines in data.lines()
    }
    (fresh / "README.txt").write_text(_README.format(moment=f"{moment:%Y-%m-%d %H:%M:%S} UTC"))
    document = {"site": data.person.site_id, "taken_at": moment.isoformat(), "places": found}
    (fresh / "person.json").write_text(shown_json(document))
    for place, rows in found.items():
        if rows:
            _write_csv(fresh / f"{place.replace('/', '.')}.csv", rows)
    fresh.rename(folder)
    return folder, {place: len(rows) for place, rows in found.items()}


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = CsvWriter(file)
        writer.writerow(columns)
        for row in rows:
            writer.writerow(row.get(column) for column in columns)


def _is_json(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False
