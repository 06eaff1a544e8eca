"""The mail of a running bridge: an appointment becomes a mail, and without a mail server the mailbox page shows it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from sqlalchemy import Engine

from business.model import Business
from handoff_bridge.web.mailbox import _is_private
from scheduling.model import Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from tests.desk import until
from tests.integration.bridge_world import Bridge, StandInRasa, bridge_process, rasa_server


@pytest.fixture
def bridge(engine: Engine, magnolia: Business) -> Iterator[Bridge]:
    with rasa_server(StandInRasa()) as url, bridge_process(engine, magnolia, url) as running:
        yield running


def test_a_booking_shows_up_in_the_mailbox_once(bridge: Bridge, engine: Engine, magnolia: Business) -> None:
    calendar = Calendar(magnolia, PostgresStore(engine), bridge.clock)
    opening = calendar.offer("oil_change", after=bridge.clock() + timedelta(days=2)).openings[0]
    calendar.hold("oil_change", opening.start, conversation_id="c1", request_key="c1:m1:hold")
    booked = calendar.book("c1", Customer(name="Zoë", email="zoe@customer.example"), request_key="c1:m2:book")
    assert booked.code

    until(lambda: _mails(bridge), "the mail")

    (mail,) = _mails(bridge)
    assert mail["recipient"] == "zoe@customer.example"
    assert booked.code[:4] in mail["body"]
    assert "/dev/mailbox/assets/mailbox.js" in requests.get(f"{bridge.url}/dev/mailbox", timeout=5).text


@pytest.mark.parametrize(
    ("host", "is_private"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("desk.example.org", False)],
)
def test_the_mailbox_is_for_this_machine_only(host: str, is_private: bool) -> None:
    assert _is_private(host) is is_private


def _mails(bridge: Bridge) -> list[dict[str, str]]:
    found: list[dict[str, str]] = requests.get(f"{bridge.url}/dev/mailbox/mails", timeout=5).json()["mails"]
    return found
