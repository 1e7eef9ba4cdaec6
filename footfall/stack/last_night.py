"""How the last night in Dagster ended, asked of its page. Nights of `footfall nightly` report to who runs them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from footfall.stack.processes import dagster_url
from runtime.settings import Settings

MOST_LETTERS = 500


@dataclass(frozen=True)
class LastNight:
    """A run of the job `nightly` that has ended."""

    run_id: str
    day: str
    ended_at: datetime
    failure: str | None
    """What went wrong, in one line; None where it succeeded."""

    def __str__(self) -> str:
        ended = f"{self.ended_at:%Y-%m-%d %H:%M} UTC"
        return f"the night of {self.day} failed at {ended}: {self.failure}" if self.failure else f"{self.day}, {ended}"


def last_night(settings: Settings) -> LastNight | None:
    """Return the newest run that has ended; None where there is none, or where Dagster's page does not answer."""
    try:
        runs = _ask(settings, _RUNS)["runsOrError"].get("results", [])
        if not runs:
            return None
        run = runs[0]
        failed = run["status"] != "SUCCESS"
        failure = (
            _failure(_ask(settings, _EVENTS, run=run["runId"])["logsForRun"].get("events", [])) if failed else None
        )
    except (httpx.HTTPError, KeyError, ValueError):
        return None
    day = next((tag["value"] for tag in run["tags"] if tag["key"] == "dagster/partition"), "no day")
    return LastNight(run["runId"], day, datetime.fromtimestamp(run["endTime"], UTC), failure)


def _ask(settings: Settings, query: str, **variables: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{dagster_url(settings)}/graphql",
        json={"query": query, "variables": variables},
        timeout=10,
        trust_env=False,
    )
    data: dict[str, Any] = answer.raise_for_status().json()["data"]
    return data


def _failure(events: list[dict[str, Any]]) -> str:
    """Return what the failed steps say: the innermost causes; or else what the run says."""
    said = [_innermost(event["error"]) for event in events if event.get("stepKey") and event.get("error")]
    said += [event["message"] for event in events if event.get("message") and not said]
    return " ".join("; ".join(dict.fromkeys(said)).split())[:MOST_LETTERS] or "no reason is recorded"


def _innermost(error: dict[str, Any]) -> str:
    """Return the message of the last cause. Dagster's own errors around it say only where it happened."""
    causes = [error["message"], *(cause["error"]["message"] for cause in error.get("errorChain", ()))]
    return str(causes[-1])


_RUNS = """
{
  runsOrError(filter: {pipelineName: "nightly", statuses: [SUCCESS, FAILURE, CANCELED]}, limit: 1) {
    ... on Runs { results { runId status endTime tags { key value } } }
  }
}
"""
_EVENTS = """
query ($run: ID!) {
  logsForRun(runId: $run) {
    ... on EventConnection {
      events {
        ... on ExecutionStepFailureEvent { stepKey error { message errorChain { error { message } } } }
        ... on RunFailureEvent { message }
        ... on RunCanceledEvent { message }
      }
    }
  }
}
"""
