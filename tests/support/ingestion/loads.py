"""Loads of sealed segments: lines and files made by hand, loaders as processes, what the ledger says then."""

import os
import subprocess
import sys

import msgspec
import zstandard

from runtime.settings import PROJECT
from tests.support.database import rows
from tests.support.events import event, landed_line

LOAD = """
import sys
from pathlib import Path
from sqlalchemy import create_engine
from ingestion.load.loader import load_sealed
load_sealed(create_engine(sys.argv[1]), Path(sys.argv[2]), None, Path(sys.argv[2]).parent / "contact_key", 1).raise_for_refused()
"""


def counts(engine):
    """(lines, loaded, duplicate, rejected) over all loaded files."""
    (found,) = rows(
        engine,
        "select coalesce(sum(line_count), 0)::int, coalesce(sum(loaded_count), 0)::int,"
        " coalesce(sum(duplicate_count), 0)::int, coalesce(sum(rejected_count), 0)::int"
        " from ops.landed_files where state = 'loaded'",
    )
    return found


def reasons(engine):
    return [
        reason for (reason,) in rows(engine, "select reason from raw.rejects order by file_id, line_number, reason")
    ]


def drop_by_hand(landing, content, name="by-hand"):
    """Put a segment into sealed/ that no collector sealed."""
    folder = landing.folder / "sealed"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.ndjson.zst"
    path.write_bytes(zstandard.compress(content))
    return path


def crafted(**changes):
    """A landed line as the collector writes it, then altered by hand; ... leaves a field out."""
    line = msgspec.json.decode(landed_line(event("2026-11-10 08:00", event_id="crafted", device="d9"))) | changes
    return msgspec.json.encode({key: value for key, value in line.items() if value is not ...}) + b"\n"


def spawn(engine, landing, **environment):
    """`load_sealed` in a process of its own."""
    url = engine.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, "-c", LOAD, url, str(landing.folder)],
        cwd=PROJECT,
        env=os.environ | environment,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process):
    return process.wait(), process.communicate()[1]
