"""The connection, and a dataset for each mart and each view that analysts read, with the texts of their contracts."""

from collections.abc import Iterable, Mapping

from sqlalchemy import URL

from footfall.superset.bundle.documents import VERSION, Document, id_of, label_of
from footfall.superset.bundle.metrics import Joined, Metric
from warehouse.access.rights import rights_of
from warehouse.postgres.roles import Role
from warehouse.tables.contracts import View
from warehouse.tables.decisions import DAY, Column, Mart

NAME = "Footfall"
PLACE = f"postgresql+psycopg2://{Role.ANALYST}@127.0.0.1:5439/footfall"
"""The embedded server with its default port."""
SCHEMAS = ("marts", "live")
"""All that an analyst's tool should list."""
_TYPES = {
    "_at": "timestamptz",
    "_date": "date",
    "_until": "timestamptz",
    "_count": "bigint",
    "_seconds": "bigint",
    "_number": "integer",
    "_percent": "numeric",
    "amount": "numeric",
    "price": "numeric",
    "quantity": "numeric",
}
"""Ending of a view's column → its type: dbt describes views without types, and names of columns follow rules."""
_DATES = {"first_day", "last_day", "year", "quarter", "month", "week"}
"""Columns of views that hold dates and do not say so in their ending."""


def database(place: str = PLACE) -> Document:
    """Return the connection. Sessions are in UTC, whatever the server's own zone is."""
    session = {"application_name": "superset", "options": "-c timezone=UTC"}
    return {
        "database_name": NAME,
        "sqlalchemy_uri": place,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": {"engine_params": {"connect_args": session}, "schemas_allowed_for_csv_upload": []},
        "uuid": id_of("database", NAME),
        "version": VERSION,
    }


def masked(reader: URL) -> str:
    """Return the connection of this reader with Superset's mask for a password, which it then asks for."""
    place = reader.set(drivername="postgresql+psycopg2", password="X" * 10)
    return place.difference_update_query(["application_name"]).render_as_string(hide_password=False)


def of_mart(mart: Mart, metrics: Iterable[Metric]) -> Document:
    """Return the dataset of a mart."""
    metrics = list(metrics)
    joined = sorted({each for metric in metrics for each in metric.expression.joined}, key=lambda each: each.column)
    columns = [*map(_column, mart.columns), *(_joined_column(each) for each in joined)]
    return _dataset(mart.relation, mart.description, columns, metrics, _joined_sql(mart, joined))


def of_view(view: View, inherited: Mapping[str, str]) -> Document:
    """Return the dataset of a view. `inherited` has the types of columns that it takes from marts."""
    texts = {name: text for name, text in view.descriptions.items() if name}
    columns = [_column(Column(name, inherited.get(name) or _type(name), text)) for name, text in texts.items()]
    relation = f"{view.schema}.{view.name}"
    if view.schema == "marts":
        return _dataset(relation, view.descriptions[""], columns)
    # Superset's own database may hold a name once, whatever the schema: there are marts.events and live.events.
    named = {"table_name": f"{view.schema}_{view.name}"}
    return _dataset(relation, view.descriptions[""], columns, sql=f"select * from {relation}") | named


def is_read(relation: str) -> bool:
    """Whether analysts read it: neither contacts nor addresses."""
    rights = rights_of(relation)
    return bool(rights and rights.granted.get(Role.ANALYST))


def _dataset(
    relation: str,
    description: str,
    columns: list[Document],
    metrics: Iterable[Metric] = (),
    sql: str | None = None,
) -> Document:
    schema, _, name = relation.partition(".")
    times = [column["column_name"] for column in columns if column["is_dttm"]]
    return {
        "table_name": name,
        "schema": schema,
        "description": description,
        "main_dttm_col": DAY if DAY in times else next(iter(times), None),
        "sql": sql,
        "filter_select_enabled": True,
        "metrics": [_counted(relation), *map(_metric, metrics)],
        "columns": columns,
        "uuid": id_of("dataset", relation),
        "version": VERSION,
        "database_uuid": id_of("database", NAME),
    }


def _counted(relation: str) -> Document:
    return {
        "metric_name": "rows",
        "verbose_name": f"Rows of {relation}",
        "expression": "count(*)",
        "description": f"How many rows of {relation} there are.",
        "d3format": ",d",
    }


def _metric(metric: Metric) -> Document:
    return {
        "metric_name": metric.name,
        "verbose_name": metric.label,
        "expression": metric.expression.sql,
        "description": metric.description,
        "d3format": metric.format,
    }


def _column(column: Column) -> Document:
    kind = column.data_type.lower()
    return {
        "column_name": column.name,
        "verbose_name": label_of(column.name),
        "is_dttm": kind.startswith(("date", "timestamp")),
        "type": kind.upper(),
        "groupby": not column.is_json,
        "filterable": not column.is_json,
        "description": column.description,
    }


def _joined_column(joined: Joined) -> Document:
    text = f"{joined.expression} of its row in {joined.mart}."
    return _column(Column(joined.column, _type(joined.expression), text))


def _joined_sql(mart: Mart, joined: Iterable[Joined]) -> str | None:
    """Return the query of a dataset that needs columns of other marts; None: its rows are those of the table."""
    lines, columns = [], [f"{mart.name}.*"]
    for number, each in enumerate(joined, start=1):
        columns.append(f"joined_{number}.{each.expression} as {each.column}")
        lines.append(
            f"left join marts.{each.mart} as joined_{number}"
            f" on joined_{number}.{each.other_key} = {mart.name}.{each.own_key}"
        )
    return "\n".join([f"select {', '.join(columns)}", f"from {mart.relation}", *lines]) if lines else None


def _type(name: str) -> str:
    if name in _DATES:
        return "date"
    if name.startswith(("is_", "has_")):
        return "boolean"
    return next((kind for ending, kind in _TYPES.items() if name.endswith(ending)), "text")
