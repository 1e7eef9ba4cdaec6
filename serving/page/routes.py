"""The addresses of the page: signing in and out, the sites, their pages, and the files that these load."""

import asyncio
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from psycopg import Error

from expectations.page import LATEST, read_page
from runtime.secrets import read_or_create
from runtime.settings import Settings
from serving.api.exchange import Reading
from serving.api.problem import Problem, of_error
from serving.page import render, static
from serving.page.definitions import definitions, described
from serving.page.filled import Filled, fill, sites_of
from serving.page.navigation import BY_NAME, FIRST, PAGES, QUICK_DAYS
from serving.page.shared import shared
from serving.page.sign_in import require_own_form, sees_all_sites, signed_in
from serving.page.view import read_view
from serving.tokens.connections import Busy
from serving.tokens.cookie import forget, keep
from serving.tokens.limits import TooMany
from serving.tokens.state import Unreachable
from warehouse.access.share import key_file

_MOST_BYTES = 8192
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _Html(APIRoute):
    """A route whose refusals are pages, too."""

    def get_route_handler(self) -> _Handler:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def for_people(request: Request) -> Response:
            try:
                return await answer(request)
            except (Problem, Error, Busy, TooMany, Unreachable) as error:
                return _refused(error if isinstance(error, Problem) else of_error(error))

        return for_people


router = APIRouter(route_class=_Html, include_in_schema=False, default_response_class=HTMLResponse)


def add_page(application: FastAPI, settings: Settings) -> None:
    """Add the page to the application that answers the questions."""
    application.state.links_key = lambda: read_or_create(key_file(settings))
    application.state.checks = settings.checks
    application.state.definitions = definitions(application.state.marts, application.state.described_metrics)
    application.include_router(router)


@router.get("/")
async def home(request: Request) -> Response:
    """Show the sites, or where to sign in."""
    token = await signed_in(request)
    if token is None:
        return render.page("sign_in.html", {"refused": False, "following": ""})
    sites = await sites_of(request.app.state.reading, token)
    return render.page("sites.html", {"sites": sites, "first": FIRST})


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Keep a valid token in the cookie, and lead to the page that was asked for."""
    require_own_form(request)
    form = await _form(request)
    token, following = form.get("token", "").strip(), _own_path(form.get("following", ""))
    reading: Reading = request.app.state.reading
    if await reading.registry.admit(token) is None:
        return render.page("sign_in.html", {"refused": True, "following": following}, 401)
    answer = RedirectResponse(following or "/", 303)
    keep(answer, request, token)
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """Forget the token."""
    require_own_form(request)
    answer = RedirectResponse("/", 303)
    forget(answer, request)
    return answer


@router.get("/sites/{site}")
@router.get("/sites/{site}/{name}")
async def site_page(request: Request, site: str, name: str = FIRST.name) -> Response:
    """Show a page of a site."""
    token = await signed_in(request)
    if token is None:
        return _sign_in_for(request)
    page = BY_NAME.get(name)
    if page is None or "\0" in site:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no such page; there is {', '.join(BY_NAME)}")
    view = read_view(site, name, dict(request.query_params), page.takes)
    filled = await fill(request.app.state.reading, token, page, view)
    return render.page(page.template, _values(request, filled))


@router.get("/checks/{audit}")
async def checks_page(request: Request, audit: str) -> Response:
    """Show what an audit found, by its number or `latest`. It may name people of any site."""
    sees_all = await sees_all_sites(request)
    if sees_all is None:
        return _sign_in_for(request)
    if not sees_all:
        raise Problem(HTTPStatus.FORBIDDEN, "checks are of all sites at once; sign in with a token of --all-sites")
    found = await asyncio.to_thread(read_page, request.app.state.checks, audit)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no such audit; /checks/{LATEST} is the newest")
    return render.document(found)


@router.get("/shared/{link}")
async def shared_page(request: Request, link: str) -> Response:
    """Show a page to who has its link."""
    filled = await shared(request.app.state.reading, link, request.app.state.links_key)
    return render.page(filled.page.template, _values(request, filled), framed_by=filled.site["framed_by"].split())


@router.get("/shared/{link}/{card}.csv")
async def shared_rows(request: Request, link: str, card: str) -> Response:
    """Send the rows of one of its cards."""
    filled = await shared(request.app.state.reading, link, request.app.state.links_key)
    if card not in filled.by_name:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such file")
    headers = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
    return Response(filled.by_name[card].csv(), headers=headers, media_type="text/csv; charset=utf-8; header=present")


@router.get("/static/{digest}/{file}")
async def static_file(request: Request, digest: str, file: str) -> Response:
    """Send a file; it may be kept for ever, since its address changes with it."""
    found = static.file(file)
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "there is no such file")
    headers = {"Content-Encoding": "gzip", "Cache-Control": "public, max-age=31536000, immutable"}
    if digest != static.digest():
        headers["Cache-Control"] = "no-cache"
    return Response(found.content, headers=headers, media_type=found.media_type)


def _sign_in_for(request: Request) -> Response:
    """Return the page to sign in, which leads back."""
    following = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
    return render.page("sign_in.html", {"refused": False, "following": following}, 401)


def _values(request: Request, filled: Filled) -> dict[str, Any]:
    known = request.app.state.definitions
    return {
        "filled": filled,
        "view": filled.view,
        "pages": PAGES,
        "quick_days": QUICK_DAYS,
        "is_shared": bool(filled.view.base),
        "described": lambda columns: described(columns, known),
    }


def _refused(problem: Problem) -> Response:
    answer = render.page("problem.html", {"problem": problem.body}, problem.status)
    answer.headers.update({name: value for name, value in problem.headers.items() if name == "Retry-After"})
    return answer


async def _form(request: Request) -> dict[str, str]:
    """Read the fields of a form.

    Raises:
        Problem: it is too long.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a form has at most {_MOST_BYTES} bytes")
    return dict(parse_qsl(body.decode("ascii", "replace")))


def _own_path(address: str) -> str:
    """Return the address if it is one of a page of ours; empty for any other."""
    parts = urlsplit(address)
    is_own = (
        address.startswith(("/sites/", "/checks/")) and not parts.netloc and not parts.scheme and "\\" not in address
    )
    return address if is_own and address.isprintable() else ""
