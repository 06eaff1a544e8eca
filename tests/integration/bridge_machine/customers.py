"""What customers do, and the programs that ask the bridge for them."""

from contextlib import suppress

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from business.callback_times import callback_times
from handoff_bridge.errors import AlreadyMovedError, FieldInvalidError, NotFoundError, TokenMissingError
from handoff_bridge.messages import Author, DeliveryState
from handoff_bridge.petitions import Petition
from handoff_bridge.services import Services
from handoff_bridge.task_requests import CallbackWanted, MessageLeft
from tests.integration.bridge_machine.assistant import Asks
from tests.integration.bridge_machine.stage import BRIDGES, CUSTOMERS, WHICH, Stage, pick

WORDS = st.sampled_from(("hello", "do you do financing?", "5", "no", "/human", "my brakes failed just now"))
"""Talk, a topic for people, a rating, an answer to an offer, a command, what cannot wait."""


class CustomerRules(Stage):
    @rule(name=CUSTOMERS, at=BRIDGES, words=WORDS)
    def write(self, name: str, at: int, words: str) -> None:
        self.say(name, at, words)

    @rule(name=CUSTOMERS, at=BRIDGES, which=WHICH)
    def press(self, name: str, at: int, which: int) -> None:
        """The newest buttons are the likeliest to be pressed."""
        offered = [button for message in self.rows(name).messages for button in message.buttons][::-1]
        if offered:
            button = pick(offered, which)
            self.say(name, at, button.title, button.id)
            assert self.customers[name].accepted[-1].payload == button.payload

    @rule(name=CUSTOMERS, other=CUSTOMERS, at=BRIDGES, which=WHICH)
    def do_what_changes_nothing(self, name: str, other: str, at: int, which: int) -> None:
        before = self.rows(name)
        self.repeat_first_contact_without_its_answer(name, at)
        self.repeat(name, at, which)
        if other != name:
            self.write_as_somebody_else(name, other)
            self.press_a_button_of_somebody_else(name, other, which)
        assert self.rows(name) == before

    @rule(name=CUSTOMERS, which=WHICH)
    def see(self, name: str, which: int) -> None:
        up_to = pick(self.rows(name).messages, which).id
        self.anybody.visitors.read(self.customers[name].conversation_id, up_to)
        seen = [message for message in self.rows(name).messages if message.id <= up_to]
        assert {message.status for message in seen if message.author is not Author.CUSTOMER} <= {DeliveryState.READ}

    @rule(name=CUSTOMERS, at=BRIDGES, asks=st.sampled_from(Asks))
    def have_a_program_ask(self, name: str, at: int, asks: Asks) -> None:
        petition(self.bridges[at], self.customers[name].conversation_id, asks)

    def repeat(self, name: str, at: int, which: int) -> None:
        customer = self.customers[name]
        number = which % len(customer.accepted)
        again = self.bridges[at].visitors.send(
            customer.visitor_id, f"{name}-{number}", "other words", token=customer.token
        )
        customer.has_used_token = True
        sent = customer.accepted[number]
        assert (again.message.id, again.message.text, again.visitor_token) == (sent.id, sent.text, None)

    def repeat_first_contact_without_its_answer(self, name: str, at: int) -> None:
        customer, send = self.customers[name], self.bridges[at].visitors.send
        if customer.has_used_token:
            with pytest.raises(TokenMissingError):
                send(customer.visitor_id, f"{name}-0", "hello", token=None)
        else:
            again = send(customer.visitor_id, f"{name}-0", "hello", token=None)
            assert (again.message.id, again.visitor_token) == (customer.accepted[0].id, customer.token)

    def write_as_somebody_else(self, name: str, other: str) -> None:
        with pytest.raises(NotFoundError):
            self.anybody.visitors.send(
                self.customers[name].visitor_id, "foreign", "mine?", token=self.customers[other].token
            )

    def press_a_button_of_somebody_else(self, name: str, other: str, which: int) -> None:
        offered = [button for message in self.rows(other).messages for button in message.buttons]
        if offered:
            with pytest.raises(FieldInvalidError):
                self.say(name, 0, "Yes", pick(offered, which).id)

    def say(self, name: str, at: int, words: str, button: str | None = None) -> None:
        customer = self.customers[name]
        message_id = f"{name}-{len(customer.accepted)}"
        received = self.bridges[at].visitors.send(
            customer.visitor_id, message_id, words, token=customer.token, button=button
        )
        customer.has_used_token = True
        customer.accepted.append(received.message)


def petition(services: Services, conversation_id: str, asks: Asks) -> None:
    """What the actions ask of the bridge. Who was overtaken by an agent is told so."""
    match asks:
        case Asks.REQUEST:
            services.petitions.request(conversation_id, Petition(None, None, "asked", ""))
        case Asks.WITHDRAW:
            services.petitions.withdraw(conversation_id)
        case Asks.CALLBACK:
            (at,) = callback_times(services.business, "sales", services.clock(), limit=1)
            with suppress(AlreadyMovedError):
                services.task_requests.call_back(conversation_id, CallbackWanted(at, "+1 512 555 0100", "", "sales"))
        case Asks.MESSAGE:
            with suppress(AlreadyMovedError):
                services.task_requests.leave_message(conversation_id, MessageLeft("call me", None, None, None))
