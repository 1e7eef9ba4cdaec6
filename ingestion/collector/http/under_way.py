"""How many requests are being read or landed, in all and of each address, and who has to come back later."""

from ingestion.collector.http.answer import RefusalError
from ingestion.collector.http.counters import Row


class UnderWay:
    """The requests of one process. No address can take all the places: slow bodies of one client delay no other."""

    def __init__(self, most: int, most_of_address: int, counts: Row) -> None:
        self._most, self._most_of_address, self._counts = most, most_of_address, counts
        self._of_address: dict[str, int] = {}

    def begin(self, address: str) -> None:
        """Count a request that begins.

        Raises:
            RefusalError: there are too many, of this address or in all.
        """
        number = self._of_address.get(address, 0)
        if self._counts.get("requests_in_flight") >= self._most:
            raise RefusalError("overloaded")
        if number >= self._most_of_address:
            raise RefusalError("rate_limited")
        self._counts.add("requests_in_flight", 1)
        self._of_address[address] = number + 1

    def end(self, address: str) -> None:
        """Count a request that has ended."""
        self._counts.add("requests_in_flight", -1)
        if left := self._of_address[address] - 1:
            self._of_address[address] = left
        else:
            del self._of_address[address]
