"""Access logs for tests, and what importing them lands."""

import json

from ingestion.importers.access_log import import_access_log
from ingestion.landing.reader import read_lines, sealed_segments

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"


def hit(target="/", time="17/May/2026:12:05:03 +0200", address="192.0.2.7", referrer="-", agent=AGENT):
    return f'{address} - - [{time}] "GET {target} HTTP/1.1" 200 512 "{referrer}" "{agent}"'


def write(path, *lines):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def landed(landing):
    return [json.loads(line.content) for segment in sealed_segments(landing) for line in read_lines(segment)]


def imported(tmp_path, *lines, **options):
    landing = tmp_path / "landing"
    count = import_access_log([write(tmp_path / "access.log", *lines)], "web", landing, **options)
    return count, landed(landing)
