"""`footfall dbt-package`: the marts as sources for a dbt project of one's own."""

from pathlib import Path
from typing import Annotated

import typer

from footfall.cli.console import say
from footfall.cli.context import current_installation


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command("dbt-package")(dbt_package)


def dbt_package(
    folder: Annotated[Path, typer.Argument(help="An empty folder, a new one, or one with an earlier package.")],
) -> None:
    """Write a dbt package with the marts as sources: for a dbt project of your own that goes on from them."""
    from footfall.answers.dbt_package import write_package
    from footfall.pipeline.installation import manifest_of
    from warehouse.postgres.roles import Role

    with current_installation() as installation:
        manifest = manifest_of(installation)
        with installation.engine_of(Role.ANALYST).connect() as connection:
            count = write_package(connection, manifest, folder)
    say(f"{count} tables and views are sources of the package in {folder}. In packages.yml of your project:")
    say(f"packages:\n  - local: {folder.absolute()}")
    say("Then dbt deps, and select from {{ source('footfall', 'sessions') }}. The role that it needs: docs/dbt.md")
