"""The links in mails, at a running bridge: to open one does nothing, the button does, and so does a mail program.

And where supervisors see what did not arrive."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, select, update

from business.model import Business
from notifications.links import Links
from notifications.model import Draft
from notifications.storage import PostgresOutbox
from notifications.storage_tables import mail_opt_outs, notifications, visit_ratings
from tests.integration.bridge_world import SECRET, Bridge, StandInRasa, bridge_process, rasa_server

ADDRESS = "Zoe@customer.example"


class Mailed:
    """A mail that is already sent, and the links that were in it."""

    def __init__(self, bridge: Bridge, engine: Engine, template: str) -> None:
        self.engine, self._links = engine, Links(bridge.url, SECRET)
        draft = Draft(f"{template}-1", ADDRESS, "en", template, {"appointment": "1", "sequence": "0"})
        self._outbox = PostgresOutbox(engine)
        far = datetime.now(UTC) + timedelta(days=365)  # so that this bridge leaves it alone
        assert self._outbox.add(draft, far)
        with engine.connect() as connection:
            row = connection.execute(select(notifications).where(notifications.c.key == draft.key)).one()
        self.notification: Any = row

    def url(self, purpose: Any) -> str:
        return self._links.url(purpose, self.notification)

    def stopped(self) -> list[str]:
        with self.engine.connect() as connection:
            return list(connection.scalars(select(mail_opt_outs.c.address)))

    def scores(self) -> list[int]:
        with self.engine.connect() as connection:
            return list(connection.scalars(select(visit_ratings.c.score)))


@pytest.fixture
def reminder(bridge: Bridge, engine: Engine) -> Mailed:
    return Mailed(bridge, engine, "reminder")


@pytest.fixture
def question(bridge: Bridge, engine: Engine) -> Mailed:
    return Mailed(bridge, engine, "follow_up")


@pytest.fixture(scope="module")
def rasa_url() -> Iterator[str]:
    with rasa_server(StandInRasa()) as url:
        yield url


@pytest.fixture
def bridge(engine: Engine, magnolia: Business, rasa_url: str) -> Iterator[Bridge]:
    with bridge_process(engine, magnolia, rasa_url) as running:
        yield running


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=10)


def post(url: str, **form: str) -> requests.Response:
    return requests.post(url, data=form, timeout=10)


def test_to_open_the_link_changes_nothing_and_shows_a_button(reminder: Mailed) -> None:
    for _ in range(3):
        page = get(reminder.url("stop"))
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no more reminders and questions from Magnolia Motors" in page.text
    assert re.findall(r'<form method="post">\s*<button type="submit"', page.text)
    assert ADDRESS not in page.text
    assert requests.head(reminder.url("stop"), timeout=10).status_code == 405
    assert reminder.stopped() == []


def test_the_button_and_the_one_click_of_a_mail_program_stop_it_once(reminder: Mailed) -> None:
    first = post(reminder.url("stop"), score="")
    again = post(reminder.url("stop"), **{"List-Unsubscribe": "One-Click"})
    assert [first.status_code, again.status_code] == [200, 200]
    assert "sends you no more reminders" in first.text
    assert "<form" not in first.text
    assert reminder.stopped() == ["zoe@customer.example"]


def test_a_mail_program_that_sends_its_click_as_form_data_is_heard(reminder: Mailed) -> None:
    answer = requests.post(reminder.url("stop"), files={"List-Unsubscribe": (None, "One-Click")}, timeout=10)
    assert answer.status_code == 200
    assert reminder.stopped() == ["zoe@customer.example"]


def test_a_link_that_we_did_not_make_is_not_there_and_does_nothing(reminder: Mailed) -> None:
    head, _, token = reminder.url("stop").rpartition("/")
    number, _, seal = token.partition(".")
    forged = [
        f"{number}.{'A' * 22}",
        f"{int(number) + 1}.{seal}",
        f"{number}.{seal}=",
        f"0{number}.{seal}",
        number,
        "%00",
        "1" * 40 + "." + seal,
        Links("", "another secret of more than thirty-two characters").url("stop", reminder.notification)[11:],
        reminder.url("rating").rpartition("/")[2],
    ]
    answers = [ask(f"{head}/{token}") for token in forged for ask in (get, post)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert reminder.stopped() == []


def test_a_confirmation_cannot_be_stopped(bridge: Bridge, engine: Engine) -> None:
    booked = Mailed(bridge, engine, "booked")
    assert [get(booked.url("stop")).status_code, post(booked.url("stop")).status_code] == [404, 404]
    assert booked.stopped() == []


def test_a_visit_is_rated_with_a_button_and_the_last_answer_counts(question: Mailed) -> None:
    page = get(question.url("rating"))
    assert re.findall(r'name="score" value="(\d)">(\d)<', page.text) == [(n, n) for n in "12345"]
    assert question.scores() == []
    assert "Thank you" in post(question.url("rating"), score="2").text
    post(question.url("rating"), score="5")
    assert question.scores() == [5]


@pytest.mark.parametrize("score", ["", "0", "6", "five", "1.0", "٣"])
def test_what_is_no_score_is_refused(question: Mailed, score: str) -> None:
    assert post(question.url("rating"), score=score).status_code == 422
    assert post(question.url("rating")).status_code == 422
    assert question.scores() == []


def test_a_reminder_asks_for_no_score(reminder: Mailed) -> None:
    assert post(reminder.url("rating"), score="5").status_code == 404
    assert reminder.scores() == []


def test_a_supervisor_sees_what_did_not_arrive_and_others_do_not(bridge: Bridge, reminder: Mailed) -> None:
    refused = {"state": "failed", "failure": "550 no such user", "attempts": 1}
    with reminder.engine.begin() as connection:
        connection.execute(update(notifications).values(refused | {"created_at": datetime.now(UTC)}))
    assert bridge.agent("Sam").get("/mail/troubles").status_code == 403
    assert bridge.get("/inbox/api/mail/troubles").status_code == 401
    (trouble,) = bridge.agent("Maria").get("/mail/troubles").json()["troubles"]
    assert refused.items() <= trouble.items()
    assert (trouble["recipient"], trouble["next_at"]) == (ADDRESS, None)


def test_a_supervisor_sees_how_the_visits_were(bridge: Bridge, question: Mailed) -> None:
    def visits() -> dict[str, Any]:
        return dict(bridge.agent("Maria").get("/reports/visits").json())

    assert (visits()["asked"], visits()["answered"], visits()["mean"]) == (0, 0, None)
    with question.engine.begin() as connection:
        sent = {"state": "sent", "sent_at": datetime.now(UTC), "attempts": 1}
        connection.execute(update(notifications).values(sent))
    assert (visits()["asked"], visits()["scores"]) == (1, [0, 0, 0, 0, 0])
    post(question.url("rating"), score="4")
    assert (visits()["answered"], visits()["mean"], visits()["scores"]) == (1, 4.0, [0, 0, 0, 1, 0])
    assert bridge.agent("Sam").get("/reports/visits").status_code == 403
    assert bridge.agent("Maria").get("/reports/visits?from=2026-02-01&to=2026-01-01").status_code == 422
