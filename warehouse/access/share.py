"""Links that show one page of a site to who has them, until they expire. A link is a token that reads nothing else.

The token follows from the link and from a secret of the installation: who has a link alone can log in to no database.
"""

import base64
import hashlib
import hmac
import re
import secrets
from pathlib import Path

from sqlalchemy import Connection

from runtime.secrets import read_or_create
from runtime.settings import Settings
from warehouse.access.credential import Credential, new_credential
from warehouse.access.tokens import add_token

_LINK = re.compile(r"([0-9a-f]{12})-([A-Za-z0-9_-]{32})")


def key_file(settings: Settings) -> Path:
    """Return the file with the secret of the installation's links."""
    return settings.home / "secrets" / "links.key"


def share(connection: Connection, settings: Settings, site: str, page: str, days: int) -> tuple[str, str]:
    """Share the page of a site at an address for so many days.

    Returns:
        The name by which the link is revoked, as a token is, and the link: the part of its address after `/shared/`.

    Raises:
        SiteError: no such site.
    """
    drawn = new_credential()
    link = f"{drawn.token_id}-{drawn.secret}"
    made = credential_of(link, read_or_create(key_file(settings)))
    name = f"share-{secrets.token_hex(4)}"
    add_token(connection, name, [site], expire_days=days, page=page, made=made)
    return name, link


def credential_of(link: str, key: str) -> Credential | None:
    """Return the token of a link; None for a text that is none."""
    match = _LINK.fullmatch(link)
    if not match:
        return None
    digest = hmac.digest(key.encode(), link.encode(), hashlib.sha256)
    return Credential(match[1], base64.urlsafe_b64encode(digest[:24]).decode())
