"""The receipt of an erasure as a file in the home, to keep as proof. It names places and dates, and no ids."""

import json
from pathlib import Path

import msgspec

from runtime.settings import Settings
from warehouse.privacy.requests import Receipt


def receipt_path(settings: Settings, request_id: int) -> Path:
    """Return where the receipt of a request lies."""
    return settings.home / "receipts" / f"erasure-{request_id}.json"


def write_receipt(settings: Settings, request_id: int, state: str, receipt: Receipt) -> None:
    """Write the receipt, or write it anew."""
    path = receipt_path(settings, request_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"state": state} | msgspec.to_builtins(receipt), indent=1))
