"""`footfall service`: units of systemd that start the installation with the machine, and keep it running."""

from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.console import complain, note, say, table, warn
from runtime.settings import load_settings

_USER = typer.Option("--user", help="Of your own systemd, not the machine's.")
commands = typer.Typer(help="Units of systemd: started with the machine, and started again when they die.")


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(commands, name="service", no_args_is_help=True)


@commands.command()
def install(
    is_users: Annotated[bool, _USER] = False,
    only_print: Annotated[bool, typer.Option("--print", help="Show the units, and change nothing.")] = False,
) -> None:
    """Write units for this folder's installation, start them, and let them start with the machine."""
    from footfall.service.systemd import Systemd
    from footfall.service.units import ready_home, units
    from footfall.stack.processes import processes

    settings, folder = load_settings(), Path.cwd()
    texts = units(settings, folder, is_users)
    if only_print:
        for name, text in texts.items():
            say(f"# {name}\n{text}")
        return
    running = [name for name, process in processes(settings).items() if process.pid and not process.is_in_foreground]
    if running:
        complain(f"{', '.join(running)}: still running from `footfall up`; first: footfall down")
    ready_home(settings, folder, is_users)
    systemd = Systemd(is_users)
    runs = systemd.install(texts)
    say(f"wrote {len(texts)} units to {systemd.folder}")
    say("They run: footfall status" if runs else "systemd does not run here; they start with the machine.")
    if is_users:
        note("Your units start when you log in. To start them with the machine: loginctl enable-linger")


@commands.command()
def remove(is_users: Annotated[bool, _USER] = False) -> None:
    """Stop the units and remove them. The data stay."""
    from footfall.service.systemd import Systemd

    say("the units are gone; the data stay" if Systemd(is_users).remove() else "there are no units")


@commands.command()
def status(is_users: Annotated[bool, _USER] = False) -> None:
    """Show what systemd says of each unit."""
    from footfall.service.systemd import Systemd

    states = Systemd(is_users).states()
    if not states:
        warn("there are no units; footfall service install")
    table("Units", ["unit", "state", "started again"], states)
