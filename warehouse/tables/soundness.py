"""Whether the decisions of marts are sound: of each alone, and of all together. Raises, changes nothing."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from warehouse.tables.decisions import ContractError, Label, Mart

SITE = "site_id"
OF_PROPERTIES = "events_"
"""What names of the views of declared properties begin with: see `warehouse.tables.property_views`."""
IDS = frozenset({"user_id", "visitor_id", "anonymous_id"})
"""Names of columns that hold the ids of people."""


def require_sound(marts: Iterable[Mart], intermediate: Collection[str], files: Mapping[str, str]) -> None:
    """Refuse marts with a decision that is missing or wrong.

    Args:
        marts: all of them.
        intermediate: the models in schema intermediate, which may name the rows that publishing replaces.
        files: mart → the yml that decides about it.

    Raises:
        ContractError: with every objection, one a line.
    """
    by_name = {mart.name: mart for mart in marts}
    objections = [
        f"{files[mart.name]}: mart {mart.name}: {objection}"
        for mart in by_name.values()
        for find in (_keys, _named_columns, _people, _retention, _labels, _headline)
        for objection in find(mart, by_name)
    ]
    objections += [
        f"{files[mart.name]}: mart {mart.name}: replaced_keys names {mart.replaced_keys}, which is no model in schema"
        " intermediate"
        for mart in by_name.values()
        if mart.replaced_keys not in intermediate
    ]
    if objections:
        raise ContractError("\n".join(objections))


def _keys(mart: Mart, _: Mapping[str, Mart]) -> Iterator[str]:
    if mart.name.startswith(OF_PROPERTIES):
        yield f"names that begin with {OF_PROPERTIES} are those of the views of declared properties"
    if mart.primary_key[:1] != (SITE,):
        yield f"primary_key must begin with {SITE}: an analyst of a site reads that site's rows alone"
    optional = {column.name for column in mart.columns if not column.is_required}
    for column in mart.primary_key:
        if column in optional:
            yield f"column {column} is in primary_key and needs the constraint not_null"


def _named_columns(mart: Mart, _: Mapping[str, Mart]) -> Iterator[str]:
    people = mart.people
    named = {
        "primary_key": mart.primary_key,
        "indexed_by": [column for columns in mart.indexes for column in columns],
        "headline": mart.headline,
        "people": [people.user, people.device, people.at, people.owned_by_device] if people else [],
        "retention.by": [mart.retention.by],
        "labels": list(mart.labels),
        "labels.counted_by": [label.counted_by for label in mart.labels.values()],
    }
    for key, columns in named.items():
        for column in columns:
            if column and column not in mart.column_names:
                yield f"{key} names {column}, which is no column"


def _people(mart: Mart, _: Mapping[str, Mart]) -> Iterator[str]:
    if ids := IDS & set(mart.column_names):
        if not mart.people:
            yield f"people is none, but {', '.join(sorted(ids))} names people: say whose a row is"
        elif mart.labels:
            yield "labels are of marts of figures; here rows are people's, and go with them"


def _retention(mart: Mart, _: Mapping[str, Mart]) -> Iterator[str]:
    rule = mart.retention
    if rule.signed_in and not (mart.people and mart.people.user):
        yield "retention splits by user, but people names no `user`"
    if not rule.kept and not rule.by and not mart.has_day:
        yield "retention needs a day: say `by`"


def _labels(mart: Mart, marts: Mapping[str, Mart]) -> Iterator[str]:
    for name, label in mart.labels.items():
        yield from (f"labels.{name} {objection}" for objection in _label(mart, name, label, marts))
    in_key = {(label.of, label.counted_by) for name, label in mart.labels.items() if name in mart.primary_key}
    if len(in_key) > 1:
        yield "labels in the key must all be `of` one mart and `counted_by` one column"


def _label(mart: Mart, name: str, label: Label, marts: Mapping[str, Mart]) -> Iterator[str]:
    counted = marts.get(label.of)
    if not counted or not counted.people or not counted.has_day:
        yield f"is of {label.of}, which is no mart of people with a day"
    elif (column := label.listed_in or label.column or name) not in counted.column_names:
        yield f"is of {label.of}, which has no column {column}"
    if name in mart.primary_key and not label.counted_by:
        yield "is in the key: say the column it is `counted_by`"
    if not mart.has_day:
        yield "needs a day to be counted on"


def _headline(mart: Mart, _: Mapping[str, Mart]) -> Iterator[str]:
    for name in mart.headline:
        if name in mart.column_names and name not in mart.figures:
            yield f"headline names {name}, which is no figure"
    if mart.headline and not mart.has_day:
        yield "headline needs a day"
