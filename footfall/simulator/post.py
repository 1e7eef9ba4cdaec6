"""Send traffic to a collector as clients do: in batches, over a few connections, again after an answer to wait.

No batch carries `sent_at`, so that events of the past are not taken for a wrong clock. Sending traffic again makes
duplicates only.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import httpx
import msgspec

from footfall.simulator.traffic import Sent
from runtime.errors import FootfallError

BATCH_SIZE = 500
_PATIENCE = 120.0
"""Seconds of waiting and trying again after which a batch is given up."""


class PostError(FootfallError):
    """Why the collector did not accept a batch."""


class Posted(NamedTuple):
    """How much the collector has acknowledged."""

    events: int
    batches: int


class Batch(NamedTuple):
    """Events of one site and one user agent, which travel in one request."""

    site: str
    user_agent: str
    events: list[dict[str, object]]


def batches(traffic: Iterable[Sent], size: int = BATCH_SIZE) -> Iterator[Batch]:
    """Group events that may share a request. A full batch is given at once, the others at the end."""
    waiting: dict[tuple[str, str], list[dict[str, object]]] = {}
    for site, user_agent, event in traffic:
        events = waiting.setdefault((site, user_agent), [])
        events.append(event)
        if len(events) == size:
            yield Batch(site, user_agent, waiting.pop((site, user_agent)))
    for (site, user_agent), events in waiting.items():
        yield Batch(site, user_agent, events)


def post(
    traffic: Iterable[Sent],
    url: str,
    keys: Mapping[str, str],
    progress: Callable[[Posted], None] = lambda posted: None,
    connections: int = 3,
) -> Posted:
    """Send all of `traffic` to the collector at `url`, with the write key of each site.

    Raises:
        PostError: a site has no key, the collector refuses a batch or an event, or cannot be reached.
    """
    return asyncio.run(_post_all(batches(traffic), url, keys, progress, connections))


async def _post_all(
    queue: Iterator[Batch],
    url: str,
    keys: Mapping[str, str],
    progress: Callable[[Posted], None],
    connections: int,
) -> Posted:
    total = Posted(0, 0)

    async def work(client: httpx.AsyncClient) -> None:
        nonlocal total
        # All workers take from the one queue, so each batch is sent by exactly one of them.
        for batch in queue:
            await _post_batch(client, batch, keys)
            total = Posted(total.events + len(batch.events), total.batches + 1)
            progress(total)

    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60, trust_env=False) as client:
        workers = [asyncio.ensure_future(work(client)) for _ in range(connections)]
        try:
            await asyncio.gather(*workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
    return total


async def _post_batch(client: httpx.AsyncClient, batch: Batch, keys: Mapping[str, str]) -> None:
    if batch.site not in keys:
        raise PostError(f"no write key for site {batch.site}")
    headers = {
        "Authorization": f"Bearer {keys[batch.site]}",
        "Content-Type": "application/json",
        "User-Agent": batch.user_agent,
    }
    body = msgspec.json.encode({"events": batch.events})
    waited = 0.0
    while True:
        try:
            answer = await client.post("/v1/events", content=body, headers=headers)
        except httpx.TransportError as error:
            status, text, pause = None, f"{type(error).__name__}: {error}", 1.0
        else:
            status, text, pause = answer.status_code, answer.text, _retry_after(answer)
        if status == 202:
            return _require_accepted(batch, answer)
        if status not in (429, 503, None) or waited + pause > _PATIENCE:
            raise PostError(
                f"site {batch.site}: the collector answered {status or 'nothing'}, see `footfall doctor`: {text[:500]}"
            )
        await asyncio.sleep(pause)
        waited += pause


def _retry_after(answer: httpx.Response) -> float:
    seconds = answer.headers.get("retry-after", "1")
    return float(seconds) if seconds.isdigit() else 1.0


def _require_accepted(batch: Batch, answer: httpx.Response) -> None:
    result = answer.json()
    if result["rejected"] == 0 and result["accepted"] == len(batch.events):
        return
    first = (result["errors"] or [{"index": 0, "reason": "not counted"}])[0]
    raise PostError(
        f"site {batch.site}: {result['rejected']} of {len(batch.events)} events rejected (docs/events.md says why); the"
        f" first for {first['reason']} {first.get('field') or ''}: {batch.events[first['index']]}"
    )
