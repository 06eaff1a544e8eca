"""Reads an e-mail address or a phone number out of what a customer wrote."""

import re
from typing import NoReturn

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from scheduling.errors import ContactInvalidError, ContactReason
from scheduling.model import Customer

_ADDRESS = re.compile(r"\S*@\S*")
_AROUND = "<>()[]{},;:!?\"'."
_DIGIT = re.compile(r"\d")
_UNREADABLE: dict[int, ContactReason] = {
    phonenumbers.NumberParseException.NOT_A_NUMBER: "phone_too_short",
    phonenumbers.NumberParseException.TOO_SHORT_NSN: "phone_too_short",
    phonenumbers.NumberParseException.TOO_SHORT_AFTER_IDD: "phone_too_short",
    phonenumbers.NumberParseException.TOO_LONG: "phone_too_long",
}
_IMPOSSIBLE: dict[int, ContactReason] = {
    phonenumbers.ValidationResult.TOO_SHORT: "phone_too_short",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "phone_too_short",
    phonenumbers.ValidationResult.TOO_LONG: "phone_too_long",
}


def read_contact(text: str, country: str) -> Customer:
    """A customer with the `email`, the `phone` or both that stand in `text`.

    A phone number without a country code is one of `country` (ISO 3166, two letters). The address is checked by its
    form only, without asking the network. Raises `ContactInvalidError` with the `reason`.
    """
    address = _ADDRESS.search(text)
    email = _email(address.group()) if address else None
    rest = _ADDRESS.sub(" ", text)
    if email and not _DIGIT.search(rest):
        return Customer(email=email)
    phone = _phone(rest, country, required=email is None)
    return Customer(email=email, phone=phone)


def _email(written: str) -> str:
    try:
        checked = validate_email(written.strip(_AROUND).removeprefix("mailto:"), check_deliverability=False)
    except EmailNotValidError as error:
        raise ContactInvalidError("email_invalid") from error
    # Providers do not tell local parts apart by case, and a customer must be found however they type it.
    return checked.normalized.lower()


def _phone(text: str, country: str, *, required: bool) -> str | None:
    for match in phonenumbers.PhoneNumberMatcher(text, country):
        return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
    if required:
        _explain(text, country)
    return None


def _explain(text: str, country: str) -> NoReturn:
    if not _DIGIT.search(text):
        raise ContactInvalidError("missing")
    try:
        number = phonenumbers.parse("".join(re.findall(r"\+|\d", text)), country)
    except phonenumbers.NumberParseException as error:
        raise ContactInvalidError(_UNREADABLE.get(error.error_type, "phone_invalid")) from error
    raise ContactInvalidError(_IMPOSSIBLE.get(phonenumbers.is_possible_number_with_reason(number), "phone_invalid"))
