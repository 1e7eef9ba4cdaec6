"""Who is admitted. What a token may see, the database decides for each statement by itself."""

import hmac
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import URL

from serving.tokens.state import Known, State
from warehouse.access.credential import Credential, read_credential
from warehouse.access.limits import NO_LIMITS, TokenLimits

USE_SECONDS = 60.0
"""How often the use of a token is recorded."""
_NO_HASH, _WRONG_HASH = "0" * 64, "1" * 64


class Registry:
    """The valid tokens, as the database knew them a moment ago."""

    def __init__(self, state: State, clock: Callable[[], float] = time.monotonic) -> None:
        self._state = state
        self._clock = clock
        self._recorded_at: dict[str, float] = {}

    @property
    def url(self) -> Callable[[], URL]:
        """The address of the database for the role that knows tokens."""
        return self._state.url

    async def admit(self, written: str) -> tuple[Credential, Known] | None:
        """Return the token with what is known of it; None for one that is not valid, or that shows one page alone.

        Raises:
            Unreachable: the database does not answer, and what was read of it is too old.
        """
        await self._state.refresh()
        return self.admit_known(written)

    def admit_known(self, written: str) -> tuple[Credential, Known] | None:
        """Return the same without waiting, also where what was read is old."""
        admitted = self._find(written)
        return admitted if admitted and admitted[1].page is None else None

    async def admit_to_page(self, written: str) -> tuple[Credential, str] | None:
        """Return the token with the address of the one page that it shows; None for any other.

        Raises:
            Unreachable: as above.
        """
        await self._state.refresh()
        admitted = self._find(written)
        return (admitted[0], admitted[1].page) if admitted and admitted[1].page else None

    async def may_show(self, origin: str) -> bool:
        """Whether any token lets pages of this origin read its answers: a browser asks before it sends the token."""
        await self._state.refresh()
        return any(origin in known.origins for known in self._state.tokens.values())

    def limits_of(self, token_id: str) -> TokenLimits:
        """Return the limits of a token; of one that is not known, those of all tokens."""
        known = self._state.tokens.get(token_id)
        return known.limits if known else NO_LIMITS

    def _find(self, written: str) -> tuple[Credential, Known] | None:
        """Return the token if it is valid. Records its use.

        Takes as long for a wrong secret as for a right one, and for an id that no token has.
        """
        given = read_credential(written)
        known = self._state.tokens.get(given.token_id) if given else None
        is_right = hmac.compare_digest(given.hash if given else _WRONG_HASH, known.hash if known else _NO_HASH)
        if not (given and known and is_right) or (known.expires_at and known.expires_at <= datetime.now(UTC)):
            return None
        now = self._clock()
        if now - self._recorded_at.get(given.token_id, -USE_SECONDS) >= USE_SECONDS:
            self._recorded_at[given.token_id] = now
            self._state.use(given.token_id)
        return given, known
