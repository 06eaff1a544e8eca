"""The main job in a real browser: the customer's page and the agent's page side by side."""

from playwright.sync_api import FrameLocator, Locator, Page, expect

from tests.browser.conftest import Window
from tests.desk import CODE, Agent, Customer, FrontDesk, until

SAM = "sam@magnolia-motors.example"


class Chat:
    """The widget on the demo page, used as a customer would."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        page.goto(url)
        page.get_by_role("button", name="Start a chat").click()

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    def say(self, text: str) -> None:
        """Sends `text` and waits until the assistant has answered it."""
        before = self.heard()
        self.frame.get_by_label("Your message").fill(text)
        self.frame.get_by_label("Your message").press("Enter")
        until(lambda: self.heard() > before, f"an answer to {text!r}")

    def press(self, title: str) -> None:
        before = self.heard()
        self.frame.get_by_role("button", name=title, disabled=False).last.click()
        until(lambda: self.heard() > before, f"an answer to the button {title!r}")

    def heard(self) -> int:
        return self.frame.locator(".message.assistant .bubble").count()

    def text(self) -> str:
        return self.frame.get_by_role("log").inner_text()


def log_in(page: Page, desk: FrontDesk, email: str = SAM) -> None:
    page.goto(f"{desk.url}/inbox/")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(desk.logins()[email])
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("navigation", name="Queues")).to_be_visible()


def queue(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Queues").get_by_role("link", name=name).click()


def test_a_customer_books_with_the_assistant(window: Window, desk: FrontDesk) -> None:
    chat = Chat(window.page, desk.url)
    chat.say("I'd like an oil change on Friday morning")
    chat.say("the second one")
    chat.say("Dana Whitfield")
    chat.say("dana@example.org")
    chat.press("Yes")
    assert CODE.search(chat.text())


def actions(inbox: Page) -> Locator:
    """What can be done with the conversation that is open; an offer has buttons of the same names."""
    return inbox.get_by_role("group", name="Actions")


def test_a_handoff_is_seen_from_both_sides(window: Window, agents_window: Window, desk: FrontDesk) -> None:
    inbox = agents_window.page
    log_in(inbox, desk)
    queue(inbox, "Waiting")

    chat = Chat(window.page, desk.url)
    chat.say("Can I book a test drive on Thursday afternoon?")
    chat.say("1")
    chat.say("Robin Vale")
    chat.say("could I speak to a human please")

    inbox.get_by_role("region", name="Waiting").get_by_role("link", name="Robin Vale").click()
    history = inbox.get_by_role("log")
    expect(history).to_contain_text("Can I book a test drive on Thursday afternoon?")
    expect(inbox.get_by_role("complementary", name="Details")).to_contain_text("Robin Vale")

    actions(inbox).get_by_role("button", name="Accept").click()
    inbox.get_by_label("Your answer").fill("Hello Robin, this is Sam. <b>How</b> can I help?")
    inbox.get_by_label("Your answer").press("Enter")
    expect(chat.frame.get_by_role("log")).to_contain_text("this is Sam. <b>How</b> can I help?")

    silent = chat.heard()
    chat.frame.get_by_label("Your message").fill("What is your address?")
    chat.frame.get_by_label("Your message").press("Enter")
    expect(history).to_contain_text("What is your address?")
    inbox.get_by_role("button", name="Return to assistant").click()
    expect(chat.frame.get_by_role("log")).to_contain_text("Sam Okafor has left the conversation")
    assert chat.heard() == silent, "the assistant spoke while Sam had the conversation"

    chat.say("what is your address?")


def test_the_conversation_survives_a_reload_and_shows_in_a_second_tab(window: Window, desk: FrontDesk) -> None:
    chat = Chat(window.page, desk.url)
    chat.say("hello there")
    window.page.reload()
    window.page.get_by_role("button", name="Start a chat").click()
    expect(chat.frame.get_by_role("log")).to_contain_text("hello there")

    second = Chat(window.open(), desk.url)
    expect(second.frame.get_by_role("log")).to_contain_text("hello there")
    second.say("what are your opening hours?")
    expect(chat.frame.get_by_role("log")).to_contain_text("what are your opening hours?")


def test_an_agent_who_is_too_late_is_told_who_was_faster(agents_window: Window, desk: FrontDesk) -> None:
    customer = Customer(desk.url)
    customer.say("please get me a human")
    inbox = agents_window.page
    log_in(inbox, desk)
    other = Agent(desk.url, "jo@magnolia-motors.example", desk.logins()["jo@magnolia-motors.example"])
    until(lambda: customer.conversation_id in other.queue("waiting"), "the conversation to wait")

    queue(inbox, "Waiting")
    row = inbox.locator(f"a[data-id='{customer.conversation_id}']")
    row.click()
    expect(actions(inbox).get_by_role("button", name="Accept")).to_be_visible()
    inbox.context.set_offline(True)
    assert other.move(customer.conversation_id, "accept").status_code == 200
    inbox.context.set_offline(False)

    expect(inbox.get_by_text("Jo Lindqvist is answering this conversation")).to_be_visible()
    agents_window.complaints.clear()  # the browser itself notes that it was offline


def test_what_is_offered_is_accepted_where_it_is_offered(agents_window: Window, desk: FrontDesk) -> None:
    inbox = agents_window.page
    log_in(inbox, desk)
    customer = Customer(desk.url)
    customer.say("I would like to speak to somebody from sales please")
    offer = (
        inbox.get_by_role("region", name="Offered to you")
        .get_by_role("article")
        .filter(has_text=f"Visitor {customer.conversation_id[-4:]}")
    )
    offer.get_by_role("button", name="Accept").click()
    expect(offer).to_have_count(0)
    expect(actions(inbox).get_by_role("button", name="Return to assistant")).to_be_visible()
    expect(inbox.get_by_role("complementary", name="Details")).to_contain_text("In short")


def test_the_inbox_fits_a_phone(phone: Window, desk: FrontDesk) -> None:
    customer = Customer(desk.url)
    customer.say("hello")
    page = phone.page
    log_in(page, desk)
    queue(page, "With assistant")
    page.locator(f"a[data-id='{customer.conversation_id}']").click()
    expect(page.get_by_role("log")).to_contain_text("hello")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("link", name="Back to the list").first.click()
    expect(page.get_by_role("navigation", name="Queues")).to_be_visible()
