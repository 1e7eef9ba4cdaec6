"""What a restore keeps from the database it replaces: the sites, keys and policies of now.

The transaction that replaces the schemas puts them into a schema of their own. They wait there until the restored
database has the newest schema version. A restore that was interrupted finds them there.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from warehouse.postgres.catalog import columns

SCHEMA = "kept_on_restore"


@dataclass(frozen=True)
class Kept:
    """One table: its key, and which row counts where both databases have one."""

    table: str
    key: str
    both: str = ""
    """What `on conflict do` does; empty: the row of now takes the place of the restored one."""


TABLES = (
    # The restored events are dated by the timezone of then: see `take_over`.
    Kept(
        "sites",
        "site_id",
        "update set timezone = excluded.timezone, origins = excluded.origins, identity = excluded.identity",
    ),
    # Revoked stays revoked.
    Kept("site_keys", "key_hash", "update set revoked_at = coalesce(excluded.revoked_at, site_keys.revoked_at)"),
    Kept("site_analysts", "role_name", "nothing"),
    Kept(
        "tokens",
        "token_id",
        "update set revoked_at = coalesce(excluded.revoked_at, tokens.revoked_at),"
        " requests_per_minute = excluded.requests_per_minute, most_at_once = excluded.most_at_once,"
        " most_rows = excluded.most_rows",
    ),
    Kept("token_rights", "token_id, site_id", "nothing"),
    Kept("token_uses", "token_id", "nothing"),
    # Whom it names may have been erased since.
    Kept("contact_reads", "read_id"),
    Kept("site_options", "site_id"),
    Kept("declared_properties", "site_id, event_name, property", "nothing"),
    Kept("goals", "site_id, goal"),
    Kept("funnels", "site_id, funnel"),
    Kept("alarm_rules", "rule, site_id", "update set threshold = excluded.threshold, least = excluded.least"),
    Kept("alarm_silences", "rule, site_id", "update set until = excluded.until"),
    Kept("retention_policies", "policy, kind", "update set keep_days = excluded.keep_days"),
    Kept("retention_runs", "run_date", "nothing"),
)
"""Tables of schema ops, in an order that foreign keys allow."""


def is_waiting(connection: Connection) -> bool:
    """Whether a restore was interrupted."""
    return connection.scalar(text("select to_regnamespace(:schema)"), {"schema": SCHEMA}) is not None


def is_in_use(connection: Connection) -> bool:
    """Whether the database holds anything to keep. A database that was just made does not."""
    return bool(
        connection.scalar(text("select exists (select from ops.sites) or exists (select from ops.landed_files)"))
    )


def set_aside(connection: Connection) -> str:
    """Return the statements that put the tables aside before the schemas are dropped."""
    if is_waiting(connection) or not is_in_use(connection):
        return ""
    there = [found.table for found in TABLES if columns(connection, f"ops.{found.table}")]
    copies = [f"create table {SCHEMA}.{table} as table ops.{table};\n" for table in there]
    return "".join([f"create schema {SCHEMA};\n", *copies])


def take_over(connection: Connection) -> None:
    """Put the rows that were set aside into the restored tables. Does nothing if there are none."""
    connection.exec_driver_sql(
        "insert into ops.redated_sites (site_id) select s.site_id from ops.sites s"
        f" join {SCHEMA}.sites k using (site_id) where k.timezone <> s.timezone on conflict do nothing"
        if columns(connection, f"{SCHEMA}.sites")
        else "select"
    )
    if columns(connection, f"{SCHEMA}.tokens"):
        # A name is that of one token: the one of now.
        connection.exec_driver_sql(
            f"update ops.tokens t set revoked_at = now() from {SCHEMA}.tokens k where k.name = t.name"
            " and k.token_id <> t.token_id and k.revoked_at is null and t.revoked_at is null"
        )
    if columns(connection, f"{SCHEMA}.retention_policies"):
        # Of a version with one policy for both.
        connection.exec_driver_sql(
            f'insert into {SCHEMA}.retention_policies select (jsonb_populate_record(p, \'{{"policy":'
            f" \"profile_contacts\"}}')).* from {SCHEMA}.retention_policies p where policy = 'contacts'"
        )
        connection.exec_driver_sql(
            f"update {SCHEMA}.retention_policies set policy = 'payment_contacts' where policy = 'contacts'"
        )
    for found in TABLES:
        restored = columns(connection, f"ops.{found.table}")
        common = [column for column in columns(connection, f"{SCHEMA}.{found.table}") if column in restored]
        if found.table == "retention_policies" and common and "kind" not in common:
            # Of a version that did not separate kinds of people.
            connection.exec_driver_sql(
                "update ops.retention_policies p set keep_days = k.keep_days"
                f" from {SCHEMA}.retention_policies k where k.policy = p.policy"
            )
        elif common:
            names = ", ".join(map(connection.dialect.identifier_preparer.quote, common))
            replaced = ", ".join(f"{column} = excluded.{column}" for column in common if column != found.key)
            connection.exec_driver_sql(
                f"insert into ops.{found.table} ({names}) select {names} from {SCHEMA}.{found.table}"
                f" on conflict ({found.key}) do {found.both or f'update set {replaced}'}"
            )
    connection.exec_driver_sql(f"drop schema if exists {SCHEMA} cascade")
