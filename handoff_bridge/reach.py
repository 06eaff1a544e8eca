"""How a customer can be reached: a phone number or an e-mail address, checked and brought into one form."""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from handoff_bridge.errors import FieldInvalidError

_PHONE = "a phone number with its country code, or as it is written in the business's country"
_EMAIL = "an e-mail address"


def phone_number(written: str | None, country: str) -> str:
    """A number in E.164; one without a country code is one of `country`. Raises `FieldInvalidError`."""
    try:
        number = phonenumbers.parse(written or "", country)
    except phonenumbers.NumberParseException as error:
        raise FieldInvalidError("phone", _PHONE) from error
    if not phonenumbers.is_valid_number(number):
        raise FieldInvalidError("phone", _PHONE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_address(written: str) -> str:
    """An address in lower case, checked by its form only. Raises `FieldInvalidError`."""
    try:
        return validate_email(written, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise FieldInvalidError("email", _EMAIL) from error
