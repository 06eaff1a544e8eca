"""What `addons/rasa_seams.py` and `addons/turns.py` take for granted in Rasa; another version must be read anew."""

import inspect

import rasa
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain

from addons.rasa_seams import HonestRunAction


def test_rasa_is_the_version_that_was_read() -> None:
    assert rasa.__version__ == "3.6.21"


def test_an_action_is_run_with_the_arguments_we_pass_on() -> None:
    theirs = list(inspect.signature(MessageProcessor._run_action).parameters)
    assert theirs == list(inspect.signature(HonestRunAction.__call__).parameters)


def test_a_message_is_handled_in_the_steps_we_take() -> None:
    steps = (
        "log_message(",
        "run_action_extract_slots(",
        "_run_prediction_loop(",
        "save_tracker(tracker)\n\n        if",
    )
    source = inspect.getsource(MessageProcessor.handle_message)
    places = [source.index(step) for step in steps]
    assert places == sorted(places)


def test_the_fail_safe_wrapper_holds_the_store_where_we_take_it_from() -> None:
    store = InMemoryTrackerStore(Domain.empty())
    assert FailSafeTrackerStore(store)._tracker_store is store
