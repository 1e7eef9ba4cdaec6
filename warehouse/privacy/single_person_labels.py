"""Names in daily figures that one person alone gave: a path only they saw, an event that only they sent.

Where the day is built again they vanish by themselves. Where its raw events are gone, the row or the entry goes that
counts this person's doings and nobody else's; all other figures of the day stay.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NamesGiven:
    """One daily mart, and the personal mart whose rows it counts by name."""

    mart: str
    of: str
    names: dict[str, str]
    """By column of the daily mart, how the personal mart says it. As the models cut names: see `key_text`."""
    counted: str
    """Column of the daily mart that counts what is summed up here."""
    sum: str = "count(*)"
    unfolded: str = ""
    """What joins the personal rows to names within them."""

    @property
    def name(self) -> str:
        """What the place is called."""
        return f"marts.{self.mart}"

    def rows(self, theirs: str) -> str:
        """A query for the rows that count nobody else."""
        return f"select r.* from marts.{self.mart} r join ({self._given(theirs)}) p on {self._match}"

    def delete(self, theirs: str) -> str:
        """A statement that deletes them."""
        return f"delete from marts.{self.mart} r using ({self._given(theirs)}) p where {self._match}"

    def _given(self, theirs: str) -> str:
        names = ", ".join(f"{said} as {column}" for column, said in self.names.items())
        by = ", ".join(str(number) for number in range(1, len(self.names) + 3))
        return (
            f"select r.site_id, r.event_date, {names}, {self.sum} as counted"
            f" from marts.{self.of} r {self.unfolded} where {theirs} and not r.is_bot group by {by}"
        )

    @property
    def _match(self) -> str:
        columns = ["site_id", "event_date", *self.names]
        return " and ".join(f"r.{column} = p.{column}" for column in columns) + f" and r.{self.counted} = p.counted"


@dataclass(frozen=True)
class TopList:
    """One list of daily_stats, whose entries are names with the sessions they were given in."""

    column: str
    said: str
    mart: str = "daily_stats"
    of: str = "sessions"

    @property
    def name(self) -> str:
        """What the place is called."""
        return f"marts.daily_stats.{self.column}"

    def rows(self, theirs: str) -> str:
        """A query for the days and names that count nobody else."""
        return (
            f"{self._with(theirs)} select r.site_id, r.event_date, g.names from marts.daily_stats r"
            " join gone g using (site_id, event_date)"
        )

    def delete(self, theirs: str) -> str:
        """A statement that takes the names out."""
        return (
            f"{self._with(theirs)} update marts.daily_stats r set {self.column} = ("
            f" select jsonb_agg(entry order by place) from jsonb_array_elements(r.{self.column})"
            " with ordinality listed (entry, place) where not g.names ? (entry ->> 'name'))"
            " from gone g where g.site_id = r.site_id and g.event_date = r.event_date"
        )

    def _with(self, theirs: str) -> str:
        return (
            f"with given as (select r.site_id, r.event_date, {self.said} as name, count(*) as counted"
            f" from marts.sessions r where {theirs} and not r.is_bot group by 1, 2, 3),"
            " gone as (select d.site_id, d.event_date, jsonb_agg(p.name order by p.name) as names"
            f" from marts.daily_stats d join given p using (site_id, event_date)"
            f" cross join lateral jsonb_array_elements(d.{self.column}) entry"
            " where entry ->> 'name' = p.name and (entry ->> 'count')::bigint = p.counted group by 1, 2)"
        )


@dataclass(frozen=True)
class Slug:
    """The slug of a community that others visited, too, where this person gave it and they gave others or none."""

    mart: str = "community_visits_daily"
    of: str = "community_visits"
    name: str = "marts.community_visits_daily.community_slug"

    def rows(self, theirs: str) -> str:
        """A query for the days and communities."""
        return (
            f"{self._with(theirs)} select r.site_id, r.event_date, r.community_id, r.community_slug"
            f" from marts.community_visits_daily r join slugs p on {self._match}"
        )

    def delete(self, theirs: str) -> str:
        """A statement that puts what the others gave in its place."""
        return (
            f"{self._with(theirs)} update marts.community_visits_daily r set community_slug = p.slug_of_others"
            f" from slugs p where {self._match}"
        )

    _match = (
        "r.site_id = p.site_id and r.event_date = p.event_date and r.community_id = p.community_id"
        " and r.community_slug = p.slug and p.slug is distinct from p.slug_of_others"
    )

    def _with(self, theirs: str) -> str:
        community = _key("r.community_id", "(unknown)", 128)
        return (
            f"with visits as (select r.site_id, r.event_date, {community} as community_id, r.community_slug,"
            f" ({theirs}) is true as is_theirs from marts.community_visits r where r.site_id = :site and not r.is_bot),"
            " slugs as (select site_id, event_date, community_id,"
            " max(community_slug) as slug, max(community_slug) filter (where not is_theirs) as slug_of_others"
            " from visits group by 1, 2, 3 having bool_or(is_theirs) and not bool_and(is_theirs))"
        )


def _key(column: str, missing: str, most: int = 100) -> str:
    return f"left(coalesce(nullif({column}, ''), '{missing}'), {most})"


NAMES_GIVEN: tuple[NamesGiven | TopList | Slug, ...] = (
    NamesGiven(
        *("daily_page_stats", "page_views"),
        {"page_path": _key("r.page_path", "(unknown)", 600)},
        counted="page_view_count",
    ),
    NamesGiven(
        *("daily_event_stats", "sessions", {"event_name": "listed.name"}),
        counted="event_count",
        sum="sum(listed.count::bigint)",
        unfolded="cross join lateral jsonb_each_text(r.event_counts) listed (name, count)",
    ),
    NamesGiven(
        "daily_traffic",
        "sessions",
        {
            column: _key(f"r.{column}", "(none)")
            for column in ("channel", "source", "medium", "campaign", "referrer_host")
        },
        counted="session_count",
    ),
    NamesGiven(
        "daily_devices",
        "sessions",
        {column: _key(f"r.{column}", "(unknown)") for column in ("device_type", "browser", "os")},
        counted="session_count",
    ),
    NamesGiven(
        *("community_visits_daily", "community_visits"),
        {"community_id": _key("r.community_id", "(unknown)", 128)},
        counted="visit_count",
    ),
    Slug(),
    TopList("top_referrers", "coalesce(r.referrer_host, '(direct)')"),
    TopList("top_landing_pages", "r.landing_page"),
    TopList("utm_sources", "r.utm_source"),
)
