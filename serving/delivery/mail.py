"""E-mail: the message, and the SMTP server that takes it. A password travels in TLS or on loopback alone."""

import re
import smtplib
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from runtime.display import shown
from runtime.errors import FootfallError
from runtime.settings import Settings
from serving.charts.theme import LIGHT, coloured
from serving.delivery.inline import inlined
from serving.delivery.message import Message, as_text

WIDTH = 600
"""How wide the page of a mail is, in pixels."""
_CHART_WIDTH = WIDTH - 60
_CHART = re.compile(r"<svg.*?</svg>", re.DOTALL)


class MailError(FootfallError):
    """A mail that was not taken, and why, without the password."""


def send(settings: Settings, message: Message, delivery_id: str, seconds: float) -> None:
    """Send one mail to all addresses of `mail_to`.

    Raises:
        MailError: it was not taken, or the server offers no TLS for the password.
    """
    where = urlsplit(str(settings.smtp_url))
    host = where.hostname or "localhost"
    made = make(settings, message, delivery_id)
    try:
        tls = ssl.create_default_context()
        if where.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, where.port or 465, timeout=seconds, context=tls)
        else:
            server = smtplib.SMTP(host, where.port or 587, timeout=seconds)
        with server:
            server.ehlo()
            if where.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=tls)
                server.ehlo()
            elif where.scheme == "smtp" and where.password and not _is_loopback(host):
                raise MailError("the mail server offers no TLS, and the password is not sent without")
            if where.username:
                server.login(unquote(where.username), unquote(where.password or ""))
            server.send_message(made)
    except smtplib.SMTPResponseException as error:
        raise MailError(f"the mail server answered {error.smtp_code}") from None
    except (OSError, smtplib.SMTPException) as error:
        raise MailError(f"the mail server cannot be used: {type(error).__name__}") from None


def make(settings: Settings, message: Message, delivery_id: str) -> EmailMessage:
    """Return the mail. Its Message-ID is the same each time that the same message is sent."""
    made = EmailMessage()
    made["Subject"] = shown(message.title)
    made["From"] = settings.mail_from
    made["To"] = settings.mail_to
    made["Date"] = format_datetime(message.since or datetime.now(UTC))
    made["Message-ID"] = f"<{delivery_id}@footfall.invalid>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(as_text(message))
    if message.file:
        _add_report(made, settings, message.file)
    return made


def _add_report(made: EmailMessage, settings: Settings, file: str) -> None:
    """Add the report as the mail's page, with its charts as pictures, which mail clients show, and as a file."""
    import vl_convert

    path = settings.reports / file
    try:
        page = path.read_text()
    except FileNotFoundError:
        raise MailError(f"the report {file} is gone") from None
    charts = _CHART.findall(page)
    for number, chart in enumerate(charts):
        size = f'width="{_CHART_WIDTH}" style="width: 100%; height: auto; display: block"'
        page = page.replace(chart, f'<img src="cid:chart{number}@footfall.invalid" alt="" {size}>', 1)
    page = inlined(page, LIGHT).replace('<table width="100%"', f'<table width="{WIDTH}"', 1)
    made.add_alternative(page, subtype="html")
    (_, shown_page) = made.iter_parts()
    for number, chart in enumerate(charts):
        picture = vl_convert.svg_to_png(coloured(chart, LIGHT), scale=2)
        cid = f"<chart{number}@footfall.invalid>"
        shown_page.add_related(picture, "image", "png", cid=cid, filename=f"chart{number}.png", disposition="inline")
    made.add_attachment(path.read_bytes(), "text", "html", filename=f"footfall-{file.replace('/', '-')}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
