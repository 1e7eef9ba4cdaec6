"""Who takes messages: a webhook and a mailbox, as the settings name them. What they answer is never trusted further.

The address of a webhook is a secret: who has it may post. So no error of ours quotes it.
"""

from collections.abc import Callable, Mapping

import httpx

from runtime.errors import FootfallError
from runtime.settings import Settings, WebhookForm
from serving.delivery import mail
from serving.delivery.message import Message, as_json, as_slack

SECONDS = 10
"""How long a receiver may keep silent."""

Send = Callable[[Message, str], None]
"""Send a message with the id of its delivery. Raises NotTaken."""


class NotTaken(FootfallError):
    """A receiver did not take a message, and why, without its address."""


def receivers(settings: Settings) -> Mapping[str, Send]:
    """Return how to send to each receiver that is configured.

    Returns:
        webhook, mail → the function that sends.
    """
    found: dict[str, Send] = {}
    if settings.webhook_url:
        found["webhook"] = lambda message, delivery_id: _post(settings, message, delivery_id)
    if settings.smtp_url and settings.mail_to:
        found["mail"] = lambda message, delivery_id: _mail(settings, message, delivery_id)
    return found


def _post(settings: Settings, message: Message, delivery_id: str) -> None:
    is_slack = settings.webhook_form is WebhookForm.SLACK
    body = as_slack(message) if is_slack else as_json(message, delivery_id)
    try:
        # What it answers is left unread: it may never end.
        with httpx.stream("POST", str(settings.webhook_url), json=body, timeout=SECONDS, trust_env=False) as answer:
            if not answer.is_success:
                raise NotTaken(f"it answered {answer.status_code}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotTaken(f"it cannot be reached: {type(error).__name__}") from None


def _mail(settings: Settings, message: Message, delivery_id: str) -> None:
    try:
        mail.send(settings, message, delivery_id, SECONDS)
    except mail.MailError as error:
        raise NotTaken(str(error)) from None
