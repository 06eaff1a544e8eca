"""The questions of the forms, filled with what is known."""

from datetime import datetime

from actions.context import Context
from actions.dialogues.offering import Offering
from actions.facts import Facts
from actions.replies import Button, Line, Say, Values
from scheduling.model import Appointment


class Questions:
    """Asks at one moment, `now`, in the business's zone."""

    def __init__(self, context: Context, now: datetime) -> None:
        self._context, self._now = context, now

    def booking(self, asks: str, facts: Facts) -> Say:
        """What the booking form asks for `asks`."""
        match asks:
            case "service":
                return Say("say_ask_service", lines=service_lines(self._context), buttons=self._service_buttons())
            case "wish":
                return Say("say_ask_wish", {"service": self.name(facts.service)})
            case "opening" if facts.service:
                return Offering(self._context, facts.service, self._now).again(facts.offered)
            case "confirmation" if facts.opening:
                return Say("say_ask_confirmation", self._read_back(facts, facts.opening))
            case _:
                return Say(f"say_ask_{asks}")

    def name(self, service: str | None) -> str:
        """What customers call a service; its key if the business offers it no more."""
        found = self._context.business.services.get(service or "")
        return found.name if found else service or ""

    def when(self, start: datetime) -> dict[str, str | int]:
        """Day, time and time zone in words."""
        wording = self._context.wording
        return {"day": wording.day(start, self._now), "time": wording.time(start), "zone": wording.zone(start)}

    def appointment(self, appointment: Appointment) -> dict[str, str | int]:
        """What is booked, when, and its code."""
        return {
            "service": self.name(appointment.service),
            **self.when(appointment.start),
            "code": appointment.code or "",
        }

    def _read_back(self, facts: Facts, opening: datetime) -> Values:
        phone = self._context.wording.phone(facts.phone) if facts.phone else None
        return {
            "service": capital(self.name(facts.service)),
            **self.when(opening),
            "customer_name": facts.customer_name or "",
            "contact": ", ".join(filter(None, (facts.email, phone))),
        }

    def _service_buttons(self) -> tuple[Button, ...]:
        services = self._context.business.services.items()
        return tuple(Button(f'/inform{{"service": "{key}"}}', title=capital(service.name)) for key, service in services)


def service_lines(context: Context) -> tuple[Line, ...]:
    """What can be booked, numbered."""
    services = enumerate(context.business.services.values(), 1)
    return tuple(Line("say_service_line", {"number": n, "service": capital(service.name)}) for n, service in services)


def capital(name: str) -> str:
    """A name as it begins a line."""
    return name[:1].upper() + name[1:]
