"""Clients that post all the time, repeat what was not acknowledged, and note what was."""

import random
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.support.events import event

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
_DAYS = 3


class Clients:
    """Use as a context: they post meanwhile. An event that was never acknowledged may or may not be found."""

    def __init__(self, url: str, key: str, seed: int, count: int = 4) -> None:
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.unexpected: list[str] = []
        self._url, self._key, self._stop = url, key, threading.Event()
        self._threads = [threading.Thread(target=self._post, args=(random.Random(seed + n),)) for n in range(count)]

    def __enter__(self) -> "Clients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _post(self, chance: random.Random) -> None:
        headers = {"authorization": f"Bearer {self._key}", "user-agent": BROWSER}
        with httpx.Client(base_url=self._url, headers=headers, timeout=30) as client:
            while not self._stop.wait(0.05 * chance.random()):
                batch = [_event(chance) for _ in range(chance.randint(1, 5))]
                self.sent.update(fields["event_id"] for fields in batch)
                while not self._deliver(client, batch) and not self._stop.wait(0.05):
                    pass
                if chance.random() < 0.03:
                    self._deliver(client, batch)  # Its answer was lost on the way.

    def _deliver(self, client: httpx.Client, batch: list[dict[str, Any]]) -> bool:
        """Post once; whether it was acknowledged."""
        try:
            answer = client.post("/v1/events", json={"events": batch})
        except httpx.TransportError:
            return False
        if answer.status_code == 202 and answer.json()["rejected"] == 0:
            self.acknowledged.update(fields["event_id"] for fields in batch)
            return True
        if answer.status_code != 503:
            self.unexpected.append(f"{answer.status_code} {answer.text}")
        return False


def _event(chance: random.Random) -> dict[str, Any]:
    """A person does something on one of the last days."""
    at = datetime.now(UTC) - chance.random() * timedelta(days=_DAYS)
    name = chance.choice(("page_viewed", "page_viewed", "page_viewed", "message_sent", "checkout_started"))
    person = chance.randint(1, 300)
    known = {"user_id": f"u{person}"} if chance.random() < 0.2 else {}
    return event(at, f"d{person}", name, event_id=f"{chance.getrandbits(64):016x}", **known)
