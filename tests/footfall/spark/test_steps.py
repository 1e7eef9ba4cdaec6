"""Which steps of a statement are written out for Spark, and that the statements mean the same."""

from footfall.spark.steps import MOST_READS, cut

FEW = "create table audit.few as with one as (select * from raw.events) select * from one, (select 1) join one as b"


def named_twice(steps: int) -> str:
    """A query in which each step names the one before it twice: two, four, eight … reads of one table."""
    made = ["s0 as (select 1 as n)"]
    made += [
        f"s{n} as (\n -- with s as (\n select '(' || a.n as n from s{n - 1} as a join s{n - 1} as b)"
        for n in range(1, steps)
    ]
    return (
        f"create table audit.many as\nselect n from (\nwith {', '.join(made)} select * from s{steps - 1}) as model_subq"
    )


def test_a_statement_of_few_reads_stays_as_it_is():
    for statement in (FEW, "select 1", "drop table with_bracket", "create table a.b as select ')' from x"):
        assert cut(statement) == [statement]


def test_no_statement_that_is_left_reads_more_than_may_be():
    first, *written, last = cut(named_twice(12))
    assert first == "create schema if not exists steps"
    assert last.startswith("create table audit.many as\nselect n from (\nwith s")
    assert last.endswith(" select * from s11) as model_subq")
    made = [each for each in written if each.startswith("create table")]
    assert made
    for statement in (*made, last):
        assert statement.count(" as (") <= MOST_READS
        assert statement.count(" join ") < 6


def test_a_step_is_made_of_those_written_before_it():
    statements = cut(named_twice(12))
    made = [each.split()[2] for each in statements if each.startswith("create table steps.")]
    for number, table in enumerate(made):
        later = "\n".join(
            statements[statements.index(next(s for s in statements if f"create table {table} " in s)) + 1 :]
        )
        assert f"select * from {table}" in later, number
    assert made[0].startswith("steps.audit__many__s")
