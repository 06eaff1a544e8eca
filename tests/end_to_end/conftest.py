"""One whole front desk for all end-to-end tests that do not need one of their own."""

from collections.abc import Iterator

import pytest

from tests.desk import Agent, Customer, FrontDesk

TUESDAY_MORNING = "2026-12-01T09:00:00-06:00"


@pytest.fixture(scope="session")
def desk() -> Iterator[FrontDesk]:
    """Magnolia Motors on a Tuesday morning."""
    started = FrontDesk(FRONTDESK_NOW=TUESDAY_MORNING).start()
    yield started
    started.stop()


@pytest.fixture
def customer(desk: FrontDesk) -> Customer:
    return Customer(desk.url)


@pytest.fixture
def sam(desk: FrontDesk) -> Agent:
    """An agent of sales."""
    return Agent(desk.url, "sam@magnolia-motors.example", desk.logins()["sam@magnolia-motors.example"])


@pytest.fixture
def jo(desk: FrontDesk) -> Agent:
    """An agent of service."""
    return Agent(desk.url, "jo@magnolia-motors.example", desk.logins()["jo@magnolia-motors.example"])
