"""Addresses of the pages that show what a message is about."""

from datetime import date
from urllib.parse import quote

from runtime import ports
from runtime.settings import Settings


def of_days(site: str, first: date, last: date) -> str:
    """Return the path of a site's overview of some days, both included."""
    return f"{of_site(site)}?from={first}&to={last}"


def of_site(site: str, part: str = "") -> str:
    """Return the path of a site's page, or of a part of it such as `live`."""
    return "/".join(filter(None, ["/sites", quote(site, safe=""), part]))


def of_audit(audit_id: int) -> str:
    """Return the path of what an audit found."""
    return f"/checks/{audit_id}"


def address(settings: Settings, path: str) -> str:
    """Return the whole address of a path."""
    port = ports.port_of(settings.home / "run" / "serving.port", settings.serving_port)
    return (settings.pages_url or f"http://127.0.0.1:{port}").rstrip("/") + path
