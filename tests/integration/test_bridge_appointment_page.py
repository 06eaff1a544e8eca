"""The page of an appointment, at a running bridge: to open it does nothing, its buttons move and cancel."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
import requests
from sqlalchemy import Engine, func, select, update

from business.model import Business
from business.wording import Wording
from notifications.links import Links
from notifications.storage_mailbox import PostgresMailbox
from scheduling.model import Appointment, Customer, Status
from scheduling.service import Calendar
from scheduling.storage import PostgresStore
from scheduling.storage_tables import appointments, changes
from tests.integration.bridge_world import SECRET, Bridge, StandInRasa, bridge_process, eventually, rasa_server

ZOE = Customer("Zoë <script>alert(1)</script>", "zoe@customer.example", None)
FORM = "a-form-that-was-on-a-page"


class Booked:
    """An appointment and the link to it."""

    def __init__(self, bridge: Bridge, engine: Engine, business: Business, service: str = "oil_change") -> None:
        self.engine, self.business, self.service, self.bridge = engine, business, service, bridge
        self.calendar = Calendar(business, PostgresStore(engine), bridge.clock)
        self.appointment = self.book("c1", self.openings()[0])
        self.url = self.url_of(self.appointment)

    def openings(self) -> list[datetime]:
        offer = self.calendar.offer(self.service, after=datetime.now(UTC) + timedelta(days=1), limit=40)
        return [opening.start for opening in offer.openings]

    def book(self, conversation: str, start: datetime, customer: Customer = ZOE) -> Appointment:
        self.calendar.hold(self.service, start, conversation_id=conversation, request_key=f"{conversation}:{start}:h")
        return self.calendar.book(conversation, customer, request_key=f"{conversation}:{start}:b")

    def url_of(self, appointment: Appointment, secret: str = SECRET) -> str:
        with self.engine.connect() as connection:
            made = connection.scalars(
                select(appointments.c.created_at).where(appointments.c.id == appointment.id)
            ).one()
        return Links(self.bridge.url, secret).appointment_url(appointment.id, made)

    def changes(self) -> list[str]:
        with self.engine.connect() as connection:
            mine = changes.c.appointment_id == self.appointment.id
            return list(connection.scalars(select(changes.c.what).where(mine).order_by(changes.c.id)))

    def now(self) -> Appointment:
        (found,) = (one for one in self.calendar.upcoming("c1") if one.id == self.appointment.id)
        return found

    def set(self, **values: object) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(appointments).where(appointments.c.id == self.appointment.id).values(values))


@pytest.fixture(scope="module")
def rasa_url() -> Iterator[str]:
    with rasa_server(StandInRasa()) as url:
        yield url


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa_url: str) -> Iterator[Bridge]:
    with bridge_process(engine, magnolia, rasa_url) as running:
        yield running


@pytest.fixture
def booked(bridge: Bridge, engine: Engine, magnolia: Business) -> Booked:
    return Booked(bridge, engine, magnolia)


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=20)


def post(url: str, **form: str) -> requests.Response:
    return requests.post(url, data=form, timeout=20)


def written(start: datetime) -> str:
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def starts_on(page: requests.Response) -> list[str]:
    return re.findall(r'name="start" value="([^"]+)"', page.text)


def form_on(page: requests.Response) -> str:
    return re.findall(r'name="form" value="([^"]+)"', page.text)[0]


def test_the_page_shows_what_when_where_and_the_code_and_is_kept_by_nobody(booked: Booked, magnolia: Business) -> None:
    page = get(booked.url)
    assert page.status_code == 200
    text = unescape(page.text)
    assert "oil change" in text
    assert Wording(magnolia, "en").full(booked.appointment.start) in text
    assert magnolia.contact.address in text
    assert booked.appointment.code is not None
    assert booked.appointment.code in text
    assert (page.headers["Cache-Control"], page.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "zoe@customer.example" not in page.text


def test_a_name_is_text_and_never_markup(booked: Booked) -> None:
    page = get(booked.url)
    assert "<script" not in page.text
    assert "&lt;script&gt;alert(1)" in page.text


def test_to_open_any_of_its_pages_changes_nothing(booked: Booked) -> None:
    for path in ("", "/cancel", "/move"):
        for _ in range(2):
            assert get(booked.url + path).status_code == 200
        requests.head(booked.url + path, timeout=20)
    assert booked.changes() == ["held", "booked"]
    assert booked.now() == booked.appointment


def test_a_link_that_we_did_not_make_is_not_there_and_does_nothing(booked: Booked) -> None:
    other = booked.book("c2", booked.openings()[-1])
    head, _, token = booked.url.rpartition("/")
    number, _, seal = token.partition(".")
    forged = [
        f"{number}.{'A' * 22}",
        f"{other.id}.{seal}",
        f"{number}.{seal}=",
        f"0{number}.{seal}",
        f"99999.{seal}",
        number,
        "%00",
        "é" + token,
        "1" * 40 + "." + seal,
        booked.url_of(booked.appointment, "another secret of more than thirty-two characters").rpartition("/")[2],
    ]
    answers = [get(f"{head}/{one}{path}") for one in forged for path in ("", "/move", "/cancel")]
    answers += [post(f"{head}/{one}/cancel", form=FORM) for one in forged]
    answers += [post(f"{head}/{one}/move", form=FORM, start=written(booked.openings()[3])) for one in forged]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert booked.changes() == ["held", "booked"]


def test_a_link_is_of_the_appointment_and_not_of_its_number(booked: Booked) -> None:
    booked.set(created_at=datetime.now(UTC) - timedelta(days=400))
    assert get(booked.url).status_code == 404


def test_cancelling_asks_once_more_and_is_done_once(booked: Booked) -> None:
    assert f'href="{booked.url.removeprefix(booked.bridge.url)}/cancel"' in get(booked.url).text
    asked = get(booked.url + "/cancel")
    assert "Do you want to cancel" in asked.text
    answers = [post(booked.url + "/cancel", form=form_on(asked)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert all("is cancelled" in answer.text and "<form" not in answer.text for answer in answers)
    assert booked.changes() == ["held", "booked", "cancelled"]
    assert "is cancelled" in get(booked.url).text
    assert starts_on(get(booked.url + "/move")) == []
    assert post(booked.url + "/move", form=FORM, start=written(booked.openings()[3])).status_code == 409
    assert booked.changes()[-1] == "cancelled"


def test_a_double_click_moves_once_and_the_link_stays_good(booked: Booked) -> None:
    page = get(booked.url + "/move")
    start = starts_on(page)[5]
    with ThreadPoolExecutor(4) as together:
        form = form_on(page)
        answers = list(together.map(lambda _: post(booked.url + "/move", form=form, start=start), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert all("this is your new time" in answer.text for answer in answers)
    assert booked.changes() == ["held", "booked", "moved"]
    assert written(booked.now().start) == start
    assert get(booked.url).status_code == 200


def test_a_repeat_after_a_later_move_does_not_move_it_back(booked: Booked) -> None:
    page = get(booked.url + "/move")
    first, second = starts_on(page)[3:5]
    post(booked.url + "/move", form=form_on(page), start=first)
    post(booked.url + "/move", form=form_on(page), start=second)
    again = post(booked.url + "/move", form=form_on(page), start=first)
    assert again.status_code == 200
    assert "this is your new time" not in again.text
    assert written(booked.now().start) == second
    assert booked.changes().count("moved") == 2


def test_later_times_come_page_by_page_without_the_time_that_it_has(booked: Booked) -> None:
    page = get(booked.url + "/move")
    seen = starts_on(page)
    for _ in range(2):
        later = re.findall(r'href="([^"]+after=[^"]+)"', page.text)[0]
        page = get(booked.bridge.url + unescape(later))
        assert starts_on(page)
        assert min(starts_on(page)) > max(seen)
        seen += starts_on(page)
    assert written(booked.appointment.start) not in seen
    assert len(re.findall("<h3>", page.text)) == 3


def test_who_is_slower_hears_it_and_is_shown_the_nearest_times(booked: Booked) -> None:
    page = get(booked.url + "/move")
    start = starts_on(page)[6]
    wanted = datetime.strptime(start, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    for conversation in ("c7", "c8"):  # both bays
        booked.book(conversation, wanted)
    answer = post(booked.url + "/move", form=form_on(page), start=start)
    assert answer.status_code == 409
    assert "somebody was faster" in answer.text
    assert start not in starts_on(answer)
    assert starts_on(answer)
    assert booked.now() == booked.appointment
    assert post(booked.url + "/move", form=form_on(answer), start=starts_on(answer)[0]).status_code == 200
    assert booked.changes() == ["held", "booked", "moved"]


def test_of_several_who_want_the_last_opening_one_gets_it(booked: Booked) -> None:
    wanted = booked.openings()[20]
    booked.book("c3", wanted)  # one of two bays
    urls = [booked.url] + [
        booked.url_of(booked.book(f"r{number}", start)) for number, start in enumerate(booked.openings()[4:9])
    ]
    with ThreadPoolExecutor(6) as together:
        answers = list(together.map(lambda url: post(url + "/move", form=FORM, start=written(wanted)), urls))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 5
    with booked.engine.connect() as connection:
        count = select(func.count()).where(
            appointments.c.starts_at == wanted, appointments.c.status == Status.CONFIRMED
        )
        assert connection.scalars(count).one() == 2


def test_a_visit_that_has_begun_says_so_and_its_link_ends_in_time(booked: Booked) -> None:
    ahead = booked.appointment.end - booked.bridge.clock()
    booked.bridge.clock.advance(ahead)
    page = get(booked.url)
    assert "is over or has begun" in page.text
    assert "/cancel" not in page.text
    assert starts_on(get(booked.url + "/move")) == []
    assert "<form" not in get(booked.url + "/cancel").text
    assert post(booked.url + "/cancel", form=FORM).status_code == 409
    assert post(booked.url + "/move", form=FORM, start=written(booked.openings()[-1])).status_code == 409
    booked.bridge.clock.advance(timedelta(days=booked.business.booking.link_days, minutes=-5))
    assert get(booked.url).status_code == 200
    booked.bridge.clock.advance(timedelta(minutes=6))
    assert get(booked.url).status_code == 404
    assert booked.changes() == ["held", "booked"]


@pytest.mark.parametrize(
    "start", ["", "tomorrow", "2026-12-01", "2026-13-01T10:00Z", "9999-12-31T23:59Z", "2026-12-01T10:00", "\x00"]
)
def test_what_is_no_time_is_refused(booked: Booked, start: str) -> None:
    assert post(booked.url + "/move", form=FORM, start=start).status_code == 422
    assert get(f"{booked.url}/move?after={requests.utils.quote(start)}").status_code in (200, 422)
    assert booked.changes() == ["held", "booked"]


def test_a_post_without_its_form_is_refused_and_a_time_nobody_offers_is_not_booked(booked: Booked) -> None:
    assert post(booked.url + "/cancel").status_code == 422
    assert post(booked.url + "/cancel", form="'; drop").status_code == 422
    for start in ("2020-01-01T10:00Z", "2099-12-31T10:00Z", written(booked.openings()[3] + timedelta(minutes=7))):
        answer = post(booked.url + "/move", form=FORM, start=start)
        assert (answer.status_code, "cannot be booked any more" in answer.text) == (409, True)
    assert booked.changes() == ["held", "booked"]


def test_a_service_that_is_gone_can_be_cancelled_but_not_moved(booked: Booked) -> None:
    booked.set(service="car_wash")
    page = get(booked.url)
    assert (page.status_code, "/move" in page.text, "/cancel" in page.text) == (200, False, True)
    assert starts_on(get(booked.url + "/move")) == []
    assert post(booked.url + "/move", form=FORM, start=written(booked.openings()[3])).status_code == 409


def test_what_the_terms_forbid_is_refused_with_a_number_to_call(
    engine: Engine, magnolia: Business, rasa_url: str
) -> None:
    terms = magnolia.booking.model_copy(update={"cancel_notice": 24 * 50, "moves": 0})
    strict = magnolia.model_copy(update={"booking": terms})
    with bridge_process(engine, strict, rasa_url) as running:
        booked = Booked(running, engine, strict)
        refused = (
            post(booked.url + "/cancel", form=FORM),
            post(booked.url + "/move", form=FORM, start=written(booked.openings()[3])),
        )
        assert [page.status_code for page in refused] == [409, 409]
        assert all(f"or call {magnolia.contact.phone}" in unescape(page.text) for page in refused)
        assert booked.changes() == ["held", "booked"]


def test_the_link_is_in_the_mails_and_a_move_by_it_is_mailed(booked: Booked, engine: Engine) -> None:
    mailbox = PostgresMailbox(engine)
    path = booked.url.removeprefix(booked.bridge.url)
    eventually(mailbox.latest, lambda mails: len(mails) == 1)
    page = get(booked.url + "/move")
    post(booked.url + "/move", form=form_on(page), start=starts_on(page)[5])
    moved, confirmation = eventually(mailbox.latest, lambda mails: len(mails) == 2)
    assert (moved.subject[:6], confirmation.subject[:7]) == ("Moved:", "Booked:")
    assert path in moved.body
    assert path in confirmation.body
