"""`python -m tests.torture`: try to break the promises for minutes rather than seconds; exit code 1 if one breaks.

Bounded by `--minutes`: what is not done by then is left out, and the figures say so.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from footfall.pipeline.installation import Installation, open_installation
from footfall.stack.stack import prepare_database
from runtime.settings import Settings
from tests.torture.disks import full_disks, small_disk
from tests.torture.parts import named_faults, storm
from warehouse.access.sites import add_site
from warehouse.postgres.database import embedded_server


def main() -> int:
    """Run all parts and say what holds."""
    parser = argparse.ArgumentParser(prog="make torture", description="Kill everything, again and again.")
    parser.add_argument("--kills", type=int, default=200, help="of the collector, under load (200)")
    parser.add_argument("--nights", type=int, default=20, help="killed at random moments meanwhile (20)")
    parser.add_argument("--events", type=int, default=100_000, help="acknowledged at the least (100,000)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="for the same choices again")
    parser.add_argument("--minutes", type=float, default=40, help="at the most (40); half of them for each part")
    asked = parser.parse_args()
    print(f"seed          {asked.seed}", flush=True)

    def say(line: str) -> None:
        print(line, flush=True)

    part = asked.minutes * 30
    with fresh_installation() as installation:
        wrong = named_faults(installation, random.Random(asked.seed), time.monotonic() + part, say)
    with fresh_installation() as installation:
        wrong += storm(installation, asked.kills, asked.nights, asked.seed, time.monotonic() + part, say, asked.events)
    with small_disk() as disk, fresh_installation(disk) as installation:
        wrong += full_disks(installation, disk, say)
    for broken in wrong:
        say(f"BROKEN        {broken}")
    say(f"verdict       {f'{len(wrong)} violations' if wrong else 'every promise held'}")
    return int(bool(wrong))


@contextmanager
def fresh_installation(parent: Path | None = None) -> Iterator[Installation]:
    """An installation as people have it, with its embedded server, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="footfall-torture-", dir=parent) as folder:
        Path(folder).chmod(0o755)  # The server may run as another user.
        settings = Settings(home=Path(folder) / "home", postgres_port=0, segment_bytes=100_000, segment_seconds=0.5)
        prepare_database(settings)
        try:
            with open_installation(settings) as installation:
                with installation.engine.begin() as connection:
                    add_site(connection, "shop")
                yield installation
        finally:
            if server := embedded_server(settings):
                server.stop()


if __name__ == "__main__":
    sys.exit(main())
