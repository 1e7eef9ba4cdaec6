"""A call of every portable macro, over the columns of the table of hostile values, and what each call gives."""

import re
from collections.abc import Mapping

TAG = "(^|&)(utm_source|utm_medium|gclid)=(%20|[+ ])*([^&+ %]|%(?!20))"
CONTACTS = "['email', 'phone', 'name', 'étage']"
ORDER = "['amount', 'id']"

VALUES: Mapping[str, str] = {
    "contacts_masked": f"contacts_masked('words', {CONTACTS})",
    "days_between": "days_between('first_day', 'last_day')",
    "epoch_microseconds": "epoch_microseconds('later')",
    "hexadecimal": "hexadecimal('number', 16)",
    "is_one_of": "is_one_of(\"split_part(query, '=', 1)\", 'keys')",
    "json_array": "json_array('said', 'items')",
    "json_array_length": "json_array_length('list_text')",
    "json_contacts_masked": f"json_contacts_masked('said', {CONTACTS})",
    "json_text": "json_text('said', 'amount')",
    "json_text_of_any": "json_text('said', 'n')",
    "json_text_by": "json_text_by('said_text', 'key')",
    "json_without": "json_contacts_masked(json_without('said', ['email', 'n']), ['no such key'])",
    "json_without_nothing": "json_contacts_masked(json_without('said', []), ['no such key'])",
    "like_pattern": "like_pattern('words')",
    "local_hour": "local_hour('earlier', 'zone')",
    "lower_case": "lower_case('words')",
    "lower_case_of_letters": "lower_case('letters')",
    "masked_address": "masked_address('address')",
    "matches": "matches('words', '^[A-Za-z]{3}$')",
    "matches_a_tag": f"matches('query', '{TAG}')",
    "matches_the_end": "matches('words', 'push$')",
    "matches_any_character": "matches('words', '^.?x.push$')",
    "matches_column": "matches_column('words', 'pattern')",
    "milliseconds_between": "milliseconds_between('earlier', 'later')",
    "query_of_keys": "query_of_keys('query', 'keys')",
    "quotient": "quotient('number', 'divisor')",
    "regexp_group": "regexp_group('query', '(?:^|&)utm_source=([^&]+)')",
    "regexp_group_of_names": "regexp_group('query', '(?:^|&)(gclid|fbclid)=[^&]')",
    "text_cast": "plain_money('words')",
    "text_cast_of_json": "json_count('said', 'n', 100000)",
    "text_list": "text_list(['a', 'b c'])",
    "text_list_of_none": "text_list([])",
    "url_decoded": "url_decoded('words')",
    "url_decoded_query": "url_decoded('query')",
}
"""What is compared → the call, of one row each."""

GROUPS: Mapping[str, str] = {
    "amounts_json": "amounts_json('name', 'amount')",
    "counts_json": "counts_json('name', 'number')",
    "counts_json_where": "counts_json('name', 'number', 'amount > 9000000000000')",
    "first_by": f"first_by('words', {ORDER}, 'number > 16')",
    "joined_in_order": f"joined_in_order('words', {ORDER})",
    "last_by": f"last_by('words', {ORDER}, 'number > 16')",
    "numbers_listed": "numbers_listed('divisor', 'amount > 5000000000000')",
    "ranked_json": "ranked_json('name', 'number', 'id')",
}
"""The same of calls that fold the rows of a group."""

TABLES: Mapping[str, tuple[str, str]] = {
    "counts_listed": ("counts_listed('counts_text')", "name, count"),
    "numbers_in": ("numbers_in('numbers')", "number"),
    "scalars_listed": ("scalars_listed('said_text')", "name, value"),
    "texts_listed": ("texts_listed('keys')", "text, place"),
}
"""The same of calls that make a table of a row's value, and the columns of that table."""

JSON = {
    *("json_array", "json_contacts_masked", "json_without", "json_without_nothing"),
    *("amounts_json", "counts_json", "counts_json_where", "ranked_json"),
}
"""Calls that make JSON."""

ELSEWHERE = {
    "hash_joins_only": "a setting of PostgreSQL's planner; test_portable.py",
    "no_merge_joins": "a setting of PostgreSQL's planner; test_portable.py",
    "computed_once": "a condition that all rows meet",
    "half_of": "each engine has a hash of its own; only that it parts the values counts",
    "raw_events": "names a relation",
    "running_frame": "a part of a window; parity of the models",
}
"""Macros that no value goes through, and why."""


def macros_of(call: str) -> set[str]:
    """The macros that are called."""
    return {*re.findall(r"(\w+)\(", call)}


def _columns(called: Mapping[str, str]) -> str:
    """JSON as text, so that numbers have all their digits."""
    calls = {name: f"{{{{ {call} }}}}" for name, call in called.items()}
    texts = {name: f"cast({call} as {{{{ dbt.type_string() }}}})" for name, call in calls.items() if name in JSON}
    return ",\n".join(f"{call} as {name}" for name, call in (calls | texts).items())


def values_query() -> str:
    return f"select id, {{{{ half_of('zone') }}}} in (0, 1) as half_of, {_columns(VALUES)} from hostile.values_read"


def groups_query() -> str:
    return f"select grp, {_columns(GROUPS)} from hostile.values_read group by grp"


def table_query(name: str) -> str:
    call, columns = TABLES[name]
    return (
        f"select id, {', '.join(f'listed.{column.strip()}' for column in columns.split(','))}"
        f" from hostile.values_read cross join lateral {{{{ {call} }}}} as listed ({columns})"
    )
