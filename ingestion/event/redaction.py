"""Redact addresses and free texts: passwords, tokens, e-mail addresses, card numbers.

Events without `=`, `@` and long numbers need no further search. The time of every pattern is proportional to the length
of the text, for any text. Contacts that people leave on purpose are left to `ingestion.load.contacts`.
"""

import re
from collections.abc import Collection
from typing import Final

import msgspec

PARAMETERS: Final = (
    *("password", "passwd", "passphrase", "pwd", "pass", "pw", "secret", "client_secret", "otp", "pin"),
    *("token", "access_token", "refresh_token", "id_token", "auth_token", "reset_token", "csrf_token", "jwt"),
    *("auth", "authorization", "credential", "credentials", "api_key", "apikey", "key", "signature", "sig"),
    *("session", "session_id", "sessionid", "sid", "jsessionid", "phpsessid"),
    *("email", "e-mail", "email_address", "mail", "phone", "tel", "ssn", "iban"),
    *("card", "card_number", "cardnumber", "cc_number", "cvv", "cvc"),
)
"""Names whose values are redacted in addresses, in any case. The list is the same for all sites."""
REDACTED: Final = "[scrubbed]"
"""The stored replacement. Such an event also has the flag `scrubbed`."""
EMAIL: Final = "[email]"
CARD: Final = "[card]"
ADDRESS: Final = "[ip]"

_NAMES = frozenset(PARAMETERS)
_FIRST_LETTERS = "".join({name[0] for name in PARAMETERS})
# The first letters rule out the usual parameters at once: utm_…, gclid, q.
_PERHAPS_NAME = re.compile(f"[?&#;][{_FIRST_LETTERS}{_FIRST_LETTERS.upper()}]")
_NAME = re.compile(r"[?&#;]([^=&#;?]{2,16})=")
_PARAMETER = re.compile(
    rf"((?:(;)|[?&#]|%3f|%26|%23)(?:{'|'.join(sorted(map(re.escape, PARAMETERS), key=len, reverse=True))})(?:=|%3d))"
    r"(?:(?!%26|%23)(?(2)[^?&#;\s\"]|[^&#;\s\"]))+",
    re.IGNORECASE,
)
_CREDENTIALS = re.compile(r"(?<=://)[^/?#\s\"@]*+@")
_EMAIL = re.compile(r"(?<![\w.+%-])(?:(?!%40)[\w.+%-])++(?:@|%40)(?:[\w-]++\.)+[A-Za-z]{2,}")
_NUMBER = re.compile(r"(?<![\w.-])[2-6](?:[ -]?[0-9]){13,15}(?![ -]?[0-9]|\w|\.[0-9])")
_CARD = re.compile(
    r"4[0-9]{15}|5[1-5][0-9]{14}|2[2-7][0-9]{14}|3[47][0-9]{13}|3[068][0-9]{12}|35[0-9]{14}"
    r"|6(?:011|4[4-9][0-9]|5[0-9]{2}|2[0-9]{2})[0-9]{12}"
)
_CLIENT_IP = re.compile(r'("client_ip"\s*+:\s*+)"[^"]*+"?')
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_LEAST_DIGITS = 14
_LONG_NUMBER = re.compile(rb"[0-9][0-9 -]{13}")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"|[0-9]++')
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def redact_url(url: str) -> str:
    """Redact an address: values of the parameters above, name and password before the host, e-mail addresses."""
    if "%3" in url or (_PERHAPS_NAME.search(url) and not _NAMES.isdisjoint(_NAME.findall(url.lower()))):
        url = _PARAMETER.sub(rf"\1{REDACTED}", url)
    if "@" in url or "%40" in url:
        url = _mask_emails(_CREDENTIALS.sub("", url))
    return url


def redact_text(text: str) -> str:
    """Redact the text of an event: the same as in addresses, card numbers, and the address that a server names."""
    return _CLIENT_IP.sub(rf'\1"{ADDRESS}"', _NUMBER.sub(_mask_card, redact_url(text)))


def redact_properties(properties: bytes, contacts: Collection[str] = ()) -> bytes:
    """Mask e-mail addresses and card numbers in well-formed JSON, but for the values of the keys in `contacts`."""
    if b"@" not in properties and not _has_long_number(properties):
        return properties
    if not contacts:
        return _TOKEN.sub(_mask_token, properties.decode()).encode()
    members = _MEMBERS.decode(properties)
    masked = {
        key: value if key in contacts else msgspec.Raw(redact_properties(bytes(value)))
        for key, value in members.items()
    }
    return msgspec.json.encode(masked) if any(masked[key] != members[key] for key in members) else properties


def _has_long_number(content: bytes) -> bool:
    """Whether there may be a long number. Counting digits decides it in half of the pattern's time."""
    return len(content.translate(None, _NO_DIGITS)) >= _LEAST_DIGITS and bool(_LONG_NUMBER.search(content))


def _mask_token(token: re.Match[str]) -> str:
    """A string or the digits of a number; everything else stays as it was written, byte by byte."""
    written = token[0]
    if not written.startswith('"'):
        return f'"{CARD}"' if _is_card(written) and _stands_alone(token) else written
    text = msgspec.json.decode(written, type=str) if "\\" in written else written[1:-1]
    masked = _NUMBER.sub(_mask_card, _mask_emails(text) if "@" in text else text)
    return written if masked == text else msgspec.json.encode(masked).decode()


def _stands_alone(token: re.Match[str]) -> bool:
    """Whether the digits are the whole number."""
    before, after = token.string[token.start() - 1], token.string[token.end()]
    return before not in "-.+eE" and after not in ".eE"


def _mask_emails(text: str) -> str:
    return _EMAIL.sub(EMAIL, text)


def _mask_card(number: re.Match[str]) -> str:
    return CARD if _is_card(number[0]) else number[0]


def _is_card(number: str) -> bool:
    """Whether the number begins with an issuer's digits and its check digit is right."""
    digits = number.replace(" ", "").replace("-", "")
    if not _CARD.fullmatch(digits):
        return False
    doubled = "".join(str(int(digit) * (1 + place % 2)) for place, digit in enumerate(reversed(digits)))
    return sum(map(int, doubled)) % 10 == 0
