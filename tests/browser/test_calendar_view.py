"""The agents' calendar in a real browser: found by keyboard, turned, narrowed, and led from into a conversation."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine

from business.model import Business
from handoff_bridge.diary import CalendarDiary
from scheduling.model import Customer
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.wishes import Wish
from tests.browser.conftest import Window
from tests.integration.bridge_world import Bridge, StandInRasa, Visitor, bridge_process, rasa_server

SHOTS = os.environ.get("FRONTDESK_SHOTS")  # a folder to leave pictures in
NAMES = ("Dana Whitfield", "Robin Vale", "Ana María López-Hernández", "Kim", "Jo Okonkwo")


@pytest.fixture
def bridge(engine: Engine, magnolia: Business) -> Iterator[Bridge]:
    diary = CalendarDiary(Calendar(magnolia, PostgresStore(engine), lambda: datetime.now(UTC)), magnolia)
    with rasa_server(StandInRasa()) as url, bridge_process(engine, magnolia, url, diary=diary) as running:
        yield running


@pytest.fixture
def tuesday(bridge: Bridge, engine: Engine, magnolia: Business) -> tuple[date, Visitor]:
    """The Tuesday after next with appointments, and the visitor who has the first of them: an oil change."""
    today = bridge.clock().astimezone(magnolia.zone).date()
    day = today + timedelta(days=7 - today.weekday() + 8)
    calendar = Calendar(magnolia, PostgresStore(engine), bridge.clock)
    first = bridge.visitor()
    first.say("I need an oil change")
    wishes = [("oil_change", 10), ("service_visit", 11), ("oil_change", 12), ("test_drive", 15), ("test_drive", 15)]
    for number, ((service, hour), name) in enumerate(zip(wishes, NAMES, strict=True)):
        conversation_id = first.conversation_id if number == 0 else f"c-{number}"
        wish = Wish(start_date=day, start_time=time(hour))
        start = calendar.offer(service, wish).openings[0].start
        calendar.hold(service, start, conversation_id=conversation_id, request_key=f"hold-{number}")
        if number != 3:
            calendar.book(conversation_id, Customer(name, "x@example.org"), request_key=f"book-{number}")
    return day, first


def log_in(page: Page, bridge: Bridge) -> None:
    page.goto(f"{bridge.url}/inbox/")
    page.get_by_label("E-mail").fill("sam@magnolia-motors.example")
    page.get_by_label("Password").fill(bridge.logins["Sam"])
    page.get_by_role("button", name="Log in").click()


def picture(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def go_to(page: Page, day: date) -> Locator:
    """Turns to the day; the calendar."""
    calendar = page.get_by_role("main", name="Calendar")
    title = datetime.combine(day, time()).strftime(f"%A, %B {day.day}, %Y")
    turn = calendar.get_by_role("button", name="Next day")
    for _ in range(20):
        expect(turn).to_be_enabled()
        expect(calendar).to_have_attribute("aria-busy", "false")
        if calendar.get_by_role("heading", level=2).inner_text() == title:
            return calendar
        turn.click()
    raise AssertionError(f"twenty days on it is still not {title}")


def test_an_agent_finds_an_appointment_and_opens_its_conversation(
    bridge: Bridge, tuesday: tuple[date, Visitor], agents_window: Window
) -> None:
    page = agents_window.page
    log_in(page, bridge)
    page.get_by_role("link", name="Calendar").click()
    calendar = go_to(page, tuesday[0])
    expect(calendar.get_by_role("region", name="Bay 1")).to_be_visible()
    picture(page, "day")
    calendar.get_by_label("Department").select_option("Service")
    expect(calendar.get_by_role("region", name="Demo car 1")).to_have_count(0)
    oil = calendar.get_by_role("link", name="oil change, Dana Whitfield")
    oil.focus()
    picture(page, "department")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("I need an oil change")
    page.keyboard.press("Escape")
    expect(calendar.get_by_label("Department")).to_have_value("service")
    expect(oil).to_be_visible()


def test_the_week_shows_its_days_and_goes_by_weeks(
    bridge: Bridge, tuesday: tuple[date, Visitor], agents_window: Window
) -> None:
    page = agents_window.page
    log_in(page, bridge)
    page.get_by_role("link", name="Calendar").click()
    calendar = go_to(page, tuesday[0])
    calendar.get_by_label("View").select_option("Week")
    expect(calendar.get_by_role("heading", level=2)).to_contain_text("–")
    expect(calendar.get_by_role("link", name="Dana Whitfield")).to_be_visible()
    picture(page, "week")
    page.keyboard.press("ArrowRight")
    expect(calendar.get_by_role("link", name="Dana Whitfield")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(calendar.get_by_role("link", name="Dana Whitfield")).to_be_visible()
    calendar.get_by_role("button", name="Today").click()
    expect(calendar.get_by_role("region", name="(today)")).to_be_visible()


def test_it_can_be_used_on_a_phone(bridge: Bridge, tuesday: tuple[date, Visitor], phone: Window) -> None:
    page = phone.page
    log_in(page, bridge)
    page.get_by_role("link", name="Calendar").click()
    calendar = go_to(page, tuesday[0])
    picture(page, "phone")
    calendar.get_by_label("Resource").select_option("Bay 1")
    expect(calendar.get_by_role("region", name="Bay 2")).to_have_count(0)
    picture(page, "phone-resource")
    calendar.get_by_role("link", name="Dana Whitfield").click()
    expect(page.get_by_role("log")).to_contain_text("I need an oil change")
    page.get_by_role("link", name="Back to the list").first.click()
    calendar.get_by_role("link", name="Back to the queues").click()
    expect(page.get_by_role("navigation", name="Queues")).to_be_visible()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_an_agent_books_moves_and_cancels_beside_the_conversation(
    bridge: Bridge, tuesday: tuple[date, Visitor], agents_window: Window
) -> None:
    page, day = agents_window.page, tuesday[0]
    log_in(page, bridge)
    page.goto(f"{bridge.url}/inbox/#/with_assistant/{tuesday[1].conversation_id}")
    details = page.get_by_role("complementary", name="Details")
    details.get_by_role("button", name="Book").click()
    form = details.get_by_role("group", name="Book an appointment")
    form.get_by_label("Service").select_option("Test drive")
    form.get_by_label("Day").fill(day.isoformat())
    openings = form.get_by_role("list", name="Openings")
    expect(openings.get_by_role("button", name="11:00 AM", exact=True)).to_be_visible()
    expect(openings.get_by_role("button", name="3:00 PM", exact=True)).to_have_count(0)  # both cars are out
    picture(page, "booking")
    openings.get_by_role("button", name="11:00 AM").click()
    drive = details.get_by_role("listitem").filter(has_text="Test drive")
    expect(drive).to_contain_text("11:00 AM")
    drive.get_by_role("button", name="Move").click()
    details.get_by_role("group", name="Move the appointment").get_by_role("button", name="1:00 PM", exact=True).click()
    expect(drive).to_contain_text("1:00 PM")
    drive.get_by_role("button", name="Cancel").click()
    drive.get_by_role("button", name="Yes, cancel it").click()
    expect(drive).to_have_count(0)
