"""MetricFlow's command `mf` on what is published. The metrics are in `dbt_project/models/metrics/`."""

import json
import os
from collections.abc import Sequence

from footfall.answers.mf_command import mf
from footfall.pipeline import dbt
from footfall.pipeline.installation import Installation, readers_manifest
from warehouse.postgres.roles import Role


def environment(installation: Installation) -> dict[str, str]:
    """Return the environment that lets `mf` read the published marts as the analyst.

    Returns:
        Environment variable → value.
    """
    target = readers_manifest(installation).parent
    # It looks for dbt's manifest in target/ beside the project file, wherever dbt writes it.
    project = target.parent
    (project / "dbt_project.yml").write_text((dbt.PROJECT_DIR / "dbt_project.yml").read_text())
    given = dbt.environment(installation.settings, installation.database.roles[Role.ANALYST], dbt.PUBLISHED)
    return given | {"DBT_PROJECT_DIR": str(project)}


def metrics(installation: Installation) -> list[tuple[str, str]]:
    """List the metrics.

    Returns:
        Pairs of name and description.
    """
    manifest = json.loads(readers_manifest(installation).read_text())
    return sorted((metric["name"], metric["description"]) for metric in manifest["metrics"].values())


def run(installation: Installation, arguments: Sequence[str]) -> None:
    """Replace this process by `mf`, in its environment."""
    os.environ.update(environment(installation))
    mf()(list(arguments), prog_name="mf")
