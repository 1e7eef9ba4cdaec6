"""Browser, system and device of a user agent, and whether it is a bot. Each distinct text is parsed once."""

import hashlib
import inspect
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.metadata import version
from typing import Any

import ua_parser
from sqlalchemy import Connection, text

from ingestion.load.enrichment import clues, devices, robots
from warehouse.publication.dirty_days import Cause, mark_found


@dataclass(frozen=True)
class UserAgent:
    """One distinct user agent, parsed."""

    user_agent_id: uuid.UUID
    user_agent: str
    browser: str | None
    browser_version: str | None
    os: str | None
    os_version: str | None
    device_type: str | None
    is_bot: bool
    bot_reason: str | None


def user_agent_id(user_agent: str) -> uuid.UUID:
    """Return the id of a user agent: a hash of the text."""
    return uuid.UUID(bytes=hashlib.md5(user_agent.encode(), usedforsecurity=False).digest())


def parse(user_agent: str) -> UserAgent:
    """Parse a user agent. A field that it does not name is None."""
    parsed = ua_parser.parse(user_agent)
    browser, os = parsed.user_agent, parsed.os
    reason = robots.robot_reason(user_agent)
    return UserAgent(
        user_agent_id(user_agent),
        user_agent,
        browser.family if browser else None,
        _version(browser.major, browser.minor) if browser else None,
        os.family if os else None,
        _version(os.major, os.minor) if os else None,
        devices.device_type(user_agent),
        reason is not None,
        reason,
    )


@cache
def rules_version() -> str:
    """Return a hash of all rules: those of the libraries and those of this module."""
    libraries = (version(name) for name in ("ua-parser-builtins", "crawler-user-agents"))
    own = (inspect.getsource(module) for module in (robots, devices, clues))
    return hashlib.sha256("|".join([*libraries, *own]).encode()).hexdigest()[:12]


def store(connection: Connection, user_agents: Mapping[uuid.UUID, str]) -> None:
    """Parse and store the user agents that raw.user_agents does not hold yet."""
    known: Iterable[uuid.UUID] = connection.execute(
        text("select user_agent_id from raw.user_agents where user_agent_id = any(:ids)"), {"ids": list(user_agents)}
    ).scalars()
    fresh = sorted(user_agents.keys() - set(known))
    if fresh:
        connection.execute(
            text(f"insert into raw.user_agents ({_NAMES}) values ({_VALUES}) on conflict do nothing"),
            [_stored(parse(user_agents[key])) for key in fresh],
        )


def apply_rules(connection: Connection) -> int:
    """Parse again what older rules parsed, and mark the days that change; return how many texts changed."""
    outdated = connection.execute(
        text(f"select {_NAMES} from raw.user_agents where rules_version <> :rules for update"),
        {"rules": rules_version()},
    ).all()
    changed: dict[Cause, list[uuid.UUID]] = {Cause.BOT_RULE: [], Cause.DEVICE_RULE: []}
    for before in outdated:
        after = _stored(parse(before.user_agent))
        connection.execute(
            text(f"update raw.user_agents set ({_NAMES}) = ({_VALUES}) where user_agent_id = :user_agent_id"), after
        )
        changes = {name for name, value in before._mapping.items() if value != after[name]} - {"rules_version"}
        if changes:
            changed[Cause.BOT_RULE if "is_bot" in changes else Cause.DEVICE_RULE].append(before.user_agent_id)
    for cause, ids in changed.items():
        mark_found(connection, _DAYS, {"cause": cause, "ids": ids})
    return sum(map(len, changed.values()))


_COLUMNS = [*(field.name for field in fields(UserAgent)), "rules_version"]
_NAMES = ", ".join(_COLUMNS)
_VALUES = ", ".join(f":{name}" for name in _COLUMNS)

_DAYS = (
    "select distinct site_id, event_date, cast(:cause as text) as cause from raw.events where user_agent_id = any(:ids)"
)


def _stored(parsed: UserAgent) -> dict[str, Any]:
    return vars(parsed) | {"rules_version": rules_version()}


def _version(major: str | None, minor: str | None) -> str | None:
    return ".".join(part for part in (major, minor) if part) or None
