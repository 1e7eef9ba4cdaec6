"""What is sent to people outside, in the forms of those who take it. It never holds a contact or a person's id."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from runtime.display import shown_lines

State = Literal["raised", "resolved", "failed", "test", "report"]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message, the same for each receiver."""

    state: State
    """`raised` and `resolved` of an alarm; `failed`: something failed, once; `report`: of a day."""
    title: str
    text: str
    rule: str | None = None
    site: str | None = None
    since: datetime | None = None
    page: str | None = None
    """Address of the page that shows it."""
    file: str | None = None
    """The report, below the folder of reports."""


def as_json(message: Message, delivery_id: str) -> dict[str, Any]:
    """Return the body of a webhook. `id` is the same each time that the same message is sent."""
    return {"id": delivery_id, **_without_nulls(message)}


def as_slack(message: Message) -> dict[str, Any]:
    """Return the body of an incoming webhook of Slack, in its own markup."""
    lines = [f"*{_for_slack(message.title)}*", _for_slack(message.text)]
    if message.page:
        lines.append(f"<{message.page}|Open the page>")
    return {"text": "\n".join(lines)}


def as_text(message: Message) -> str:
    """Return the text of an e-mail."""
    return "\n\n".join(filter(None, [shown_lines(message.text), message.page])) + "\n"


def _for_slack(text: str) -> str:
    return shown_lines(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _without_nulls(message: Message) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(message)
    return {name: value for name, value in fields.items() if value is not None and name != "file"}
