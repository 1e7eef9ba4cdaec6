"""Write the seed `ga4_sources` from GA4's table of sources: the text of its PDF (`pdftotext -layout`), or a CSV."""

import csv
import sys
from pathlib import Path

from dbt_project.lists.ga4_table import TableError, read_table

SEED = Path(__file__).parents[1] / "seeds" / "ga4_sources.csv"


def main(table: Path) -> int:
    """Write the seed and say what changed; write nothing if the table cannot be read to the last line."""
    try:
        found = read_table(table.read_text())
    except (OSError, TableError) as error:
        print(f"{table}: {error}; {SEED.name} stays as it is", file=sys.stderr)
        return 1
    with SEED.open() as file:
        before = {row["source"]: row["category"] for row in csv.DictReader(file)}
    with SEED.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("source", "category"), *sorted(found.items())])
    for name in sorted(before.keys() | found.keys()):
        if before.get(name) != found.get(name):
            print(f"{name}: {before.get(name, 'unknown')} → {found.get(name, 'unknown')}")
    print(f"{len(found)} sources; set `as_of` of ga4_sources in {SEED.with_name('seeds.yml').name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
