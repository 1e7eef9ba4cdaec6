"""`footfall backup`, `footfall restore` and `footfall upgrade`."""

from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.console import say, working
from footfall.cli.context import current_installation


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    for command in (backup, restore, upgrade):
        parent.command()(command)


def backup(
    folder: Annotated[Path | None, typer.Argument(help="Where backups lie (default: `backups` in the home).")] = None,
    keep: Annotated[int | None, typer.Option(help="Delete all but the newest so many.", min=1)] = None,
) -> None:
    """Back up the database, the landed files and the keys of the hashes, while everything goes on."""
    from footfall.backup.backup import make_backup, remove_all_but

    with current_installation() as installation:
        folder = (folder or installation.settings.backups).resolve()
        with working("backing up"):
            made = make_backup(installation, folder)
    size = sum(content.bytes for content in made.manifest.files.values())
    say(f"{made.folder}: {made.manifest.loaded_events:,} loaded events, {size:,} bytes")
    for removed in remove_all_but(installation.settings, folder, keep) if keep else []:
        say(f"deleted {removed}")


def restore(
    folder: Annotated[Path, typer.Argument(help="One backup: the folder that holds its manifest.json.")],
    yes: Annotated[bool, typer.Option("--yes", help="Also where the database holds what the backup does not.")] = False,
    erased: Annotated[
        Path | None,
        typer.Option(help="The list of erased people, if it is not beside the backup.", show_default=False),
    ] = None,
    without_erased: Annotated[
        bool, typer.Option("--without-erased", help="Also where that list is lost: people erased since come back.")
    ] = False,
) -> None:
    """Put a backup back. What was landed since is loaded again by the next night, each event once."""
    from footfall.backup.backup import open_backup
    from footfall.backup.restore import RestoreError, compare, require_fitting
    from footfall.backup.restore import restore as put_back
    from footfall.privacy.requests import erase_again

    with working("reading the backup"):
        found = open_backup(_single(folder.resolve()))
    with current_installation(of_any_version=True) as installation:
        settings = installation.settings
        listed = require_fitting(settings, found, erased, without_erased)
        if listed.as_of:
            say(f"the list of erased people is of {listed.as_of:%Y-%m-%d %H:%M:%S} UTC")
        since = compare(installation, found)
        if since.loaded_files:
            say(str(since))
            if not yes:
                raise RestoreError("the database holds what the backup does not: with --yes the backup takes its place")
    with working("restoring"):
        waiting = put_back(settings, found, erased, without_erased)
    say(f"the database is that of {found.manifest.made_at:%Y-%m-%d %H:%M:%S} UTC; {waiting:,} files wait to be loaded")
    with current_installation() as installation:
        if people := erase_again(installation, say):
            say(f"erased again: {people:,} people who were erased since the backup, or their devices")
    say("Next: footfall nightly, then footfall up")


def upgrade(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the backup is made (default: where nightly ones are).")
    ] = None,
) -> None:
    """Bring the database to the version of these programs: back up, migrate, build again what newer rules change.

    If that fails, the database is as it was.
    """
    from footfall.backup.upgrade import upgrade as bring_up_to_date

    with current_installation(of_any_version=True) as installation:
        if not bring_up_to_date(installation, (folder or installation.settings.backups).resolve(), say):
            say("nothing to do: the database is of this version, and all days are built by its rules")
            return
    say("Next: footfall up")


def _single(folder: Path) -> Path:
    from footfall.backup.restore import RestoreError
    from footfall.pipeline.backups import list_backups

    if backups := list_backups(folder):
        raise RestoreError(f"{folder} holds {len(backups)} backups; choose one, such as {backups[-1]}")
    return folder
