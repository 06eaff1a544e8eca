"""Contacts and confirmation codes as customers type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.codes import new_code, read_code, shown_code
from scheduling.customers import read_contact
from scheduling.errors import ContactInvalidError
from scheduling.model import Customer


@pytest.mark.parametrize(
    ("said", "country", "expected"),
    [
        ("ana@example.org", "US", Customer(email="ana@example.org")),
        ("My e-mail is <Ana.Lopez@Example.org>.", "US", Customer(email="ana.lopez@example.org")),
        ("mailto:ana@example.org", "US", Customer(email="ana@example.org")),
        ("ana7@example.org, thanks", "US", Customer(email="ana7@example.org")),
        ("(512) 555-0142", "US", Customer(phone="+15125550142")),
        ("you can call 512.555.0142 after 5", "US", Customer(phone="+15125550142")),
        ("+353 1 555 0190", "US", Customer(phone="+35315550190")),
        ("087 123 4567", "IE", Customer(phone="+353871234567")),
        ("ana@example.org or 512 555 0142", "US", Customer(email="ana@example.org", phone="+15125550142")),
    ],
)
def test_a_contact_is_read_out_of_what_was_said(said: str, country: str, expected: Customer) -> None:
    assert read_contact(said, country) == expected


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("", "missing"),
        ("no idea", "missing"),
        ("ana@", "email_invalid"),
        ("ana@@example.org", "email_invalid"),
        ("ana@localhost", "email_invalid"),
        ("555 0142", "phone_too_short"),
        ("12", "phone_too_short"),
        ("+1 512 555 0142 22 22", "phone_too_long"),
        ("000 000 0000", "phone_invalid"),
    ],
)
def test_what_cannot_be_reached_is_refused_with_the_reason(said: str, reason: str) -> None:
    with pytest.raises(ContactInvalidError) as refused:
        read_contact(said, "US")
    assert refused.value.reason == reason
    assert refused.value.code == "contact_invalid"


@given(st.text(max_size=200))
def test_whatever_is_typed_gives_a_contact_or_a_reason(said: str) -> None:
    try:
        contact = read_contact(said, "US")
    except ContactInvalidError:
        return
    assert contact.email or contact.phone


def test_a_code_has_eight_characters_that_are_not_mistaken_for_others() -> None:
    codes = {new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) == 8 for code in codes)
    seen = set("".join(codes))
    assert len(seen) == 22
    for pair in ("0O", "1I", "1L", "2Z", "5S", "8B", "UV"):
        assert not set(pair) <= seen


@pytest.mark.parametrize("typed", ["{0}-{1}", "{0}{1}", " {0} {1} ", "{0}–{1}", "{0}_{1}."])
def test_case_spaces_and_dashes_of_a_code_do_not_matter(typed: str) -> None:
    for _ in range(20):
        code = new_code()
        assert read_code(typed.format(code[:4], code[4:])) == code
        assert read_code(typed.format(code[:4], code[4:]).lower()) == code
        assert read_code(shown_code(code)) == code


@pytest.mark.parametrize("typed", ["", "hello", "CDFG-HJK", "CDFG-HJKMN", "CDFG-HJKO", "CDFG-HJK0", "İDFG-HJKM"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert read_code(typed) is None
