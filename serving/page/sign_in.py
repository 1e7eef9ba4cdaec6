"""Who looks at a page: the token in the cookie, and whether a form was sent from a page of ours. Nothing is written."""

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import Request

from serving.api.exchange import Reading
from serving.api.problem import Problem
from serving.tokens.cookie import kept
from serving.tokens.state import Known
from warehouse.access.credential import Credential


async def signed_in(request: Request) -> Credential | None:
    """Return the token in the cookie; None without a valid one.

    Raises:
        Unreachable: the database does not say which tokens are valid.
    """
    admitted = await _admitted(request)
    return admitted[0] if admitted else None


async def sees_all_sites(request: Request) -> bool | None:
    """Whether the token in the cookie is one of all sites; None without a valid one.

    Raises:
        Unreachable: as above.
    """
    admitted = await _admitted(request)
    return admitted[1].sees_all_sites if admitted else None


async def _admitted(request: Request) -> tuple[Credential, Known] | None:
    reading: Reading = request.app.state.reading
    written = kept(request)
    return await reading.registry.admit(written) if written else None


def require_own_form(request: Request) -> None:
    """Refuse a form that a page of another origin sends.

    Raises:
        Problem: it comes from elsewhere.
    """
    origin = request.headers.get("origin", "")
    # A page that sends no referrer may send `null` as its origin. Browsers that know this header say more with it.
    site = request.headers.get("sec-fetch-site")
    is_own = site == "same-origin" if site else urlsplit(origin).netloc == request.headers.get("host")
    if not is_own:
        raise Problem(HTTPStatus.FORBIDDEN, "this form was sent by another page; open this one and try again")
