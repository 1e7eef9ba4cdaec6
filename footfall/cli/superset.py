"""`footfall superset`: a Superset of its own beside Footfall, and its bundle for a Superset that is there."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import complain, interrupted, note, say, warn, working
from footfall.cli.context import current_installation
from runtime.settings import load_settings

if TYPE_CHECKING:
    from footfall.pipeline.installation import Installation
    from footfall.superset.instance import Instance
    from runtime.processes import Process

commands = typer.Typer(help="Superset with dashboards of the marts: one of its own, or the bundle for another.")
Site = Annotated[str | None, typer.Option(help="Of this site alone, as its analyst; default: all sites.")]


def register(parent: typer.Typer) -> None:
    """Add the commands to the command line."""
    parent.add_typer(commands, name="superset", no_args_is_help=True)


@commands.command()
def up(
    site: Site = None,
    new_password: Annotated[bool, typer.Option("--new-password", help="Give its admin a new password.")] = False,
) -> None:
    """Run Superset with Footfall's dashboards on loopback, until Ctrl-C. The first time it is installed."""
    from footfall.superset import environment
    from footfall.superset.instance import ADMIN, Instance

    settings = load_settings()
    instance = Instance(settings, site)
    with current_installation() as installation:  # Before minutes of installing.
        _require(site, installation)
    python = environment.ready(settings.home, note)
    process = instance.process(python)
    if pid := process.pid:
        complain(f"it runs already, pid {pid}: see {instance.url}, or end it and run this again")
    password = _prepare(instance, python, new_password)
    instance.claim_port()
    process = instance.process(python)
    ended = interrupted()
    try:
        _start(instance, process)
        say(f"Superset   {instance.url}/dashboard/list/")
        if password:
            say(f"Its user {ADMIN} has this password, shown this once; a new one: --new-password")
            say(f"  {password}", style="bold")
        say("Stop it with Ctrl-C.")
        while not ended.wait(1):
            if not process.pid:
                complain(f"Superset ended. Look into {instance.log}")
    finally:
        process.stop()


@commands.command()
def bundle(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = Path("footfall-superset.zip"),
    site: Site = None,
) -> None:
    """Write the bundle that a Superset of your own imports: connection, datasets, metrics and dashboards."""
    from footfall.pipeline.installation import manifest_of
    from footfall.superset.bundle.bundle import files, zipped
    from footfall.superset.bundle.datasets import masked
    from footfall.superset.reader import analyst
    from warehouse.access.site_analysts import site_role

    with current_installation() as installation:
        _require(site, installation)
        url = analyst(installation)
        if site:
            url = url.set(username=site_role(site))
        output.write_bytes(zipped(files(manifest_of(installation), masked(url))))
    say(f"wrote {output}: in Superset, Dashboards, Import. It asks for the password of {url.username}")


def _require(site: str | None, installation: "Installation") -> None:
    from warehouse.access.sites import require_site

    if site:
        with installation.engine.connect() as connection:
            require_site(connection, site)


def _prepare(instance: "Instance", python: Path, is_new_password: bool) -> str | None:
    from footfall.pipeline.installation import manifest_of
    from footfall.superset.reader import analyst, site_analyst

    with current_installation() as installation, working("preparing Superset"):
        if instance.site:
            reader, is_new = site_analyst(installation, instance.site, instance.folder)
            if is_new:
                warn(f"{reader.username} has a new password: other programs that connect as it need one of their own")
        else:
            reader = analyst(installation)
        return instance.prepare(python, manifest_of(installation), reader, is_new_password)


def _start(instance: "Instance", process: "Process") -> None:
    from footfall.stack.stack import answers

    with working("starting Superset"):
        process.start()
        process.wait_until(lambda: answers(f"{instance.url}/health"), patience_seconds=180)
