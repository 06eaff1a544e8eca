"""A Rasa that is set up in an unsafe way does not start, and says what to change."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from rasa.core.run import create_http_input_channels
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException
from support import ASSISTANT, REPOSITORY, SECRET, Rasa

from addons.bridge_channel import BadCredentialsError, BridgeChannel
from addons.rasa_seams import UnfitError, fit
from addons.tracker_store import PostgresTrackerStore


@pytest.mark.parametrize("secret", [None, "", "x" * 31, 12345678901234567890123456789012])
def test_a_missing_or_short_secret_is_refused(secret: object) -> None:
    with pytest.raises(BadCredentialsError, match="FRONTDESK_SECRET"):
        BridgeChannel.from_credentials({"secret": secret})


@pytest.mark.parametrize("credentials", [None, {}])
def test_missing_credentials_are_refused(credentials: dict | None) -> None:
    with pytest.raises(BadCredentialsError, match="FRONTDESK_SECRET"):
        BridgeChannel.from_credentials(credentials)


def test_credentials_nobody_knows_are_refused() -> None:
    with pytest.raises(BadCredentialsError, match="hiden_slots"):
        BridgeChannel.from_credentials({"secret": SECRET, "hiden_slots": []})
    with pytest.raises(BadCredentialsError, match="list"):
        BridgeChannel.from_credentials({"secret": SECRET, "hidden_slots": "steering"})


def test_rasa_reads_our_credentials_and_endpoints(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONTDESK_SECRET", SECRET)
    monkeypatch.setenv("ACTIONS_URL", "http://127.0.0.1:5055")
    monkeypatch.setenv("DATABASE_URL", "postgresql://postgres:@/postgres?host=/some/folder")
    (channel,) = create_http_input_channels(None, str(REPOSITORY / "credentials.yml"))
    assert channel.url_prefix() == "bridge"
    endpoints = AvailableEndpoints.read_endpoints(str(REPOSITORY / "endpoints.yml"))
    assert endpoints.action.url == "http://127.0.0.1:5055/webhook"
    assert endpoints.tracker_store.url == "postgresql://postgres:@/postgres?host=/some/folder"
    assert endpoints.lock_store.type == "addons.lock_store.ConversationLockStore"


def test_an_unset_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FRONTDESK_SECRET", raising=False)
    with pytest.raises(RasaException, match="FRONTDESK_SECRET"):
        create_http_input_channels(None, str(REPOSITORY / "credentials.yml"))


def test_a_store_that_cannot_repeat_an_answer_is_refused() -> None:
    domain = Domain.load(ASSISTANT / "domain.yml")
    agent = _agent(domain, InMemoryTrackerStore(domain))
    with pytest.raises(UnfitError, match="InMemoryTrackerStore"):
        fit(agent)


def test_sessions_that_expire_are_refused() -> None:
    domain = Domain.from_yaml("version: '3.1'\nsession_config: {session_expiration_time: 60}")
    with pytest.raises(UnfitError, match="session_expiration_time"):
        fit(_agent(domain, PostgresTrackerStore(domain, host="postgresql:///nowhere")))


def test_a_server_whose_store_forgets_stops_and_says_why(tmp_path: Path, model: Path) -> None:
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text("tracker_store: {type: addons.no_such.Store}")
    server = Rasa(tmp_path, model, "", "", endpoints=endpoints)
    assert server.process.wait(60) != 0
    assert "addons.tracker_store.PostgresTrackerStore" in server.log.read_text()


def test_without_a_model_health_and_turns_say_so(tmp_path: Path) -> None:
    broken = tmp_path / "model.tar.gz"
    broken.write_bytes(b"not a model")
    server = Rasa(tmp_path, broken, "postgresql:///nowhere", "http://127.0.0.1:1")
    try:
        server.wait_for(503)
        assert server.health().json()["error"]["code"] == "no_model"
        turn = server.turn("a", "m1", "hello")
        assert (turn.status_code, turn.json()["error"]["code"], turn.json()["messages"]) == (503, "no_model", [])
        assert server.events("a", {"event": "pause"}).json()["error"]["code"] == "no_model"
    finally:
        server.kill()


def _agent(domain: Domain, store: object) -> SimpleNamespace:
    return SimpleNamespace(domain=domain, tracker_store=FailSafeTrackerStore(store), processor=SimpleNamespace())
