"""What happens when a process dies, and that a stop leaves nothing behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.desk import CODE, ROOT, Customer, FrontDesk, until

TUESDAY_IN_DUBLIN = "2026-12-01T10:00:00+00:00"


def test_a_rasa_killed_during_a_turn_costs_one_sentence_and_no_message(customer: Customer, desk: FrontDesk) -> None:
    customer.say("hello")
    os.kill(desk.pid("rasa"), signal.SIGSTOP)  # so that the turn is under way for certain
    customer.send("what are your opening hours?")
    until(lambda: customer.said_by("system"), "the prepared sentence")
    os.kill(desk.pid("rasa"), signal.SIGKILL)

    until(lambda: len(customer.said_by("assistant")) > 1, "the answer, when Rasa is back")

    assert len(customer.said_by("system")) == 1
    assert "8:00" in customer.said_by("assistant")[-1]
    assert len(customer.said_by("customer")) == 2


def test_killed_actions_cost_a_sentence_and_a_person_can_still_be_reached(customer: Customer, desk: FrontDesk) -> None:
    customer.say("hello")
    before = desk.pid("actions")
    os.kill(before, signal.SIGKILL)
    assert customer.say("I want to book an oil change")
    until(lambda: (desk.folder / "run" / "actions.pid").exists() and desk.pid("actions") != before, "new actions")


def test_a_killed_bridge_loses_no_accepted_message(customer: Customer, desk: FrontDesk) -> None:
    customer.say("hello")
    assert customer.send("what are your opening hours?").status_code == 202
    os.kill(desk.pid("bridge"), signal.SIGKILL)
    until(lambda: _answers(customer) == 2, "the answer after the restart")
    customer.say("thanks")
    assert _answers(customer) == 3, "no answer came twice"


def _answers(customer: Customer) -> int:
    try:
        return len(customer.said_by("assistant"))
    except OSError:
        return 0


def test_both_businesses_book_and_a_stop_leaves_no_process_behind() -> None:
    desk = FrontDesk(BUSINESS_FILE="examples/education/business.yml", FRONTDESK_NOW=TUESDAY_IN_DUBLIN).start()
    try:
        customer = Customer(desk.url)
        customer.say("Hello, I'd like to book a mock interview on Thursday")
        customer.say("1")
        customer.say("Imani Osei")
        read_back = customer.say("imani@example.org")
        assert "visa interview practice" in read_back.lower()
        assert "Thursday 3 December" in read_back
        code = CODE.search(customer.press("yes"))
        assert code
        assert "visa interview practice" in customer.say(f"look up {code.group()}").lower()
    finally:
        desk.stop()
    gone, alive = psutil.wait_procs(desk.children, timeout=5)
    assert gone
    assert alive == []


def test_a_taken_port_is_told_before_anything_starts(desk: FrontDesk, tmp_path: Path) -> None:
    environment = {**os.environ, **desk.settings, "FRONTDESK_VAR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "deploy.run"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "BRIDGE_PORT=" in done.stderr
    assert not (tmp_path / "postgres").exists()
