"""What is raised and what is resolved: `ops.alarms`. Each is there once, and each of its states is sent once.

An alarm that is silenced is recorded and not sent. What still holds when the silence ends is sent then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, text

from runtime.settings import Settings
from serving.alarms.finding import Finding
from serving.alarms.pages import address
from serving.delivery.message import Message
from serving.delivery.queue import put


@dataclass(frozen=True)
class Alarm:
    """One alarm; without `resolved_at` it is open."""

    rule: str
    site_id: str
    title: str
    text: str
    path: str
    since: datetime
    raised_at: datetime
    resolved_at: datetime | None
    sent: str | None
    """The last state that was sent."""


_RAISE = text(
    "insert into ops.alarms (rule, site_id, part, title, description, path, since)"
    " values (:rule, :site_id, :part, :title, :text, :path, :since)"
    " on conflict (rule, site_id, part) where resolved_at is null do nothing"
)
_RESOLVE = text(
    "update ops.alarms set resolved_at = clock_timestamp() where resolved_at is null and rule = :rule"
    " and (site_id || '/' || part) <> all(:standing)"
)
_DUE = text(
    "select alarm_id, rule, site_id, title, description, path, since, resolved_at from ops.alarms a where"
    " (resolved_at is null and sent is null or resolved_at is not null and sent = 'raised') and not exists ("
    "select from ops.alarm_silences s where s.until > clock_timestamp()"
    " and coalesce(s.rule, a.rule) = a.rule and coalesce(s.site_id, a.site_id) = a.site_id)"
    " order by alarm_id for update"
)


def record(connection: Connection, rule: str, findings: Iterable[Finding]) -> None:
    """Raise what is found and not open yet; resolve what is open and not found any more. May run twice and at once."""
    standing = []
    for finding in findings:
        standing.append(f"{finding.site_id}/{finding.part}")
        if not finding.is_undecided:
            connection.execute(_RAISE, vars(finding))
    connection.execute(_RESOLVE, {"rule": rule, "standing": standing})


def put_messages(connection: Connection, settings: Settings, names: Sequence[str]) -> list[Message]:
    """Put on its way to these receivers what is raised or resolved and not silenced, once; return these messages."""
    messages = []
    for alarm in connection.execute(_DUE).all():
        message = _message(settings, alarm)
        put(connection, names, message)
        connection.execute(
            text("update ops.alarms set sent = :state where alarm_id = :alarm"),
            {"state": message.state, "alarm": alarm.alarm_id},
        )
        messages.append(message)
    return messages


def list_alarms(connection: Connection, limit: int = 20) -> list[Alarm]:
    """Return the open alarms and the last resolved ones, the newest first, open ones before all others."""
    rows = connection.execute(
        text(
            "select rule, site_id, title, description as text, path, since, raised_at, resolved_at, sent"
            " from ops.alarms"
            " order by resolved_at is not null, raised_at desc limit :limit"
        ),
        {"limit": limit},
    )
    return [Alarm(**row) for row in rows.mappings()]


def _message(settings: Settings, alarm: Row) -> Message:
    is_over = alarm.resolved_at is not None
    since = f"Since {alarm.since:%Y-%m-%d %H:%M} UTC."
    return Message(
        state="resolved" if is_over else "raised",
        title=f"Resolved: {alarm.title}" if is_over else alarm.title,
        text=f"{alarm.description} {since}" + (f" Over at {alarm.resolved_at:%Y-%m-%d %H:%M} UTC." if is_over else ""),
        rule=alarm.rule,
        site=alarm.site_id,
        since=alarm.since,
        page=address(settings, alarm.path),
    )
