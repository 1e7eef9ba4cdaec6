"""A page that a link shows to who has it: read-only, without a way to any other, until the link ends."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote, urlsplit

from runtime.errors import FootfallError
from serving.api.exchange import Reading
from serving.api.problem import Problem
from serving.page.card import Page
from serving.page.filled import Filled, fill
from serving.page.navigation import BY_NAME, FIRST
from serving.page.view import View, read_view
from warehouse.access.share import credential_of

FOLDER = "/shared"


class ShareError(FootfallError):
    """An address that is that of no page."""


def page_at(address: str) -> tuple[Page, View]:
    """Return the page at an address, `/sites/shop/overview?days=28` or the whole of it.

    Raises:
        ShareError: there is no such page, or a parameter does not fit.
    """
    parts = urlsplit(address)
    folder, site, name = ([unquote(each) for each in parts.path.strip("/").split("/")] + [""] * 3)[:3]
    page = BY_NAME.get(name or FIRST.name)
    if folder != "sites" or not site or page is None:
        raise ShareError(f"name a page as /sites/SITE/PAGE, of {', '.join(BY_NAME)}")
    try:
        return page, read_view(site, page.name, dict(parse_qsl(parts.query)), page.takes)
    except Problem as problem:
        raise ShareError(str(problem)) from None


async def shared(reading: Reading, link: str, key: Callable[[], str]) -> Filled:
    """Return the page that a link shows. `key` gives the secret of the installation's links.

    Raises:
        Problem: the link shows none, or not any more: which of these, is not said.
        TooMany, Busy, psycopg.Error: the request is refused with these.
    """
    credential = credential_of(link, key())
    admitted = await reading.registry.admit_to_page(credential.written if credential else "")
    if admitted is None:
        raise Problem(HTTPStatus.NOT_FOUND, "this link shows no page, or not any more; ask who sent it for another")
    token, address = admitted
    page, view = page_at(address)
    return await fill(reading, token, page, view.at(f"{FOLDER}/{link}"))
