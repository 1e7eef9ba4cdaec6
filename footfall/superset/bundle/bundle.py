"""All files of the bundle, made from a manifest of dbt; as a zip, what Superset's page imports."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from footfall.superset.bundle import datasets
from footfall.superset.bundle.dashboards import DASHBOARDS
from footfall.superset.bundle.documents import VERSION, Document, written
from footfall.superset.bundle.layout import laid_out
from footfall.superset.bundle.metrics import Metrics, read_metrics
from footfall.superset.bundle.semantics import read_semantics
from warehouse.tables.contracts import read_marts, read_views

FOLDER = "footfall"
"""The one folder of the zip."""
BY_PAGE, AS_A_WHOLE = "Dashboard", "assets"
"""How a bundle is imported: on Superset's page, or by its command that replaces all of it."""
_MOMENT = (2026, 1, 1, 0, 0, 0)
"""Of each file in the zip, so that the same bundle is the same bytes."""


def documents(manifest: Path, place: str = datasets.PLACE, kind: str = BY_PAGE) -> dict[str, Document]:
    """Make the documents of the bundle.

    Args:
        manifest: of dbt, with the marts and the metrics.
        place: how its connection reaches the database.
        kind: how it is imported.

    Returns:
        Path in the bundle → document.
    """
    metrics = metrics_of(manifest)
    found: dict[str, Document] = {
        "metadata.yaml": {"version": VERSION, "type": kind, "timestamp": "2026-01-01T00:00:00+00:00"},
        f"databases/{datasets.NAME}.yaml": datasets.database(place),
    }
    for schema, name, document in _datasets(manifest, metrics):
        found[f"datasets/{datasets.NAME}/{schema}.{name}.yaml"] = document
    described = {metric.name: metric.description for each in metrics.by_mart.values() for metric in each}
    number = 1
    for dashboard in DASHBOARDS:
        for place_of_chart, chart in enumerate(dashboard.charts, start=1):
            metric = chart.settings.get("metric")
            text = described.get(metric) if isinstance(metric, str) else None
            path = f"charts/{dashboard.name}_{place_of_chart:02}.yaml"
            found[path] = chart.document(dashboard.name, dashboard.has_days, text)
        found[f"dashboards/{dashboard.name}.yaml"] = laid_out(dashboard, number)
        number += len(dashboard.charts)
    return found


def metrics_of(manifest: Path) -> Metrics:
    """Return the metrics of the manifest as SQL."""
    return read_metrics(read_semantics(msgspec.json.decode(manifest.read_bytes())))


def files(manifest: Path, place: str = datasets.PLACE, kind: str = BY_PAGE) -> dict[str, str]:
    """Write the documents.

    Returns:
        Path in the bundle → text.
    """
    return written(documents(manifest, place, kind))


def zipped(texts: Mapping[str, str]) -> bytes:
    """Return the zip that Superset imports."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as bundle:
        for path, text in texts.items():
            bundle.writestr(zipfile.ZipInfo(f"{FOLDER}/{path}", _MOMENT), text, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def _datasets(manifest: Path, metrics: Metrics) -> list[tuple[str, str, Document]]:
    marts, views = read_marts(manifest), read_views(manifest)
    types = {column.name: column.data_type for mart in marts for column in mart.columns}
    return [
        *(("marts", mart.name, datasets.of_mart(mart, metrics.by_mart.get(mart.name, ()))) for mart in marts),
        *(
            (view.schema, view.name, datasets.of_view(view, types))
            for relation, view in sorted(views.items())
            if datasets.is_read(relation)
        ),
    ]
