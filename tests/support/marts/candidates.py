"""The night's candidate once more: what stands in schema audit, as if dbt had just built it again."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

from warehouse.publication.slices import Candidate, begin_candidate, finish_candidate, parse_days
from warehouse.tables.contracts import Mart

COLUMNS = (
    "select attname, format_type(atttypid, atttypmod) as data_type from pg_attribute"
    " where attrelid = to_regclass(:relation) and attnum > 0 and not attisdropped order by attnum"
)


def stand_again(connection: Connection, marts: Sequence[Mart]) -> Candidate:
    """Begin and finish it, and let it replace what is published of itself: when it was built, nothing was."""
    first, last = connection.execute(text("select first_date, last_date from ops.publications limit 1")).one()
    candidate = begin_candidate(connection, parse_days(f"{first}..{last}"), "once more")
    for mart in marts:
        keys_relation = f"intermediate.{mart.replaced_keys}"
        keys = ", ".join(row.attname for row in connection.execute(text(COLUMNS), {"relation": keys_relation}))
        statement = f"insert into {keys_relation} select {keys} from audit.{mart.name} except select {keys} from {keys_relation}"
        connection.execute(text(statement))
    finish_candidate(connection)
    return candidate
