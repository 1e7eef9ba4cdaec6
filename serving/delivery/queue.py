"""Messages on their way: `ops.deliveries`. Made in the caller's transaction, sent apart from it, at least once each.

Who sends takes a delivery for half a minute at least, so that two senders never send the same one at once. A message
that is not taken is tried again after longer and longer, for a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Engine, text

from runtime.failpoints import reach
from serving.delivery.message import Message
from serving.delivery.receivers import NotTaken, Send

GIVEN_UP_AFTER = "1 day"
_TAKE = text(f"""
update ops.deliveries
set tries = tries + 1, next_try_at = clock_timestamp() + least(interval '30 seconds' * 2 ^ tries, interval '1 hour')
where
    delivery_id = (
        select delivery_id from ops.deliveries
        where
            receiver = :receiver and delivered_at is null and next_try_at <= clock_timestamp()
            and made_at > clock_timestamp() - interval '{GIVEN_UP_AFTER}'
        order by next_try_at, made_at, delivery_id
        limit 1
        for update skip locked
    )
returning cast(delivery_id as text) as delivery_id, cast(message as text) as message
""")


@dataclass(frozen=True)
class Sent:
    """What became of one try."""

    title: str
    problem: str | None
    """Why it was not taken; None: it was."""


def put(connection: Connection, names: Iterable[str], message: Message, once: str | None = None) -> None:
    """Put a message on its way to these receivers. With `once`, do nothing if that was put there before."""
    for name in names:
        connection.execute(
            text(
                "insert into ops.deliveries (receiver, site_id, message, once)"
                " values (:receiver, :site, cast(:message as jsonb), :once) on conflict (once) do nothing"
            ),
            {
                "receiver": name,
                "site": message.site,
                "message": msgspec.json.encode(message).decode(),
                "once": f"{once} to {name}" if once else None,
            },
        )


def send_next(engine: Engine, receiver: str, send: Send) -> Sent | None:
    """Try the next message that is due for a receiver, and return what became of it; None: none is due."""
    with engine.begin() as connection:
        taken = connection.execute(_TAKE, {"receiver": receiver}).one_or_none()
    if taken is None:
        return None
    message = msgspec.json.decode(taken.message, type=Message)
    try:
        send(message, taken.delivery_id)
        problem = None
    except NotTaken as error:
        problem = str(error)
    reach("delivery:sent")
    with engine.begin() as connection:
        connection.execute(
            text(
                "update ops.deliveries set problem = cast(:problem as text),"
                " delivered_at = case when cast(:problem as text) is null then clock_timestamp() end"
                " where delivery_id = cast(:delivery as uuid)"
            ),
            {"problem": problem, "delivery": taken.delivery_id},
        )
    return Sent(message.title, problem)
