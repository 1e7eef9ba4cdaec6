"""Which answers are known to be unchanged, and for how long."""

from serving.api.unchanged import Asked, UnchangedAnswers

HEADERS = {"ETag": '"a"', "Vary": "Accept"}
ASKED = Asked("token", b"/v1/sites/shop/summary", b"days=7", b"")


class Still:
    """A database that reports a change when the test says so."""

    def __init__(self):
        self.version, self.changed = 1, []

    def change(self, version):
        self.version = version
        for call in self.changed:
            call()


def test_an_answer_is_unchanged_for_the_same_token_and_request_with_its_tag_alone():
    answers = UnchangedAnswers(Still())
    answers.keep(ASKED, answers.version, HEADERS)
    assert answers.find(ASKED, b'"a"') == [(b"etag", b'"a"'), (b"vary", b"Accept")]
    others = [ASKED._replace(**{field: b"other"}) for field in ("path", "query", "accept")]
    assert [answers.find(each, b'"a"') for each in [*others, ASKED._replace(token_id="other")]] == [None] * 4
    assert answers.find(ASKED, b'"b"') is None


def test_a_change_ends_it_and_what_was_asked_before_the_change_does_not_count():
    still = Still()
    answers = UnchangedAnswers(still)
    before = answers.version
    answers.keep(ASKED, before, HEADERS)
    still.change(2)
    assert answers.find(ASKED, b'"a"') is None
    answers.keep(ASKED, before, HEADERS)
    assert answers.find(ASKED, b'"a"') is None


def test_while_nothing_is_known_of_the_database_no_answer_is_unchanged():
    still = Still()
    answers = UnchangedAnswers(still)
    answers.keep(ASKED, answers.version, HEADERS)
    still.version = None
    assert answers.find(ASKED, b'"a"') is None
    answers.keep(ASKED, answers.version, HEADERS)
    assert answers.find(ASKED, b'"a"') is None
