"""What a user agent says of browser, system and device, and whether it is a bot. Each distinct text is parsed once."""

import hashlib
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import crawleruseragents
import ua_parser
from sqlalchemy import Connection, text

_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk/(?!.*Mobile)|Kindle|Android(?!.*Mobile)", re.IGNORECASE)
_MOBILE = re.compile(r"Mobi|iPhone|iPod|Opera Mini|IEMobile|BlackBerry|Windows Phone|webOS", re.IGNORECASE)


@dataclass(frozen=True)
class UserAgent:
    """One distinct user agent, parsed."""

    user_agent_id: uuid.UUID
    user_agent: str
    browser: str | None
    browser_version: str | None
    os: str | None
    os_version: str | None
    device_type: str
    is_bot: bool
    bot_reason: str | None


def user_agent_id(user_agent: str) -> uuid.UUID:
    """The same text has the same id everywhere."""
    return uuid.UUID(bytes=hashlib.md5(user_agent.encode(), usedforsecurity=False).digest())


def parse(user_agent: str) -> UserAgent:
    """Read a user agent. What it does not say is None."""
    parsed = ua_parser.parse(user_agent)
    browser, os = parsed.user_agent, parsed.os
    reason = _bot_reason(user_agent)
    return UserAgent(
        user_agent_id(user_agent),
        user_agent,
        browser.family if browser else None,
        _version(browser.major, browser.minor) if browser else None,
        os.family if os else None,
        _version(os.major, os.minor) if os else None,
        _device_type(user_agent),
        reason is not None,
        reason,
    )


def store(connection: Connection, user_agents: Mapping[uuid.UUID, str]) -> None:
    """Parse and store those that raw.user_agents does not hold yet."""
    known: Iterable[uuid.UUID] = connection.execute(
        text("select user_agent_id from raw.user_agents where user_agent_id = any(:ids)"), {"ids": list(user_agents)}
    ).scalars()
    fresh = sorted(user_agents.keys() - set(known))
    if fresh:
        connection.execute(
            text(
                "insert into raw.user_agents (user_agent_id, user_agent, browser, browser_version, os, os_version,"
                " device_type, is_bot, bot_reason) values (:user_agent_id, :user_agent, :browser, :browser_version,"
                " :os, :os_version, :device_type, :is_bot, :bot_reason) on conflict do nothing"
            ),
            [vars(parse(user_agents[key])) for key in fresh],
        )


def _bot_reason(user_agent: str) -> str | None:
    if not crawleruseragents.is_crawler(user_agent):
        return None
    first = crawleruseragents.matching_crawlers(user_agent)[0]
    return f"crawler list: {crawleruseragents.CRAWLER_USER_AGENTS_DATA[first]['pattern']}"


def _device_type(user_agent: str) -> str:
    if _TABLET.search(user_agent):
        return "tablet"
    return "mobile" if _MOBILE.search(user_agent) else "desktop"


def _version(major: str | None, minor: str | None) -> str | None:
    return ".".join(part for part in (major, minor) if part) or None
