"""The collector as a function from a request to its answer: posts, and the pages that say how it is doing."""

import asyncio
import logging
import math
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, Self

from msgspec import Raw, structs

from ingestion.collector.commit import GroupCommit
from ingestion.collector.cookieless import Devices
from ingestion.collector.device_keys import DeviceKeys, usable_days
from ingestion.collector.http.address import Proxies, rate_limit_key, stored_address
from ingestion.collector.http.answer import Answer, Headers, RefusalError
from ingestion.collector.http.counters import Row
from ingestion.collector.http.openapi import document
from ingestion.collector.http.request import DisconnectedError, Request
from ingestion.collector.http.under_way import UnderWay
from ingestion.collector.rates import Rates
from ingestion.collector.registry import Key, Registry, Site
from ingestion.collector.session_end import read_session_end, validate_session_end
from ingestion.event.batch import MAX_EVENTS, Batch, BatchError, read_batch
from ingestion.event.reception import Reception
from ingestion.event.validate import MAX_USER_AGENT, Landed, LandedEvent, LandedReject, encode_lines, validate
from ingestion.landing.writer import LandingError, SegmentWriter
from runtime.addresses import first_client, read_ip
from runtime.settings import Settings

_log = logging.getLogger(__name__)
_METHODS = {
    "/v1/events": "POST, OPTIONS",
    "/v1/sessions/end": "POST, OPTIONS",
    "/healthz": "GET, HEAD",
    "/readyz": "GET, HEAD",
    "/metrics": "GET, HEAD",
    "/tracker.js": "GET, HEAD",
    "/tracker.core.js": "GET, HEAD",
    "/tracker.vitals.js": "GET, HEAD",
    "/openapi.json": "GET, HEAD",
}

_SCRIPTS = {path: (Path(__file__).parent / path[1:]).read_bytes() for path in _METHODS if path.endswith(".js")}
_SCRIPT = [
    (b"content-type", b"text/javascript; charset=utf-8"),
    (b"cache-control", b"public, max-age=3600"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    # A page that loads it as a module asks for this.
    (b"access-control-allow-origin", b"*"),
]


class _Taken(NamedTuple):
    """How the posts of one path become lines of the landing zone."""

    read: Callable[[bytes], Batch]
    validate: Callable[[Raw, Reception, int], Landed]


_TAKEN = {
    "/v1/events": _Taken(read_batch, validate),
    "/v1/sessions/end": _Taken(lambda body: read_session_end(body, datetime.now(UTC)), validate_session_end),
}


class Collector:
    """The application of one process, inside a running loop. As a context it seals its segments at the end."""

    def __init__(
        self,
        registry: Registry,
        make_writer: Callable[[], SegmentWriter],
        counts: Row,
        collector_id: str,
        settings: Settings,
        process_count: int = 1,
        body_seconds: float = 10.0,
        max_in_flight: int = 512,
        max_of_address: int = 128,
        tend_seconds: float = 0.2,
    ) -> None:
        self._registry, self._make_writer, self._counts = registry, make_writer, counts
        self._collector_id, self._settings = collector_id, settings
        self._device_keys = DeviceKeys(settings.device_keys)
        self._failing: set[str] = set()
        self._proxies = Proxies(settings.trusted_proxies)
        self._rate_per_key = Rates(settings.collector_rate_per_key / process_count)
        self._rate_per_address = Rates(settings.collector_rate_per_address / process_count)
        self._body_seconds, self._tend_seconds = body_seconds, tend_seconds
        self._under_way = UnderWay(max_in_flight, max_of_address, counts)
        self._commit: GroupCommit
        self._tending: asyncio.Task[None]

    async def __aenter__(self) -> Self:
        await self._destroy_keys()
        self._commit = GroupCommit(self._make_writer(), self._counts)
        self._tending = asyncio.create_task(self._tend())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._tending.cancel()
        await self._commit.close()

    async def _tend(self) -> None:
        while True:
            await asyncio.sleep(self._tend_seconds)
            try:
                await self._commit.tend()
            except Exception as error:
                _log.error("tending the landing zone failed", extra={"error": repr(error)})
            await self._destroy_keys()

    async def _destroy_keys(self) -> None:
        try:
            self._registry.refresh()
            await asyncio.to_thread(self._device_keys.destroy_due, datetime.now(UTC), self._registry.zone_of)
        except Exception as error:
            self._judge_keys("destroyed", error)
        else:
            self._judge_keys("destroyed", None)

    async def respond(self, request: Request) -> Answer:
        """Make the answer to a request, whatever happens.

        Raises:
            DisconnectedError: the client is gone.
        """
        try:
            answer = await self._answer(request)
        except DisconnectedError:
            raise
        except RefusalError as refusal:
            answer = refusal.answer()
        except Exception as error:
            # The message could quote the body; the place is enough.
            place = error.__traceback__
            while place and place.tb_next:
                place = place.tb_next
            where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else None
            _log.error("request failed", extra={"error": type(error).__name__, "where": where})
            answer = RefusalError("internal_error").answer()
        self._counts.count_answer(answer.status)
        return answer

    async def _answer(self, request: Request) -> Answer:
        self._registry.refresh()
        if request.path in _TAKEN and request.method == "POST":
            return await self._post(request)
        methods = _METHODS.get(request.path)
        if methods is None:
            raise RefusalError("not_found")
        if request.method not in methods.split(", "):
            raise RefusalError("method_not_allowed", headers=[(b"allow", methods.encode())])
        match request.path:
            case "/healthz":
                return await self._health(is_ready=True)
            case "/readyz":
                return await self._health(is_ready=self._registry.is_loaded)
            case "/metrics":
                page = self._counts.counters.page().encode()
                return Answer(200, page, [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")])
            case path if path in _SCRIPTS:
                return Answer(200, _SCRIPTS[path], _SCRIPT)
            case "/openapi.json":
                return Answer.of(200, document())
        return self._preflight(request)

    async def _health(self, is_ready: bool) -> Answer:
        can_land = await self._commit.is_healthy()
        status = 200 if is_ready and can_land else 503
        return Answer.of(status, {"landing": can_land, "ready": is_ready and can_land})

    def _preflight(self, request: Request) -> Answer:
        origin = request.origin
        if origin is None or not self._registry.any_site_allows(origin):
            return Answer(204)
        asked = [
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", b"authorization, content-type, content-encoding"),
            (b"access-control-max-age", b"86400"),
        ]
        return Answer(204, headers=_allow(origin) + asked)

    async def _post(self, request: Request) -> Answer:
        try:
            answer = await self._admit(request)
        except RefusalError as refusal:
            key = self._registry.find_key(request.key() or b"")
            self._counts.refusals.count(refusal.code, key.site_id if key else "", request.origin, time.time())
            answer = refusal.answer()
        # A refusal, too: the page can then report the reason.
        allow = _allow(request.origin)
        return Answer(answer.status, answer.content, answer.headers + allow) if allow else answer

    async def _admit(self, request: Request) -> Answer:
        if not self._registry.is_loaded:
            raise RefusalError("registry_unavailable")
        client = self._proxies.client(request.peer, request.all_headers)
        _refuse_too_fast(self._rate_per_address, rate_limit_key(client))
        secret = request.key() or b""
        key = self._registry.find_key(secret)
        if key is None:
            raise RefusalError("unknown_key", headers=[(b"www-authenticate", b"Bearer")])
        site = self._registry.site(key.site_id)
        if not site.allows(request.origin):
            raise RefusalError("origin_not_allowed")
        _refuse_too_fast(self._rate_per_key, secret)
        return await self._take(request, key, site, client)

    async def _take(self, request: Request, key: Key, site: Site, client: str) -> Answer:
        request.check_head()
        address = rate_limit_key(client)
        self._under_way.begin(address)
        try:
            if not request.is_read:
                await request.arrive(self._body_seconds)
            taken = _TAKEN[request.path]
            batch = _read(taken, request.body())
            reception = self._reception(batch, request, key, client)
            if site.is_cookieless and not reception.is_private:
                devices = await self._devices(reception, site, None if key.is_server else client)
                reception = structs.replace(reception, find_device=devices.find)
            lines, errors = self._validate(taken, batch, reception)
            if lines:
                await self._commit.land(lines)
        except LandingError:
            raise RefusalError("landing_unavailable") from None
        finally:
            self._under_way.end(address)
        accepted = len(batch.events) - len(errors)
        self._counts.add("events_accepted_total", accepted)
        self._counts.add("events_rejected_total", len(errors))
        return Answer.of(202, {"accepted": accepted, "rejected": len(errors), "errors": errors})

    def _reception(self, batch: Batch, request: Request, key: Key, client: str) -> Reception:
        now, settings = datetime.now(UTC), self._settings
        is_private = not batch.consent or (settings.respect_dnt and request.asks_for_privacy)
        return Reception(
            site_id=key.site_id,
            received_at=now,
            collector_id=self._collector_id,
            sent_at=batch.sent_at,
            oldest=self._registry.oldest_allowed(now),
            ip=stored_address(client, settings.ip_mode) if client and not is_private else None,
            user_agent=request.user_agent(MAX_USER_AGENT),
            is_private=is_private,
            stored_address=self._stored_address if key.is_server else None,
        )

    async def _devices(self, reception: Reception, site: Site, client: str | None) -> Devices:
        days = usable_days(reception.received_at, site.zone)
        keys: dict[date, bytes] = {}
        try:
            for day in days:
                key = self._device_keys.find(reception.site_id, day)
                if key is None:  # It is read, or made, beside the other requests.
                    key = await asyncio.to_thread(self._device_keys.load, reception.site_id, day)
                keys[day] = key
        except OSError as error:
            self._judge_keys("read or made", error)
            raise RefusalError("landing_unavailable") from None
        self._judge_keys("read or made", None)
        return Devices(reception.site_id, site.zone, days[0], keys, client)

    def _judge_keys(self, done: str, error: Exception | None) -> None:
        """Log a failure once, until the same is done again."""
        if error and done not in self._failing:
            _log.error(f"keys of cookieless sites cannot be {done}", extra={"error": repr(error)})
            self._failing.add(done)
        elif not error:
            self._failing.discard(done)

    def _stored_address(self, named: str) -> str | None:
        """Return what is stored of an address that a server names: its first, as in X-Forwarded-For."""
        address = read_ip(first_client(named) or "")
        return stored_address(address, self._settings.ip_mode) if address else None

    def _validate(self, taken: _Taken, batch: Batch, reception: Reception) -> tuple[bytes, list[dict[str, Any]]]:
        landed = _in_order([taken.validate(event, reception, number) for number, event in enumerate(batch.events, 1)])
        errors = [
            {"index": index, "reason": item.reason, "field": item.field}
            for index, item in enumerate(landed)
            if isinstance(item, LandedReject)
        ]
        return encode_lines(landed), errors


def _read(taken: _Taken, body: bytes) -> Batch:
    try:
        batch = taken.read(body)
    except BatchError as error:
        raise RefusalError("invalid_body", str(error)) from None
    if len(batch.events) > MAX_EVENTS:
        raise RefusalError("too_many_events")
    return batch


def _refuse_too_fast(rates: Rates, name: str | bytes) -> None:
    if seconds := rates.seconds_to_wait(name):
        raise RefusalError("rate_limited", retry_after=math.ceil(seconds))


def _in_order(landed: list[Landed]) -> list[Landed]:
    """Give copies of an id within a batch rising times, so that their order decides which was received first."""
    ids = [item.event_id for item in landed if isinstance(item, LandedEvent)]
    if len(set(ids)) == len(ids):
        return landed
    return [
        structs.replace(item, received_at=item.received_at + timedelta(microseconds=number))
        for number, item in enumerate(landed)
    ]


def _allow(origin: str | None) -> Headers:
    """Return headers that let the page read the answer. A page with origin `null` belongs to no site."""
    if origin is None or origin == "null":
        return []
    return [
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", b"retry-after"),
        (b"vary", b"Origin"),
    ]
