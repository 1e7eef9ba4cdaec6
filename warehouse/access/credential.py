"""A token that reads over HTTP, as text: its public id, and the secret from which hash and login follow. Pure."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field

from warehouse.postgres.roles import API_ROLE_PREFIX

_WRITTEN = re.compile(r"fft_([0-9a-f]{12})_([A-Za-z0-9_-]{32})")


@dataclass(frozen=True)
class Credential:
    """One token, as who holds it sends it. What shows an object does not show the secret."""

    token_id: str
    secret: str = field(repr=False)

    @property
    def written(self) -> str:
        """The token as it is shown once."""
        return f"fft_{self.token_id}_{self.secret}"

    @property
    def hash(self) -> str:
        """What is stored of it.

        A single SHA-256 is enough: the secret is 192 random bits, not a word that a person chose. No one can try them
        all, however fast the hash is. A slow hash and a salt would only cost each request its time.
        """
        return hashlib.sha256(self.secret.encode()).hexdigest()

    @property
    def role(self) -> str:
        """The role of the server that it logs in as."""
        return API_ROLE_PREFIX + self.token_id

    @property
    def password(self) -> str:
        """The password of this role. It follows from the secret, so that Footfall stores it nowhere.

        It does not follow from the stored hash: who reads that can log in as no token.
        """
        return hashlib.sha256(f"login of {self.token_id} with {self.secret}".encode()).hexdigest()


def new_credential() -> Credential:
    """Return a token with a secret of 192 random bits."""
    return Credential(secrets.token_hex(6), secrets.token_urlsafe(24))


def read_credential(written: str) -> Credential | None:
    """Read a token; None for a text that is none."""
    match = _WRITTEN.fullmatch(written)
    return Credential(match[1], match[2]) if match else None
