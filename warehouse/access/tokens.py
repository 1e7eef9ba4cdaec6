"""Tokens that read over HTTP: making, listing and revoking them. What each sees, policies of the database decide.

Each token has a role of the server of its own, which it logs in as. The policies are in `row_security`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from psycopg import sql
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from runtime.errors import FootfallError
from warehouse.access.credential import Credential, new_credential
from warehouse.access.limits import NO_LIMITS, TokenLimits
from warehouse.access.sites import normal_origins, require_site
from warehouse.postgres.catalog import run
from warehouse.postgres.roles import (
    API_READER,
    API_ROLE_PREFIX,
    CONTACT_READER,
    limit_reader,
    make_reader,
    set_password,
)


class TokenError(FootfallError):
    """A token that cannot be made or is not there, and what to do."""


@dataclass(frozen=True)
class Token:
    """What is known of a token. Its secret is not."""

    name: str
    token_id: str
    sees_all_sites: bool
    sites: tuple[str, ...]
    """Those that it sees; none after a site was removed, or the token's user erased."""
    user: str | None
    reads_contacts: bool
    page: str | None
    """Address of the one page that it shows; None: it is a token of a reader."""
    origins: tuple[str, ...]
    state: str
    """active, expired, revoked, or `no login`: the server does not know its role."""
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    limits: TokenLimits


def add_token(
    connection: Connection,
    name: str,
    sites: Sequence[str] = (),
    user: str | None = None,
    origins: Sequence[str] = (),
    expire_days: int | None = None,
    reads_contacts: bool = False,
    page: str | None = None,
    made: Credential | None = None,
    limits: TokenLimits = NO_LIMITS,
) -> Credential:
    """Make a token that sees these sites, or all where none is given; with `user` the rows of one site's user alone.

    With `reads_contacts` it sees the contacts of these people, too. With `page` it shows the page at this address, and
    nothing else. `made` is the token if it is there already; else one is drawn.

    Raises:
        TokenError: the name is taken, or a user is given without the one site that knows the user.
        SiteError: no such site, or one of the origins is none.
    """
    if user is not None and len(set(sites)) != 1:
        raise TokenError("a user belongs to one site: say which, with a single --site")
    for site in sites:
        require_site(connection, site)
    made = made or new_credential()
    added = connection.execute(
        text(
            "insert into ops.tokens"
            " (token_id, name, token_hash, sees_all_sites, reads_contacts, origins, page, expires_at,"
            " requests_per_minute, most_at_once, most_rows)"
            " values (:token_id, :name, :hash, :all, :contacts, :origins, :page,"
            " now() + make_interval(days => cast(:days as integer)), :per_minute, :at_once, :rows)"
            " on conflict (name) where revoked_at is null do nothing"
        ),
        {
            "token_id": made.token_id,
            "name": name,
            "hash": made.hash,
            "all": not sites,
            "contacts": reads_contacts,
            "origins": normal_origins(origins),
            "page": page,
            "days": expire_days,
            **_written(limits),
        },
    )
    if not added.rowcount:
        raise TokenError(f"there is a token {name} already; `footfall token revoke {name}` ends it")
    for site in sorted(set(sites)):
        connection.execute(
            text("insert into ops.token_rights (token_id, site_id, user_id) values (:token_id, :site, :user)"),
            {"token_id": made.token_id, "site": site, "user": user},
        )
    make_reader(connection, made.role, API_READER, limits.connections)
    if reads_contacts:
        run(connection, sql.SQL("grant {} to {}").format(sql.Identifier(CONTACT_READER), sql.Identifier(made.role)))
    set_password(connection, made.role, made.password)
    return made


def list_tokens(connection: Connection) -> list[Token]:
    """Return all tokens by name, revoked ones too."""
    rows = connection.execute(text(_LIST), {"prefix": API_ROLE_PREFIX})
    return [
        Token(
            row.name,
            row.token_id,
            row.sees_all_sites,
            tuple(row.sites),
            row.user_id,
            row.reads_contacts,
            row.page,
            tuple(row.origins),
            row.state,
            row.created_at,
            row.expires_at,
            row.last_used_at,
            TokenLimits(row.requests_per_minute, row.most_at_once, row.most_rows),
        )
        for row in rows
    ]


def limit_token(connection: Connection, name: str, limits: TokenLimits) -> None:
    """Give a token other limits.

    Raises:
        TokenError: no active token has this name.
    """
    token_id = connection.scalar(
        text(
            "update ops.tokens set requests_per_minute = :per_minute, most_at_once = :at_once, most_rows = :rows"
            " where name = :name and revoked_at is null returning token_id"
        ),
        {"name": name, **_written(limits)},
    )
    if token_id is None:
        raise _unknown(name)
    limit_reader(connection, API_ROLE_PREFIX + token_id, limits.connections)


def revoke_token(connection: Connection, name: str) -> None:
    """Take every right and the login from a token, end its connections, and drop its role.

    What it may see is read anew by each statement, so that nothing is seen in a connection that is still open. A role
    on which something of the server depends stays, without a login.

    Raises:
        TokenError: no active token has this name.
    """
    token_id = connection.scalar(
        text("update ops.tokens set revoked_at = now() where name = :name and revoked_at is null returning token_id"),
        {"name": name},
    )
    if token_id is None:
        raise _unknown(name)
    connection.execute(text("delete from ops.token_rights where token_id = :token_id"), {"token_id": token_id})
    role = API_ROLE_PREFIX + token_id
    if connection.scalar(text("select 1 from pg_roles where rolname = :role"), {"role": role}):
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where usename = :role"), {"role": role}
        )
        named = sql.Identifier(role)
        run(connection, sql.SQL("alter role {} nologin password null").format(named))
        for group in (API_READER, CONTACT_READER):
            run(connection, sql.SQL("revoke {} from {}").format(sql.Identifier(group), named))
        with suppress(DBAPIError), connection.begin_nested():
            run(connection, sql.SQL("drop owned by {}").format(named))
            run(connection, sql.SQL("drop role {}").format(named))


def _written(limits: TokenLimits) -> dict[str, int | None]:
    return {"per_minute": limits.requests_per_minute, "at_once": limits.at_once, "rows": limits.rows}


def _unknown(name: str) -> TokenError:
    return TokenError(f"no token is called {name}; `footfall token list` shows all")


_LIST = """
select
    t.name,
    t.token_id,
    t.sees_all_sites,
    array(select r.site_id from ops.token_rights as r where r.token_id = t.token_id order by 1) as sites,
    (select max(r.user_id) from ops.token_rights as r where r.token_id = t.token_id) as user_id,
    t.reads_contacts,
    t.page,
    t.origins,
    case
        when t.revoked_at is not null then 'revoked'
        when t.expires_at <= now() then 'expired'
        when not exists (select from pg_roles where rolname = :prefix || t.token_id and rolcanlogin) then 'no login'
        else 'active'
    end as state,
    t.created_at,
    t.expires_at,
    u.last_used_at,
    t.requests_per_minute,
    t.most_at_once,
    t.most_rows
from ops.tokens as t
left join ops.token_uses as u on t.token_id = u.token_id
order by t.name, t.created_at
"""
