"""What the assistant has learned so far, as an agent reads it: names instead of keys, dates instead of JSON."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from business.model import Business
from business.wording import Wording
from scheduling.wishes import Wish

_NOT_FOR_PEOPLE = ("offered", "appointment_id", "department", "call", "message")


class FactWords:
    """For the agents of one business, in its first language."""

    def __init__(self, business: Business) -> None:
        self._business = business
        self._wording = Wording(business, business.languages[0])

    def of(self, facts: Mapping[str, Any]) -> dict[str, str]:
        """The facts in words, by name. One that cannot be read as what its name says is shown as it is."""
        return {name: self._words(name, value) for name, value in facts.items() if name not in _NOT_FOR_PEOPLE}

    def _words(self, name: str, value: Any) -> str:
        try:
            match name:
                case "service":
                    return self._business.services[value].name
                case "opening":
                    return self._wording.short(datetime.fromisoformat(value))
                case "phone":
                    return self._wording.phone(value)
                case "wish":
                    return self._wish(Wish.from_dict(value))
        except (KeyError, TypeError, ValueError, AttributeError):
            pass
        return str(value)

    def _wish(self, wish: Wish) -> str:
        options = " or ".join(filter(None, (self._option(option) for option in wish.options)))
        unwanted = [f"not {exclusion}" for exclusion in wish.to_json()["exclusions"]]
        return ", ".join(filter(None, ["earliest" if wish.earliest else "", options, *unwanted]))

    def _option(self, wish: Wish) -> str:
        days = [self._wording.short_day(day) for day in (wish.start_date, wish.end_date) if day]
        times = [self._wording.clock(at) for at in (wish.start_time, wish.end_time) if at]
        return ", ".join(filter(None, [_span(wish.date_open, days), wish.part or "", _span(wish.time_open, times)]))


def _span(opens: str | None, ends: list[str]) -> str:
    return " ".join(filter(None, [opens or "", " – ".join(ends)]))
