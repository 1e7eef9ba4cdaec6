"""One stream of server-sent events: what is sent when, and when a reader is cut off."""

import asyncio
import logging
from collections.abc import AsyncIterator
from functools import partial

import anyio
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Message, Receive, Scope, Send

from serving.live.watch import message
from serving.live.watches import Watches
from warehouse.access.credential import Credential

KEEP_ALIVE_SECONDS = 15.0
"""After so long without news a comment is sent, so that both ends learn when the connection is gone."""
STALLED_SECONDS = 10.0
"""How long a reader may take nothing."""
RETRY_MILLISECONDS = 2000
"""After how long a client comes back."""

HEADERS = {"Cache-Control": "private, no-store", "Vary": "Authorization, Cookie", "X-Accel-Buffering": "no"}

_log = logging.getLogger("serving")


class LiveStream(EventSourceResponse):
    """An answer that goes on until its reader leaves, takes nothing, may not read any more, or the server stops."""

    def __init__(self, watches: Watches, token: Credential, site: str, last_mark: str | None) -> None:
        self._watches, self._token, self._site, self._last_mark = watches, token, site, last_mark
        super().__init__(self._messages(), headers=HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, as one stream of its token."""
        with self._watches.watching(self._token, self._site) as self._watch:
            try:
                await super().__call__(scope, receive, partial(_in_time, send))
            except* TimeoutError:
                # Without an end, the reader sees that it was cut off.
                _log.warning("a live stream was cut off: its reader took nothing for %s seconds", STALLED_SECONDS)

    async def _messages(self) -> AsyncIterator[bytes]:
        watch = self._watch
        yield format_sse_event(retry=RETRY_MILLISECONDS)
        while not watch.version and not watch.ended:
            await watch.changed.wait()
        version, position = 0, watch.position_after(self._last_mark)
        while not watch.ended:
            changed = watch.changed
            events, position = watch.events_since(position)
            news = (watch.picture if watch.version != version else b"") + events
            version = watch.version
            if news:
                yield news
            if not changed.is_set():
                try:
                    await asyncio.wait_for(changed.wait(), KEEP_ALIVE_SECONDS)
                except TimeoutError:
                    yield KEEPALIVE_COMMENT
        yield message("end", {"reason": watch.ended})


async def _in_time(send: Send, sent: Message) -> None:
    with anyio.fail_after(STALLED_SECONDS):
        await send(sent)
