"""How far figures can be trusted: what was published when, what was checked, what changed, what was refused."""

from serving.page.card import Card, Column, Page
from serving.page.words import Kind

_DAY = Column("event_date", "Day", Kind.DAY)

PAGE = Page(
    "trust",
    "Trust",
    "What was published when, which checks it passed, what changed later and why, and what was rejected.",
    has_days=False,
    cards=(
        Card(
            "publications",
            "Publications",
            "publications",
            (
                Column("publication_id", "Publication", Kind.TEXT),
                Column("published_at", "Published", Kind.MOMENT),
                Column("first_day", "First day", Kind.DAY),
                Column("last_day", "Last day", Kind.DAY),
                Column("check_count", "Checks"),
                Column("failed_check_count", "Failed"),
            ),
            given={"rows": 30},
            is_wide=True,
            empty="Nothing is published yet. `footfall nightly` publishes what has come in, as each night does.",
            note="Each night publishes all days that something changed, or none. What failed its check was held back.",
        ),
        Card(
            "waiting",
            "Days that wait for the next night",
            "waiting_days",
            (_DAY, Column("causes", "Why", Kind.TEXT), Column("marked_at", "Since", Kind.MOMENT)),
            given={"rows": 30},
            empty="None: all that has come in is published.",
            note="These days have got events, or are to be built again. Until then they are as they were published.",
        ),
        Card(
            "held",
            "Days held back",
            "held_days",
            (
                _DAY,
                Column("mart", "Mart", Kind.TEXT),
                Column("expectation", "Check", Kind.TEXT),
                Column("reason", "Reason", Kind.TEXT),
                Column("figure", "Found"),
                Column("usual", "Usual"),
                Column("held_at", "Since", Kind.MOMENT),
            ),
            given={"rows": 30},
            is_below=True,
            empty="None: every check passed.",
            note="A day whose check failed stays as it was published. `footfall accept` publishes it after a look.",
        ),
        Card(
            "restatements",
            "Restatements",
            "restatements",
            (
                _DAY,
                Column("figure", "Figure", Kind.TEXT),
                Column("old_value", "Was"),
                Column("new_value", "Is"),
                Column("causes", "Why", Kind.TEXT),
                Column("restated_at", "Since", Kind.MOMENT),
            ),
            given={"rows": 100},
            empty="None: no published figure of these days has changed.",
            note="Figures of days that were over when they were published, and that a later publication changed.",
        ),
        Card(
            "rejects",
            "Rejected events",
            "rejects",
            (
                Column("event_date", "Received", Kind.DAY),
                Column("reason", "Reason", Kind.TEXT),
                Column("field", "Field", Kind.TEXT),
                Column("reject_count", "Events"),
            ),
            given={"rows": 100},
            empty="None: every event that came in was accepted.",
            note="They are kept for some days with their payload: docs/events.md says what each reason means.",
        ),
    ),
)
