"""304 without a question: for answers that a client has, as long as the database has reported no change since.

Whether an answer is still right, `serving.api.answer` decides where this does not know.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.tokens.limits import Limits, TooMany
from serving.tokens.registry import Registry
from serving.tokens.state import State

MOST = 20_000
"""Answers that are known: about 20 MB."""
_SCHEME = b"bearer "


class Asked(NamedTuple):
    """A request, by all that its answer depends on beside what is published."""

    token_id: str
    path: bytes
    query: bytes
    accept: bytes


class UnchangedAnswers:
    """The headers of answers that have an ETag, until something changes."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._known: dict[Asked, tuple[bytes, list[tuple[bytes, bytes]]]] = {}
        state.changed.append(self._known.clear)

    @property
    def version(self) -> int | None:
        """Take it before asking, for `keep`."""
        return self._state.version

    def find(self, asked: Asked, tag: bytes) -> list[tuple[bytes, bytes]] | None:
        """Return the headers of the answer to this request if it is still the one with this ETag; None: unknown."""
        known = self._known.get(asked) if self.version is not None else None
        return known[1] if known and known[0] == tag else None

    def keep(self, asked: Asked, version: int | None, headers: Mapping[str, str]) -> None:
        """Keep the headers of an answer, unless something has changed since this version."""
        if version is None or version != self.version:
            return
        if len(self._known) >= MOST:
            self._known.clear()
        written = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        self._known[asked] = headers["ETag"].encode(), written


def asked_by(scope: Scope, token_id: str) -> Asked:
    """Return what a request of a token asks."""
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    return Asked(token_id, scope["raw_path"], scope["query_string"], accept)


class Unchanged:
    """Answers such requests, and passes on all others."""

    def __init__(self, answer: ASGIApp, registry: Registry, limits: Limits, answers: UnchangedAnswers) -> None:
        self._answer = answer
        self._registry, self._limits, self._answers = registry, limits, answers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        if scope["type"] == "http" and scope["method"] == "GET":
            given = dict(scope["headers"])
            tag, authorization = given.get(b"if-none-match"), given.get(b"authorization", b"")
            if tag and authorization[: len(_SCHEME)].lower() == _SCHEME and self._answers.version is not None:
                admitted = self._registry.admit_known(authorization[len(_SCHEME) :].decode("latin-1"))
                if admitted:
                    token, known = admitted
                    headers = self._answers.find(asked_by(scope, token.token_id), tag)
                    if headers:
                        with suppress(TooMany), self._limits.one_of(token.token_id):
                            scope.setdefault("state", {})["known"] = known
                            await send({"type": "http.response.start", "status": 304, "headers": list(headers)})
                            await send({"type": "http.response.body", "body": b""})
                            return
        await self._answer(scope, receive, send)
