import uuid

import pytest
from sqlalchemy import text

from ingestion.load import user_agents
from ingestion.load.loader import load_sealed
from ingestion.load.user_agents import parse, user_agent_id
from tests.support.database import rows
from tests.support.events import Landing, event
from warehouse.access.sites import add_site

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
ANDROID_PHONE = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36"
ANDROID_TABLET = (
    "Mozilla/5.0 (Linux; Android 15; SM-X910) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
IPAD = "Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def load(engine, tmp_path):
    with engine.begin() as connection:
        add_site(connection, "shop")
    landing = Landing(tmp_path / "landing")

    def load(*agents):
        landing.land(*(event("2026-11-10 08:00", user_agent=agent) for agent in agents))
        load_sealed(engine, landing.folder, None, landing.folder.parent / "contact_key", 1)

    return load


@pytest.mark.parametrize(
    ("agent", "device_type", "browser", "os"),
    [
        (CHROME, "desktop", "Chrome", "Windows"),
        (IPHONE, "mobile", "Mobile Safari", "iOS"),
        (ANDROID_PHONE, "mobile", "Chrome Mobile", "Android"),
        (ANDROID_TABLET, "tablet", "Chrome", "Android"),
        (IPAD, "tablet", "Mobile Safari", "iOS"),
        ("nothing known", None, None, None),
    ],
)
def test_a_user_agent_says_browser_system_and_device(agent, device_type, browser, os):
    parsed = parse(agent)
    assert (parsed.device_type, parsed.browser, parsed.os) == (device_type, browser, os)
    assert not parsed.is_bot


def test_versions_are_major_and_minor():
    assert (parse(IPHONE).browser_version, parse(IPHONE).os_version) == ("18.1", "18.1")


@pytest.mark.parametrize("agent", [GOOGLEBOT, "curl/8.5.0", "GPTBot/1.2", "python-requests/2.32"])
def test_a_bot_is_flagged_with_a_reason(agent):
    parsed = parse(agent)
    assert parsed.is_bot
    assert parsed.bot_reason.startswith("crawler list: ")


def test_each_distinct_text_is_stored_once_and_events_point_to_it(engine, load):
    load(CHROME, CHROME, GOOGLEBOT, None)
    load(CHROME, IPHONE)
    assert rows(engine, "select user_agent, is_bot from raw.user_agents order by 1") == sorted(
        [(CHROME, False), (GOOGLEBOT, True), (IPHONE, False)]
    )
    assert rows(
        engine,
        "select u.user_agent, count(*) from raw.events left join raw.user_agents u using (user_agent_id)"
        " group by 1 order by 1 nulls last",
    ) == [*sorted([(CHROME, 3), (IPHONE, 1), (GOOGLEBOT, 1)]), (None, 1)]


def test_a_text_is_parsed_once_however_many_files_bring_it(load, monkeypatch):
    parsed = []
    monkeypatch.setattr(user_agents, "parse", lambda agent: parsed.append(agent) or parse(agent))
    for _ in range(3):
        load(CHROME, CHROME)
    assert parsed == [CHROME]


def test_an_id_is_the_md5_of_the_text(engine):
    ((md5,),) = rows(engine, "select md5(:agent)::uuid", agent=CHROME)
    assert user_agent_id(CHROME) == md5
    assert user_agent_id("Größe") != user_agent_id("Grosse")
    assert isinstance(user_agent_id(""), uuid.UUID)


def test_newer_rules_mark_the_days_dirty_on_which_they_change_a_result(engine, load):
    load(CHROME, GOOGLEBOT, IPHONE)
    with engine.begin() as connection:
        connection.execute(text("delete from ops.dirty_days"))
        assert user_agents.apply_rules(connection) == 0
        # As rules knew them that had never heard of this bot, and took the phone for a tablet.
        older = "update raw.user_agents set rules_version = 'older', {} where user_agent = :agent"
        connection.execute(text(older.format("browser = browser")), {"agent": CHROME})
        connection.execute(text(older.format("is_bot = false, bot_reason = null")), {"agent": GOOGLEBOT})
        connection.execute(text(older.format("device_type = 'tablet'")), {"agent": IPHONE})
        assert user_agents.apply_rules(connection) == 2
        assert user_agents.apply_rules(connection) == 0
    assert rows(engine, "select event_date::text, cause from ops.dirty_days order by 2") == [
        ("2026-11-10", "bot_rule"),
        ("2026-11-10", "device_rule"),
    ]
    assert rows(
        engine, "select is_bot, device_type from raw.user_agents order by user_agent = :bot, 2", bot=GOOGLEBOT
    ) == [
        (False, "desktop"),
        (False, "mobile"),
        (True, None),
    ]


def test_newer_rules_leave_sealed_days_alone(engine, load):
    load(GOOGLEBOT)
    with engine.begin() as connection:
        connection.execute(text("delete from ops.dirty_days"))
        connection.execute(text("insert into ops.frozen_days (event_date) values ('2026-11-10')"))
        connection.execute(text("update raw.user_agents set rules_version = 'older', is_bot = false"))
        assert user_agents.apply_rules(connection) == 1
    assert rows(engine, "select cause from ops.dirty_days") == []
