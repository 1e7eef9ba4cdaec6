"""The collector's answers: one JSON answer a request; for every refusal a code, and what to do about it."""

from http import HTTPStatus
from typing import Any, Final

import msgspec

Headers = list[tuple[bytes, bytes]]

REFUSALS: Final[dict[str, tuple[int, str]]] = {
    "invalid_body": (400, "Send a JSON object with a list of events."),
    "invalid_gzip": (400, "The body is not one whole gzip stream; compress it or drop Content-Encoding."),
    "unknown_key": (401, "Send the site's write key as `Authorization: Bearer <key>` or `?key=<key>`."),
    "origin_not_allowed": (403, "Add this origin to the site's list of origins."),
    "not_found": (404, "Events go to POST /v1/events, ends of sessions to POST /v1/sessions/end."),
    "method_not_allowed": (405, "Use a method named in the Allow header."),
    "too_slow": (408, "Send the whole body sooner."),
    "too_large": (413, "Send at most 1 MiB per request, unpacked as well."),
    "too_many_events": (413, "Send at most 500 events per request."),
    "unsupported_content_type": (415, "Use Content-Type application/json or text/plain."),
    "unsupported_encoding": (415, "Use Content-Encoding gzip or none."),
    "rate_limited": (429, "Too many requests of this key or address; try again after the time in Retry-After."),
    "internal_error": (500, "This is a fault of the collector; try again."),
    "overloaded": (503, "Too many requests are under way; try again after the time in Retry-After."),
    "registry_unavailable": (503, "The collector does not know its sites yet; try again."),
    "landing_unavailable": (503, "Nothing was stored; try again after the time in Retry-After."),
}


_STATUS_LINES = {
    each.value: f"HTTP/1.1 {each.value} {each.phrase}\r\ncache-control: no-store\r\n".encode() for each in HTTPStatus
}


class Answer(msgspec.Struct, frozen=True):
    """Status, content and headers."""

    status: int
    content: bytes = b""
    headers: Headers = []

    @classmethod
    def of(cls, status: int, content: Any) -> "Answer":
        """Answer in JSON."""
        return cls(status, msgspec.json.encode(content), [(b"content-type", b"application/json")])

    def encode(self, is_last: bool, is_head: bool = False) -> bytes:
        """Write it as HTTP/1.1: the last one of its connection, or the head alone."""
        lines = [_STATUS_LINES[self.status]]
        lines += [b"%b: %b\r\n" % header for header in self.headers]
        if self.status != 204:
            lines.append(b"content-length: %d\r\n" % len(self.content))
        lines.append(b"connection: close\r\n\r\n" if is_last else b"\r\n")
        if not is_head:
            lines.append(self.content)
        return b"".join(lines)


class RefusalError(Exception):
    """A request that is refused, by its code in `REFUSALS`."""

    def __init__(
        self, code: str, message: str | None = None, headers: Headers | None = None, retry_after: int = 5
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.headers, self.retry_after = code, message, headers or [], retry_after

    def answer(self) -> Answer:
        """The answer that says so."""
        status, message = REFUSALS[self.code]
        answer = Answer.of(status, {"error": self.code, "message": self.message or message})
        retry = [(b"retry-after", str(self.retry_after).encode())] if status in (429, 503) else []
        return Answer(status, answer.content, answer.headers + self.headers + retry)
