"""Who may do what with which relation: one table. `warehouse/access/grants.py` grants it.

Letters as in PostgreSQL's own lists: r select, a insert, w update, d delete, D truncate; U usage, C create; `=` owns
it. A name with a star stands for relations that come and go. A relation without a line is undecided: no role gets a
right on it, and a test fails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache

PREFIX = "footfall_"

TABLE = """
schema or relation           owner loader transformer checker publisher retention eraser analyst site_analyst token serving contacts
raw                          =     U      U           U       .         UC        U      .       .            .     .       .
raw.events                   r     rad    r           r       .         =         rd     .       .            .     .       .
raw.events_*                 .     .      .           .       .         =         .      .       .            .     .       .
raw.user_agents              =     ra     rw          .       .         .         rd     .       .            .     .       .
raw.visitor_hashes           =     raw    r           .       .         rd        rd     .       .            .     .       .
raw.lost_copies              =     ra     .           .       .         rd        rd     .       .            .     .       .
raw.rejects                  =     a      .           .       .         rd        rd     .       .            .     .       .
raw.privacy_subjects         =     .      .           .       .         .         rawd   .       .            .     .       .
staging                      =     .      UC          U       .         .         U      .       .            .     .       .
staging.*                    .     .      =           r       .         .         r      .       .            .     .       .
intermediate                 =     .      UC          U       U         .         U      .       .            .     .       .
intermediate.*               .     .      =           r       r         .         r      .       .            .     .       .
audit                        =     .      UC          U       U         .         U      .       .            .     .       .
audit.*                      .     .      =           r       rD        .         r      .       .            .     .       .
marts                        =     .      U           U       UC        U         U      U       U            U     .       .
marts.sites                  .     .      .           .       =         .         .      r       r            r     .       .
marts.dates                  .     .      .           .       =         .         .      r       r            r     .       .
marts.daily_revenue          .     .      .           .       =         .         .      r       r            r     .       .
marts.daily_top              .     .      .           .       =         .         .      r       r            r     .       .
marts.weekly_retention       .     .      .           .       =         .         .      r       r            r     .       .
marts.visitor_counts         .     .      .           .       =         .         .      r       r            r     .       .
marts.checkout_items         .     .      .           .       =         .         .      r       r            r     .       .
marts.sessions_current_user  .     .      .           .       =         .         .      r       r            r     .       .
marts.events_*               .     .      .           .       =         .         .      r       r            r     .       .
marts.session_contacts       .     .      .           .       =         .         .      .       .            .     .       r
marts.customer_contacts      .     .      .           .       =         .         .      .       .            .     .       r
marts.payment_error_contacts .     .      .           .       =         .         .      .       .            .     .       r
marts.*                      .     .      r           r       =         rwd       rawd   r       r            r     .       .
today_build                  =     .      UC          .       U         .         .      .       .            .     .       .
today_build.*                .     .      =           .       r         .         .      .       .            .     .       .
today                        =     .      .           .       UC        U         U      U       U            U     .       .
today.*                      .     .      .           .       =         d         rd     r       r            r     .       .
with_today                   =     .      .           .       UC        .         .      U       U            U     .       .
with_today.*                 .     .      .           .       =         .         .      r       r            r     .       .
live                         =     .      UC          .       U         .         .      U       U            U     .       .
live.active_sessions         =     .      .           .       .         .         .      r       r            r     .       .
live.areas                   =     .      .           .       .         .         .      r       r            r     .       .
live.visitors_by_page        =     .      .           .       .         .         .      r       r            r     .       .
live.community_visitors      =     .      .           .       .         .         .      r       r            r     .       .
live.payment_errors          =     .      .           .       .         .         .      r       r            r     .       .
live.events                  =     .      .           .       .         .         .      r       r            r     .       .
live.arrivals                =     .      .           .       .         .         .      r       r            r     .       .
live.profile_contacts        =     .      .           .       .         .         .      .       .            .     .       r
live.payment_contacts        =     .      .           .       .         .         .      .       .            .     .       r
live.addresses               =     .      .           .       .         .         .      .       .            .     .       r
live.calendar*               .     .      =           .       .         .         .      r       r            r     .       .
ops                          =     U      U           U       U         U         U      U       U            U     U       .
ops.sites                    =     r      r           r       r         .         r      r       .            .     .       .
ops.site_keys                =     .      .           .       .         .         .      .       .            .     .       .
ops.redated_sites            =     .      r           .       .         .         .      .       .            .     .       .
ops.unbuilt_days             =     .      ra          .       .         .         .      .       .            .     .       .
ops.site_analysts            =     .      .           .       .         .         .      .       .            .     .       .
ops.tokens                   =     .      .           .       .         .         .      .       .            .     r       .
ops.token_rights             =     .      .           .       .         .         rd     .       .            .     .       .
ops.token_uses               =     .      .           .       .         .         .      .       .            .     raw       .
ops.public_suffixes          =     .      rad         .       .         .         .      r       r            r     .       .
ops.site_options             =     .      r           .       .         .         .      r       .            .     .       .
ops.declared_properties      =     .      r           .       r         .         .      r       .            .     .       .
ops.goals                    =     .      r           .       .         .         .      r       .            .     .       .
ops.funnels                  =     .      r           .       .         .         .      r       .            .     .       .
ops.own_sources              =     .      r           .       .         .         .      r       .            .     .       .
ops.landed_files             =     raw    .           r       .         r         rw     r       .            .     .       .
ops.landed_files_file_id_seq =     U      .           .       .         .         .      .       .            .     .       .
ops.rejects                  =     .      .           .       .         .         .      r       .            .     .       .
ops.contact_vault            =     rad    .           .       .         rd        rd     .       .            .     .       .
ops.contact_reads            =     .      .           .       .         rd        rw     r       .            .     a       .
ops.visitor_key              =     ra     .           .       .         .         r      .       .            .     .       .
ops.suppressions             =     r      .           .       .         .         raw    .       .            .     .       .
ops.privacy_requests         =     .      .           .       .         .         raw    .       .            .     .       .
ops.erased_relations         =     .      .           .       .         .         rawd   .       .            .     .       .
ops.rewritten_files          =     ra     .           .       .         .         ra     .       .            .     .       .
ops.dirty_days               =     a      rad         r       rad       r         ra     r       .            .     .       .
ops.held_days                =     .      rawd        .       rd      .         .      r       ..             .     .       .
ops.accepted_figures         =     .      .           r       ra      .         .      r       ..             .     .       .
ops.today                    =     .      raw         .       rw        rw        rw     r       .            .     .       .
ops.frozen_days              =     r      ra          r       r         ra        r      r       .            .     .       .
ops.pruned_kinds             =     .      .           .       .         rad       .      r       .            .     .       .
ops.candidates               =     .      raw         r       rw        .         rw     r       .            .     .       .
ops.candidate_days           =     .      a           .       .         .         rw     .       .            .     .       .
ops.published_days           =     .      r           .       .         r         r      r       .            .     .       .
ops.audits                   =     .      .           ra      r         .         .      r       .            .     .       .
ops.check_results            =     .      .           a       r         rw        rw     .       .            .     .       .
ops.publications             =     .      r           .       ra        r         r      r       .            .     .       .
ops.publication_marts        =     .      .           .       ra        .         .      r       .            .     .       .
ops.restatements             =     .      .           .       a         .         .      r       .            .     .       .
ops.retention_policies       =     .      .           .       r         r         .      r       r            .     .       .
ops.retention_runs           =     .      .           .       .         raw       .      r       .            .     .       .
ops.alarm_rules              =     .      .           .       .         .         .      r       .            .     r       .
ops.alarm_silences           =     .      .           .       .         .         .      r       .            .     r       .
ops.alarms                   =     .      .           .       .         rd        .      r       .            .     raw     .
ops.deliveries               =     .      .           .       .         rd        .      .       .            .     raw     .
*.*_seq                      =     .      .           .       .         .         .      .       .            .     .       .
"""  # noqa: E501

_LETTERS = {
    "r": "SELECT",
    "a": "INSERT",
    "w": "UPDATE",
    "d": "DELETE",
    "D": "TRUNCATE",
    "U": "USAGE",
    "C": "CREATE",
}


@dataclass(frozen=True)
class Rights:
    """A line of the table. Roles have the names that the server knows."""

    name: str
    owner: str
    granted: Mapping[str, frozenset[str]]
    """Privileges of each other role."""


def rights_of(name: str) -> Rights | None:
    """Return the line that decides about a schema or a relation, `schema.name`; None if there is none."""
    fitting = (line for line in _lines() if line.name == name or _comes_and_goes(line, name))
    return next(iter(sorted(fitting, key=lambda line: "*" in line.name)), None)


def schemas() -> list[Rights]:
    """The lines of schemas."""
    return [line for line in _lines() if "." not in line.name]


def made_anew(maker: str) -> list[Rights]:
    """The lines of relations that this role makes and drops every night."""
    return [line for line in _lines() if "*" in line.name and line.owner == maker]


def roles() -> list[str]:
    """Return every role that a line names."""
    return [PREFIX + name for name in TABLE.split("\n")[1].split()[3:]]


def _comes_and_goes(line: Rights, name: str) -> bool:
    return "*" in line.name and "." in name and fnmatchcase(name, line.name)


@cache
def _lines() -> tuple[Rights, ...]:
    return tuple(_read(line.split()) for line in TABLE.strip().split("\n")[1:])


def _read(words: list[str]) -> Rights:
    name, *cells = words
    by_role = dict(zip(roles(), cells, strict=True))
    (owner,) = (role for role, cell in by_role.items() if cell == "=")
    return Rights(name, owner, {role: frozenset(_privileges(cell)) for role, cell in by_role.items() if role != owner})


def _privileges(cell: str) -> Iterator[str]:
    return (_LETTERS[letter] for letter in cell if letter != ".")
