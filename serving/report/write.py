"""Write the reports of a publication, and put them on their way by e-mail: a day of a site once, when it is whole."""

import logging
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import text

from footfall.pipeline.installation import Installation
from runtime import files
from serving.alarms.failure import report_failure
from serving.alarms.pages import address, of_days
from serving.delivery.message import Message
from serving.delivery.queue import put
from serving.delivery.receivers import receivers
from serving.report import render
from serving.report.report import ReportError, read
from serving.whole_days import whole_days
from warehouse.postgres.roles import Role

_log = logging.getLogger(__name__)


def write_reports(installation: Installation) -> Iterator[Path]:
    """Write the report of each site's newest day, and mail it if that is its yesterday, whole. May run twice.

    The newest day is that of the site's newest publication; a day without sessions has no report.
    """
    with installation.engine_of(Role.ANALYST).connect() as connection:
        now: datetime = connection.execute(text("select clock_timestamp()")).scalar_one()
        whole = whole_days(connection, now)
    for site, found in whole.items():
        try:
            path = write_report(installation, site, found.day)
        except ReportError:
            continue
        if found.day == found.yesterday:
            _mail(installation, site, found.day)
        yield path


def report_night(installation: Installation) -> list[Path]:
    """Write the reports of a night, and return their files.

    The night is published by then: a report that fails is reported as an alarm, and fails nothing else.
    """
    paths: list[Path] = []
    try:
        paths += write_reports(installation)
    except Exception as error:
        report_failure(installation, "Footfall: a report was not written", type(error).__name__)
        _log.exception("a report was not written")
    return paths


def write_report(installation: Installation, site: str, day: date) -> Path:
    """Write the report of a day, whole or not at all, and return its file.

    Raises:
        ReportError: no such site, or the day is not published.
    """
    page = render.as_page(read(installation, site, day), address(installation.settings, of_days(site, day, day)))
    path = file_of(installation, site, day)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    files.write(path, page.encode())
    return path


def write_picture(installation: Installation, site: str, day: date) -> Path:
    """Write the figures and charts of the report as a picture beside it, and return its file.

    Raises:
        ReportError: as above.
    """
    picture = file_of(installation, site, day).with_suffix(".png")
    files.write(picture, render.as_picture(read(installation, site, day)))
    return picture


def file_of(installation: Installation, site: str, day: date) -> Path:
    """Return where the report of a day lies."""
    return installation.settings.reports / site / f"{day}.html"


def _mail(installation: Installation, site: str, day: date) -> None:
    report = read(installation, site, day)
    message = Message(
        state="report",
        title=f"Footfall: {render.title(report)}",
        text=render.summary(report),
        site=site,
        page=address(installation.settings, of_days(site, day, day)),
        file=f"{site}/{day}.html",
    )
    names = [name for name in receivers(installation.settings) if name == "mail"]
    with installation.engine_of(Role.SERVING).begin() as connection:
        put(connection, names, message, once=f"report of {site} {day}")
