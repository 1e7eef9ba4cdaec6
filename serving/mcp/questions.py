"""The ready questions as tools: list them, ask one."""

from http import HTTPStatus
from typing import Annotated, Any

import msgspec

from footfall.answers.near import did_you_mean
from footfall.answers.questions import Dimension, Interval, Moment, Parameters, PeriodError, require_period
from serving.api.answer import Question, Rows
from serving.api.problem import Problem, bad_parameter, no_contacts
from serving.mcp.call import (
    FORM,
    MOST_ROWS,
    Arguments,
    Call,
    Days,
    FirstDay,
    LastDay,
    Page,
    Site,
    Text,
    Tool,
    about_site,
)
from serving.mcp.content import table

_NO_PARAMETERS = ("site", "question", "include_today")
_SAID_ONCE = ("site_id", "total")
"""Columns whose one value is beside the rows."""


class ListQuestions(Arguments):
    """Nothing."""


class AskQuestion(Arguments):
    """A question about a site, and its parameters. Those after `page` only some questions take."""

    site: Site
    question: Annotated[str, msgspec.Meta(description="A name of list_questions.", max_length=200)]
    days: Annotated[
        Days | None, msgspec.Meta(description="The last so many published days; 0: all. Without it, 7.")
    ] = None
    first: FirstDay = msgspec.field(default=None, name="from")
    last: LastDay = msgspec.field(default=None, name="to")
    rows: Annotated[int, msgspec.Meta(description="Largest number of rows.", ge=1, le=MOST_ROWS)] = 20
    page: Page = 1
    include_today: Annotated[bool, msgspec.Meta(description="With the open day: unchecked, and never final.")] = False
    sort: Annotated[Text, msgspec.Meta(description="The order; the question says which it offers.")] = ""
    ascending: Annotated[bool, msgspec.Meta(description="Whether the least value comes first.")] = False
    interval: Annotated[
        Interval, msgspec.Meta(description="Instead of days: the last 24 hours, 7 or 30 days, to the minute.")
    ] = "all"
    dimension: Annotated[Dimension, msgspec.Meta(description="By what visitors are told apart; empty: by nothing.")] = (
        ""
    )
    user: Annotated[Text, msgspec.Meta(description="Only this user; empty: all.")] = ""
    community: Annotated[Text, msgspec.Meta(description="Only this community; empty: all.")] = ""
    channel: Annotated[Text, msgspec.Meta(description="Only sessions of this channel; empty: all.")] = ""
    path: Annotated[Text, msgspec.Meta(description="Only sessions that viewed this path; empty: all.")] = ""
    device: Annotated[Text, msgspec.Meta(description="Only sessions on this type of device; empty: all.")] = ""
    country: Annotated[Text, msgspec.Meta(description="Only sessions from this country; empty: all.")] = ""
    name: Annotated[Text, msgspec.Meta(description="Only events of this name; empty: all.")] = ""
    session: Annotated[Text, msgspec.Meta(description="Only this session; empty: all.")] = ""
    property: Annotated[Text, msgspec.Meta(description="A declared property of events of `name`.")] = ""
    value: Annotated[Text, msgspec.Meta(description="Its value, as text.")] = ""
    since: Annotated[Moment | None, msgspec.Meta(description="Not before this moment, 2026-11-30T09:00:00Z.")] = None
    until: Annotated[Moment | None, msgspec.Meta(description="Before this moment.")] = None


_PARAMETERS = [each for each in msgspec.structs.fields(AskQuestion) if each.name not in _NO_PARAMETERS]
_NARROWING = [each for each in _PARAMETERS if each.name not in ("days", "first", "last", "rows", "page")]


async def _list(call: Call, _: ListQuestions) -> dict[str, Any]:
    return {
        "columns": ["question", "asks", "takes"],
        "rows": [
            [name, question.asks, [each.encode_name for each in _PARAMETERS if each.name in question.takes]]
            for name, question in _open_to(call).items()
        ],
        "defaults": {each.encode_name: each.default for each in _PARAMETERS if each.default is not None} | {"days": 7},
        "every_question_takes": ["site", "include_today"],
    }


async def _ask(call: Call, given: AskQuestion) -> dict[str, Any]:
    question = _question(call, given)
    asked = _parameters(given)
    about, [found] = await call.reading.read(call.reader.login, [(question, asked)], FORM)
    if question.reads_contacts:
        await call.record(given.site, f"ask_question {question.name}", len(found.rows), given.user or None)
    is_live = {"is_live": True} if question.is_live else {}
    said = about_site(given.site, about) | {"question": question.name} | is_live
    return said | answered(found, given.rows, given.page)


def answered(found: Rows, rows: int, page: int) -> dict[str, Any]:
    """Return the part of an answer with the rows, how many there are on all pages, and how to get more."""
    kept = [number for number, column in enumerate(found.columns) if column not in _SAID_ONCE]
    part, is_whole = table(
        [found.columns[number] for number in kept], ([row[number] for number in kept] for row in found.rows)
    )
    count = len(part["rows"])
    if not is_whole:
        more = (
            f"only the first {count} of these {len(found.rows)} rows fit into one answer: ask with rows="
            f"{max(count, 1)} and go on by page, or narrow the question"
        )
    elif found.total is not None and found.total > page * rows:
        more = f"page={page + 1} has the next rows"
    elif found.total is None and count == rows:
        more = "there may be more: ask for more rows, or for fewer days"
    else:
        more = None
    total = {} if found.total is None else {"total": found.total}
    return part | total | ({"more": more} if more else {})


def _open_to(call: Call) -> dict[str, Question]:
    """Return the questions that the reader may ask."""
    known = call.reading.questions.items()
    return {name: each for name, each in known if call.reader.reads_contacts or not each.reads_contacts}


def _question(call: Call, given: AskQuestion) -> Question:
    known = call.reading.questions
    if given.question not in known:
        sentence = did_you_mean("question", given.question, [*_open_to(call)], "list_questions")
        raise Problem(HTTPStatus.NOT_FOUND, sentence)
    question = known[given.question]
    if question.reads_contacts and not call.reader.reads_contacts:
        raise no_contacts()
    for each in _NARROWING:
        if each.name not in question.takes and getattr(given, each.name) != each.default:
            raise bad_parameter(each.name, f"{given.question} does not take it")
    return question.with_today() if given.include_today else question


def _parameters(given: AskQuestion) -> Parameters:
    """Return the parameters of the question.

    Raises:
        Problem: the days do not fit together.
    """
    try:
        require_period(given.days, given.first, given.last)
    except PeriodError as error:
        raise bad_parameter(error.parameter, error.reason) from None
    asked = {each.name: getattr(given, each.name) for each in _PARAMETERS} | {"site": given.site}
    return Parameters(**asked | ({"days": Parameters().days} if given.days is None else {}))


LIST = Tool(
    "list_questions",
    "List questions",
    "List the ready questions, each with what it asks and the parameters that it takes, and their defaults. Their"
    " figures are the definitions of this warehouse: prefer them to SQL.",
    ListQuestions,
    _list,
)
ASK = Tool(
    "ask_question",
    "Ask a question",
    "Answer a ready question about one site. The answer has columns once, then rows as lists; `more` says how to get"
    " further rows. is_final says whether no figure of these days will change; null: unknown.",
    AskQuestion,
    _ask,
)
