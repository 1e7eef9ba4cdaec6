"""Any text that is copied in blocks is read back unchanged."""

from itertools import product

from ingestion.load.copy_text import array, block, row

AWKWARD = "\\N.\t\n\r\b\v\f\x01\x7f\"{} ,'é😀"
TEXTS = ["".join(letters) for length in range(4) for letters in product(AWKWARD, repeat=length)]
EVERY_LETTER = "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0x110000)]))


def copied(engine, rows):
    with engine.connect() as connection:
        cursor = connection.connection.driver_connection.cursor()
        cursor.execute("create temporary table copied (first text, many text[], last text)")
        with cursor.copy("copy copied from stdin") as copy:
            copy.write(block(row((first, array(many), last)) for first, many, last in rows))
        return cursor.execute("select * from copied").fetchall()


def test_every_short_text_of_awkward_letters_comes_back_as_it_was(engine):
    rows = [(text, [text, other], other) for text, other in zip(TEXTS, reversed(TEXTS), strict=True)]
    assert copied(engine, rows) == rows


def test_every_letter_comes_back_as_it_was(engine):
    rows = [(EVERY_LETTER, [EVERY_LETTER], EVERY_LETTER[::-1])]
    assert copied(engine, rows) == rows


def test_null_is_neither_empty_nor_its_own_mark(engine):
    rows = [(None, [], ""), ("", ["", "NULL"], None), ("\\N", ["\\N"], "NULL")]
    assert copied(engine, rows) == rows
