"""`footfall demo`: a week of three made-up sites, from a POST to published marts, in a few minutes."""

import os
from datetime import date, timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from footfall.cli.console import progress, say, table, working
from footfall.cli.context import current_installation
from runtime.settings import load_settings

if TYPE_CHECKING:
    from footfall.pipeline.installation import Installation


SEED = 1
DEMO = "demo"


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.command()(demo)


def demo(
    days: Annotated[int, typer.Option(help="Days of traffic.", min=1)] = 7,
    events: Annotated[int, typer.Option(help="Events in all, about.", min=1)] = 30_000,
) -> None:
    """Start everything, send a week of made-up traffic, run each day's night through Dagster, show what came out."""
    from footfall.stack import status
    from footfall.stack.processes import dagster_environment, dagster_url, serving_url
    from footfall.stack.stack import start

    settings = load_settings()
    with working("starting PostgreSQL, the collector and Dagster"):
        start(settings)
    with current_installation() as installation:
        last = _send(installation, days, events)
        _run_nights([last - timedelta(days=n) for n in reversed(range(days))], dagster_environment(settings))
        _show(installation)
        token = _token(installation)
    say()
    say("Look at it:")
    say(f"  {serving_url(settings)}/sites/shop/overview")
    say(f"  sign in with {token}, valid for a day", style="bold")
    say()
    say("Look further:")
    say("  footfall status        what runs, waits and is published")
    say('  footfall psql          SQL as the analyst, e.g. footfall psql -c "select * from sessions limit 5"')
    say(f"  BI tools               {status.connection_string(settings)}")
    say(f"                         password in {status.password_file(settings)}")
    say(f"  Dagster                {dagster_url(settings)}")
    say(f"  The last check         {settings.checks / 'latest.html'}")
    say("  footfall down          stops everything")


def _send(installation: "Installation", days: int, events: int) -> date:
    from footfall.stack import simulation
    from ingestion.landing.drain import drain

    last = simulation.last_day()
    with progress() as bar:
        task = bar.add_task("posting events", total=events)
        posted = simulation.simulate(
            installation, days, events, SEED, last, lambda so_far: bar.update(task, completed=so_far.events)
        )
    say(f"posted     {posted.events:,} events in {posted.batches:,} requests to the collector")
    with working("waiting for the collector to seal its segments"):
        drain(installation.settings.landing, installation.settings.segment_seconds + 5)
    return last


def _run_nights(days: list[date], environment: dict[str, str]) -> None:
    """Run each night as Dagster's schedule would, but all in one process, which imports Dagster once."""
    os.environ.update(environment)
    with working("loading Dagster"):
        from orchestration.night import run_nights
    with progress() as bar:
        task = bar.add_task(f"night of {days[0]}", total=len(days))
        for day in run_nights(days):
            bar.update(task, advance=1, description=f"night of {min(day + timedelta(days=1), days[-1])}")
    say(f"published  {days[0]} to {days[-1]}, one night each")


def _token(installation: "Installation") -> str:
    """Return a token that reads every site for a day. One of an earlier demo ends."""
    from warehouse.access.tokens import add_token, list_tokens, revoke_token

    with installation.engine.begin() as connection:
        if any(token.name == DEMO and token.state != "revoked" for token in list_tokens(connection)):
            revoke_token(connection, DEMO)
        return add_token(connection, DEMO, expire_days=1).written


def _show(installation: "Installation") -> None:
    import pandas as pd
    from sqlalchemy import text

    from warehouse.postgres.roles import Role

    with installation.engine_of(Role.ANALYST).connect() as connection:
        marts: list[str] = list(connection.execute(text(_MARTS)).scalars())
        counts = [(mart, connection.scalar(text(f"select count(*) from marts.{mart}"))) for mart in marts]
        half = -(-len(counts) // 2)
        pairs = zip_longest(counts[:half], counts[half:], fillvalue=("", ""))
        say()
        table("Rows published", ["mart", "rows", "mart", "rows"], [[*left, *right] for left, right in pairs])
        for title, query in _TABLES.items():
            found = pd.DataFrame(connection.execute(text(query)).mappings().all())
            say()
            table(title, list(found.columns), found.itertuples(index=False))


_MARTS = "select relname from pg_class where relnamespace = 'marts'::regnamespace and relkind = 'r' order by 1"

_TABLES = {
    "daily_stats, the week per site": """
        select site_id as site, sum(session_count)::bigint as sessions, sum(visits)::bigint as views,
            sum(new_users)::bigint as new,
            round(100.0 * sum(engaged_sessions) / sum(session_count), 1) as "engaged %",
            sum(total_conversations)::bigint as chats, sum(orders)::bigint as orders,
            sum(bookings)::bigint as bookings
        from marts.daily_stats group by 1 order by 1""",
    "sessions by channel": """
        select channel, count(*) as sessions, count(*) filter (where is_engaged) as engaged
        from marts.sessions where not is_bot group by 1 order by 2 desc, 1 limit 5""",
    "conversions, devices that got to know their user": """
        select site_id as site, count(*) as devices, round(avg(anonymous_session_count), 1) as "sessions before",
            round(avg(anonymous_page_view_count), 1) as "page views before"
        from marts.conversions group by 1 order by 1""",
    "daily_page_stats, most viewed": """
        select site_id as site, page_path as path, sum(page_view_count)::bigint as views,
            sum(visitor_count)::bigint as visitors
        from marts.daily_page_stats group by 1, 2 order by 3 desc, 1, 2 limit 3""",
    "daily_funnel of the shop": """
        select step, sum(entered)::bigint as sessions, sum(abandoned)::bigint as "left here",
            round(100.0 * sum(abandoned) / nullif(sum(entered), 0), 1) as "left here %"
        from marts.daily_funnel where site_id = 'shop' group by step_number, step order by step_number""",
    "checkouts, and what became of them": """
        select coalesce(currency, 'unknown') as currency, count(*) as checkouts,
            count(*) filter (where status = 'succeeded') as succeeded,
            count(*) filter (where is_recovered) as recovered, count(*) filter (where status = 'failed') as failed,
            count(*) filter (where abandoned_step = 'checkout') as "left at checkout",
            count(*) filter (where abandoned_step = 'payment') as "left at payment"
        from marts.checkouts where not is_bot group by 1 order by 2 desc, 1""",
    "orders and bookings": """
        select currency, count(*) filter (where order_type = 'order') as orders,
            count(*) filter (where order_type = 'booking') as bookings, round(sum(amount), 2) as revenue
        from marts.orders where currency is not null and not is_bot group by 1 order by 2 desc, 1""",
    "customers, who ordered most": """
        select user_id as customer, session_count as sessions, order_count as orders, booking_count as bookings,
            review_count as reviews, last_order_at::date as "last order",
            (
                select string_agg(round(amount::numeric, 2) || ' ' || currency, ', ' order by currency)
                from jsonb_each_text(revenue) as sums (currency, amount)
            ) as revenue
        from marts.customers where site_id = 'shop' order by order_count desc, session_count desc, 1
        limit 3""",
    "community_visits_daily, most visited": """
        select community_slug as community, sum(visit_count)::bigint as visits, sum(visitor_count)::bigint as visitors,
            round(100.0 * sum(signed_in_visitor_count) / sum(visitor_count), 1) as "signed in %",
            sum(cross_division_visit_count)::bigint as "from other divisions"
        from marts.community_visits_daily group by 1 order by 2 desc, 1 limit 3""",
}
