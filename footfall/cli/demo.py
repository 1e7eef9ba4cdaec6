"""`footfall demo`: a week of three made-up sites, from a POST to published marts, in a few minutes."""

import os
from datetime import date, timedelta
from typing import Annotated

import pandas as pd
import typer
from sqlalchemy import text

from footfall import simulation, status
from footfall.cli.console import console, errors, progress, say, table
from footfall.cli.context import installation
from footfall.night import Installation
from footfall.settings import load_settings
from footfall.stack import dagster_environment, dagster_url, start
from ingestion.drain import drain

SEED = 1


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(demo)


def demo(
    days: Annotated[int, typer.Option(help="Days of traffic.", min=1)] = 7,
    events: Annotated[int, typer.Option(help="Events in all, about.", min=1)] = 30_000,
) -> None:
    """Start everything, send a week of made-up traffic, run each day's night through Dagster, show what came out."""
    settings = load_settings()
    with errors.status("starting PostgreSQL, the collector and Dagster"):
        start(settings)
    with installation() as here:
        last = _send(here, days, events)
        _run_nights([last - timedelta(days=n) for n in reversed(range(days))], dagster_environment(settings))
        _show(here)
    console.print()
    say("Look further:")
    say("  footfall status        what runs, waits and is published")
    say('  footfall psql          SQL as the analyst, e.g. footfall psql -c "select * from sessions limit 5"')
    say(f"  BI tools               {status.connection_string(settings)}")
    say(f"                         password in {status.password_file(settings)}")
    say(f"  Dagster                {dagster_url(settings)}")
    say(f"  The last check         {settings.home / 'checks' / 'latest.html'}")
    say("  footfall down          stops everything")


def _send(here: Installation, days: int, events: int) -> date:
    last = simulation.last_day()
    with progress() as bar:
        task = bar.add_task("posting events", total=events)
        posted = simulation.simulate(
            here, days, events, SEED, last, lambda so_far: bar.update(task, completed=so_far.events)
        )
    say(f"posted     {posted.events:,} events in {posted.batches:,} requests to the collector")
    with errors.status("waiting for the collector to seal its segments"):
        drain(here.settings.landing, here.settings.segment_seconds + 5)
    return last


def _run_nights(days: list[date], environment: dict[str, str]) -> None:
    """Each night as Dagster's schedule would run it, in this process: its imports are paid for once."""
    os.environ.update(environment)
    with errors.status("loading Dagster"):
        from orchestration.night import run_nights
    with progress() as bar:
        task = bar.add_task(f"night of {days[0]}", total=len(days))
        for day in run_nights(days):
            bar.update(task, advance=1, description=f"night of {min(day + timedelta(days=1), days[-1])}")
    say(f"published  {days[0]} to {days[-1]}, one night each")


def _show(here: Installation) -> None:
    with here.engine.connect() as connection:
        marts: list[str] = list(connection.execute(text(_MARTS)).scalars())
        counts = [(mart, connection.scalar(text(f"select count(*) from marts.{mart}"))) for mart in marts]
        console.print()
        table("Rows published", ["mart", "rows"], counts)
        for title, query in _TABLES.items():
            found = pd.DataFrame(connection.execute(text(query)).mappings().all())
            console.print()
            table(title, list(found.columns), found.itertuples(index=False))


_MARTS = "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r' order by 1"

_TABLES = {
    "daily_stats, the week per site": """
        select site_id as site, sum(session_count)::bigint as sessions, sum(visits)::bigint as page_views,
            sum(new_users)::bigint as new_users, sum(engaged_sessions)::bigint as engaged,
            round(100.0 * sum(engaged_sessions) / sum(session_count), 1)::text as "engaged %",
            sum(total_conversations)::bigint as conversations
        from marts.daily_stats group by 1 order by 1""",
    "sessions by channel": """
        select channel, count(*) as sessions, count(*) filter (where is_engaged) as engaged
        from marts.sessions where not is_bot group by 1 order by 2 desc, 1 limit 8""",
    "conversions, devices that got to know their user": """
        select site_id as site, count(*) as devices, round(avg(sessions_before), 1)::text as "sessions before",
            round(avg(page_views_before), 1)::text as "page views before"
        from marts.conversions group by 1 order by 1""",
    "daily_page_stats, most viewed": """
        select site_id as site, page_path as path, sum(views)::bigint as views, sum(visitors)::bigint as visitors
        from marts.daily_page_stats group by 1, 2 order by 3 desc, 1, 2 limit 5""",
}
