"""`footfall alarm`: rules that raise alarms, what is raised, and what is silenced."""

from typing import Annotated

import typer

from footfall.cli.console import complain, mark, say, table
from footfall.cli.context import current_installation

Rule = Annotated[str, typer.Argument(help="The rule, such as sessions; `list` shows all.", show_default=False)]
Site = Annotated[str | None, typer.Option(help="Only at this site; default: at every site.")]

app = typer.Typer(no_args_is_help=True, help="Alarms on figures: rules, what is raised, and what is silenced.")


def register(parent: typer.Typer) -> None:
    """Add the command to the command line."""
    parent.add_typer(app, name="alarm")


@app.command("list")
def list_all() -> None:
    """Show the rules, what is silenced, and the open and the last resolved alarms."""
    from serving.alarms.ledger import list_alarms
    from serving.alarms.rules import MEANINGS, list_rules, list_silences

    with current_installation() as installation, installation.engine.begin() as connection:
        rules, silences, alarms = list_rules(connection), list_silences(connection), list_alarms(connection)
    table(
        "Rules",
        ["rule", "site", "threshold", "least", "broken when"],
        [
            (rule.name, rule.site_id or "every", f"{rule.threshold:g}", f"{rule.least:g}", MEANINGS[rule.name])
            for rule in rules
        ],
    )
    say()
    table(
        "Silenced",
        ["rule", "site", "until"],
        [(each.rule or "every", each.site_id or "every", f"{each.until:%Y-%m-%d %H:%M} UTC") for each in silences],
    )
    say()
    table(
        "Alarms",
        ["raised", "resolved", "site", "alarm", "sent"],
        [
            (
                f"{alarm.raised_at:%Y-%m-%d %H:%M}",
                f"{alarm.resolved_at:%Y-%m-%d %H:%M}" if alarm.resolved_at else None,
                alarm.site_id,
                f"{alarm.title}. {alarm.text}",
                alarm.sent or "silenced",
            )
            for alarm in alarms
        ],
    )


@app.command()
def add(
    rule: Rule,
    site: Site = None,
    threshold: Annotated[float | None, typer.Option(help="Where it begins to be broken.")] = None,
    least: Annotated[float | None, typer.Option(help="With fewer it says nothing.")] = None,
) -> None:
    """Add a rule, or change it. A rule of a site takes the place of the one of every site there."""
    from decimal import Decimal

    from serving.alarms.rules import set_rule

    given = [None if number is None else Decimal(str(number)) for number in (threshold, least)]
    with current_installation() as installation, installation.engine.begin() as connection:
        now = set_rule(connection, rule, site, *given)
    say(f"{rule} at {site or 'every site'}: threshold {now.threshold:g}, least {now.least:g}")


@app.command()
def remove(rule: Rule, site: Site = None) -> None:
    """Remove a rule. At a site the one of every site holds again; what it has raised is resolved within a minute."""
    from serving.alarms.rules import remove_rule

    with current_installation() as installation, installation.engine.begin() as connection:
        remove_rule(connection, rule, site)
    say(f"removed {rule} at {site or 'every site'}")


@app.command()
def silence(
    rule: Annotated[str | None, typer.Argument(help="The rule; default: every rule.")] = None,
    site: Site = None,
    hours: Annotated[float, typer.Option(help="For so long; 0 ends the silence.", min=0, max=24 * 366)] = 8,
) -> None:
    """Send nothing of a rule for a while. What still holds when the silence ends is sent then."""
    from serving.alarms.rules import silence as silence_rule

    with current_installation() as installation, installation.engine.begin() as connection:
        until = silence_rule(connection, rule, site, hours)
    what = f"{rule or 'every rule'} at {site or 'every site'}"
    say(f"{what}: silent until {until:%Y-%m-%d %H:%M} UTC" if until else f"{what}: not silenced")


@app.command()
def test() -> None:
    """Send a test message to each receiver at once, and show what they answer. Exit code 1 if one does not take it."""
    from uuid import uuid4

    from runtime.settings import load_settings
    from serving.delivery.message import Message
    from serving.delivery.receivers import NotTaken, receivers

    found = receivers(load_settings())
    if not found:
        complain("nothing is sent to: set webhook_url, or smtp_url and mail_to. Alarms go to the log alone.")
    message = Message(state="test", title="A test of Footfall's alarms", text="Alarms arrive here.")
    is_well = True
    for name, send in found.items():
        try:
            send(message, str(uuid4()))
        except NotTaken as problem:
            is_well = False
            mark(False, f"{name}: {problem}")
        else:
            mark(True, f"{name} took it")
    if not is_well:
        raise typer.Exit(1)
