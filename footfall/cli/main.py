"""The command line: what comes before a command and after it. The commands are in `commands`."""

import gc
import sys

from runtime import environment


def app() -> None:
    """Run the command; an expected failure is one clear message and exit code 1."""
    # Before all imports that take time: it may start the process again.
    environment.begin()
    # Nearly all that a command makes lives to its end: collecting garbage took a fifth of a short one's time, and a
    # second of a quiet night's.
    gc.set_threshold(100_000)
    try:
        _run()
    finally:
        gc.freeze()  # Python ends with one more collection.


def _run() -> None:
    from footfall.cli.commands import typed
    from footfall.cli.console import complain, crash, show_logs
    from runtime.errors import FootfallError

    show_logs()
    try:
        typed()
    except (FootfallError, FileNotFoundError) as error:
        complain(str(error))
    except Exception as error:
        if said := _known(error):
            complain(said)
        crash(error)
    sys.exit(1)


def _known(error: Exception) -> str | None:
    """Return what a person can do about a failure that no part of ours expects: of a disk, or of the database."""
    from psycopg import OperationalError
    from psycopg.errors import QueryCanceled

    from runtime.errors import explain
    from warehouse.postgres.connect import has_no_slot, is_full_disk

    said = getattr(error, "orig", error)
    if not isinstance(said, OperationalError):
        return explain(error)
    if is_full_disk(said):
        return f"the disk of PostgreSQL is full: {said}\nMake room and run it again."
    if has_no_slot(said):
        return (
            f"no connection is free: {said}\n`footfall readers` shows which readers are connected: close what no"
            " one uses, or let the tool keep fewer open."
        )
    if isinstance(said, QueryCanceled):
        return f"it took longer than it may: {said}\nAsk for fewer days; docs/security.md says how long readers have."
    return f"the database does not answer: {said}\nTry `footfall doctor`."
