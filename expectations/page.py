"""Draw one audit as a static page that a person can read. Reads no database; everything shown is escaped."""

import html
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from expectations.audit import Audit
from expectations.checks.result import CheckResult
from runtime import files
from runtime.display import shown

SHOWN_ROWS = 5
"""Number of sampled rows in sight; the others are folded away, so that a failure fits one screen."""
LATEST = "latest"
STYLE = Path(__file__).with_name("page.css")


def write_page(folder: Path, audit: Audit) -> Path:
    """Write `<audit_id>.html` and, with the same content, `latest.html`. Writing again replaces both whole."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / f"{audit.audit_id}.html"
    content = draw(audit).encode()
    for path in (page, folder / f"{LATEST}.html"):
        files.write(path, content)
    return page


def read_page(folder: Path, audit: str) -> bytes | None:
    """Return the page of the audit of this number, or of the newest for LATEST; None if there is none any more."""
    if audit != LATEST and not (audit.isascii() and audit.isdigit()):
        return None
    try:
        return (folder / f"{audit}.html").read_bytes()
    except FileNotFoundError:
        return None


def draw(audit: Audit) -> str:
    """Return the page: the verdict, then the failed checks with reasons, then the passed ones, mart by mart."""
    verdict = "passed" if audit.passed else "failed"
    style = STYLE.read_text(encoding="utf-8")
    parts = [
        _headline(audit),
        _facts(audit),
        "<h2>What failed</h2>" if audit.failed else "",
        *(_failed_check(result) for result in audit.failed),
        _passed_checks([result for result in audit.results if result.passed], unfolded=audit.passed),
    ]
    body = "\n".join(part for part in parts if part)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Audit {audit.audit_id} {verdict} · Footfall</title>
<style>
{style}</style>
</head>
<body>
<main class="{verdict}">
{body}
<footer>Footfall · an audit decides whether a candidate is published; readers see nothing before it passed.</footer>
</main>
</body>
</html>
"""


def _headline(audit: Audit) -> str:
    if audit.passed:
        title, lead = "Fit to publish", f"All {len(audit.results)} checks passed."
    else:
        title = "Held back"
        lead = (
            f"{len(audit.failed)} of {len(audit.results)} checks failed. "
            "Nothing of this candidate was published; readers keep the last good version."
        )
    return f'<header>\n<h1>{title}</h1>\n<p class="lead">{lead}</p>\n</header>'


def _facts(audit: Audit) -> str:
    days = str(audit.first_date)
    if audit.last_date != audit.first_date:
        days += f" to {audit.last_date}"
    facts = {
        "Days": days,
        "Checked": audit.audited_at.isoformat(" ", "seconds"),
        "Audit": str(audit.audit_id),
        "Candidate": str(audit.candidate_id),
    }
    items = "\n".join(f"<div><dt>{label}</dt><dd>{escape(fact)}</dd></div>" for label, fact in facts.items())
    return f'<dl class="facts">\n{items}\n</dl>'


def _failed_check(result: CheckResult) -> str:
    return (
        "<article>\n"
        f"<h3>{escape(result.claim)}</h3>\n"
        f'<p class="name">{escape(result.mart)} · {escape(result.name)}</p>\n'
        f'<p class="reason">{escape(result.reason or "")}</p>\n'
        f"{_rows(result.failing_rows)}"
        "</article>"
    )


def _rows(rows: Sequence[dict[str, Any]]) -> str:
    if not rows:
        return ""
    shown, folded = rows[:SHOWN_ROWS], rows[SHOWN_ROWS:]
    more = f"<details><summary>{len(folded)} more</summary>\n{_table(folded)}</details>\n" if folded else ""
    return f'<div class="rows">\n{_table(shown)}{more}</div>\n'


def _table(rows: Sequence[dict[str, Any]]) -> str:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "\n".join(f"<tr>{''.join(_cell(row.get(column)) for column in columns)}</tr>" for row in rows)
    return f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n"


def escape(text: str) -> str:
    """Return the text as HTML that shows it and follows nothing in it."""
    return html.escape(shown(text))


def _cell(value: Any) -> str:
    if value is None:
        return '<td class="null">null</td>'
    text = escape(str(value))
    return f'<td title="{text}">{text}</td>'


def _passed_checks(results: Iterable[CheckResult], unfolded: bool) -> str:
    marts = [(mart, list(passed)) for mart, passed in groupby(results, key=lambda result: result.mart)]
    if not marts:
        return ""
    groups = (
        f"<details{' open' if unfolded else ''}>\n"
        f'<summary>{escape(mart)} <span class="count">{len(passed)}</span></summary>\n'
        "<ul>\n"
        + "\n".join(f'<li title="{escape(result.name)}">{escape(result.claim)}</li>' for result in passed)
        + "\n</ul>\n</details>"
        for mart, passed in marts
    )
    return "<h2>What passed</h2>\n" + "\n".join(groups)
