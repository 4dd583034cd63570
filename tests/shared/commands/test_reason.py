"""What a command takes as `--why`."""

import pytest

from shared.commands.command import UnreadableInputError, reason


@pytest.mark.parametrize("why", ["ticket 4711", "é" * 500, "  ticket 4711 "])
def test_a_line_of_words_is_taken_without_the_spaces_around_it(why: str) -> None:
    assert reason(why) == why.strip()


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("", "empty or not one line"),
        ("  ", "empty or not one line"),
        ("two\nlines", "empty or not one line"),
        ("a\x00", "empty or not one line"),
        ("x" * 501, "501 characters"),
    ],
)
def test_what_the_record_cannot_hold_is_refused(why: str, says: str) -> None:
    with pytest.raises(UnreadableInputError, match=rf"{says}.*say what was done"):
        reason(why, "say what was done")
