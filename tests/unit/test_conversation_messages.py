"""What counts as a text, and what of it is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handoff_bridge.errors import BridgeError, TextEmptyError, TextInvalidError, TextTooLongError
from handoff_bridge.messages import LONGEST_TEXT, clean_text


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("  hello \n", "hello"),
        ("a\u0000b\u0007c\u007fd\u0085e", "abcde"),
        ("one\r\ntwo\tthree\rfour", "one\ntwo\tthreefour"),
        ("👩‍🔧 ولد naïve 日本", "👩‍🔧 ولد naïve 日本"),
        ("/restart", "/restart"),
        ("x" * LONGEST_TEXT + "\n", "x" * LONGEST_TEXT),
    ],
)
def test_a_text_keeps_everything_but_control_characters(raw: str, kept: str) -> None:
    assert clean_text(raw) == kept


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("", TextEmptyError),
        (" \n\t", TextEmptyError),
        ("\u0000\u001b", TextEmptyError),
        ("x" * (LONGEST_TEXT + 1), TextTooLongError),
        ("\ud800", TextInvalidError),
        (None, TextInvalidError),
        (17, TextInvalidError),
        (["hello"], TextInvalidError),
    ],
)
def test_what_is_no_text_is_refused(raw: object, error: type[BridgeError]) -> None:
    with pytest.raises(error):
        clean_text(raw)


@given(st.text(alphabet=st.characters()))
def test_whatever_is_kept_can_be_stored_and_is_kept_again(raw: str) -> None:
    try:
        kept = clean_text(raw)
    except (TextEmptyError, TextInvalidError, TextTooLongError):
        return
    assert "\x00" not in kept
    assert kept.encode().decode() == kept == clean_text(kept)
