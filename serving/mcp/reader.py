"""Who asks: a token, as the database knows it now, or the analyst of the installation."""

from dataclasses import dataclass

from sqlalchemy import URL

from serving.api.problem import unauthorized
from serving.tokens.connections import Login
from serving.tokens.registry import Registry
from warehouse.access.credential import Credential


@dataclass(frozen=True)
class Reader:
    """What a request may do."""

    login: Login
    token: Credential | None = None
    """None: the analyst asks."""
    reads_contacts: bool = False

    @property
    def counted_as(self) -> str:
        """The name by which its requests are limited."""
        return self.token.token_id if self.token else self.login.role


@dataclass(frozen=True)
class _Role:
    role: str
    password: str


def analyst(url: URL) -> Reader:
    """Return the analyst, who reads every site and no contacts, by the URL of this role."""
    return Reader(_Role(str(url.username), str(url.password)))


async def admit(registry: Registry, written: str) -> Reader:
    """Return who holds this token.

    Raises:
        Problem: it is not valid.
        Unreachable: the database does not answer.
    """
    admitted = await registry.admit(written)
    if admitted is None:
        raise unauthorized()
    token, known = admitted
    return Reader(token, token, known.reads_contacts)
