"""How a reader of one site may write another one's name, and what only the other one has."""

from tests.support.database import rows

SITES = (
    "{}", "SHOP", "Shop", " {}", "{}%20", "{}%00", "%00{}", "{}%2F", "%2F{}", "{}%2F..%2F{}", "blog%2F..%2F{}",
    "blog%252F..%252F{}", "..%2Fsites%2F{}", "%2e%2e%2f{}", "blog;{}", "blog,{}", "blog&site={}", "blog%26site%3D{}",
    "sh%6Fp", "%73hop", "ｓｈｏｐ", "shоp", "shop\u200b", "shop\u00ad", "ſhop", "shop%C0%80", "shop%EF%BF%BD", "shop.",
    "shop%0A", "shop%0D%0AX-Site:%20shop", "shop'", "shop'--", "' or site_id='shop", "%27)%20or%20(%27%27%3D%27",
    '"shop"', "$${}$$", "{}%5C", "*", "%25", "_hop", "shop%3Fx=1", "shop%23", "[shop]", "{{shop}}",
)  # fmt: skip
"""A site as it may be written, the other one's name for each {}."""
SQL = (
    "'", "''", "\\'", "' or '1'='1", "') or true --", "%27%20or%201%3D1", "1; select * from marts.sessions --",
    "' union select * from marts.sessions where site_id = 'shop' --", "$1", "%(site)s", ":site", "{site}", "$$shop$$",
    "E'\\x27'", "/*", "shop", "carl", "dora", "c-carl", "m-1", "0 or 1=1", "-1", "NaN", "ＯＲ", "null", "\u2019",
)  # fmt: skip


def values(engine, where):
    """All ids and names of people, sessions, checkouts, orders, communities and pages in the marts."""
    columns = rows(
        engine,
        "select table_name, column_name from information_schema.columns where table_schema = 'marts' and data_type ="
        " 'text' and column_name ~ '(_id|_page|_path|_slug|journey|service|error_message)$'"
        " and table_name in (select relname from pg_class where relkind = 'r')",
    )
    found = set()
    for table, column in columns:
        with_user = rows(
            engine,
            "select 1 from information_schema.columns where table_schema = 'marts' and column_name = 'user_id'"
            f" and table_name = '{table}'",
        )
        if with_user or "user_id" not in where:
            found |= {value for (value,) in rows(engine, f"select distinct {column} from marts.{table} where {where}")}
    return {value for value in found if value and len(value) > 2}


def only_of_shop(engine):
    """What only shop has, with what goes on there now."""
    known = values(engine, "site_id = 'shop'") - values(engine, "site_id = 'blog'")
    assert len(known) > 20
    # The name of the site and that of a community stand in answers as they were asked for.
    return known - {"shop", "m-1"} | {"hal's", "ina's", "jon's", "kim's", "c-kim"}
