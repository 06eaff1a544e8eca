"""Conversations in PostgreSQL: appended in one statement, read from the session's start, never interleaved."""

import asyncio
from collections.abc import Iterator

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, ConversationPaused, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig
from sqlalchemy.exc import OperationalError
from support import ASSISTANT, rows

from addons.tracker_store import PostgresTrackerStore, TrackerConflictError, UnknownTrackerError

LISTEN = ActionExecuted("action_listen")


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(ASSISTANT / "domain.yml")


@pytest.fixture
def store(database_url: str, domain: Domain) -> PostgresTrackerStore:
    return _store(database_url, domain)


async def test_a_conversation_never_seen_is_none(store: PostgresTrackerStore, conversation: str) -> None:
    assert await store.retrieve(conversation) is None
    assert await store.retrieve_full_tracker(conversation) is None
    assert not await store.exists(conversation)


async def test_what_is_saved_comes_back_as_it_was(
    store: PostgresTrackerStore, database_url: str, domain: Domain, conversation: str
) -> None:
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    said = BotUttered("Sí 🙂 \0 \ud800", {"buttons": [{"title": "x", "payload": "/y"}]}, {"utter_action": "utter_x"})
    events = [LISTEN, UserUttered("hello", {"name": "greet"}, message_id="m1"), SlotSet("choice", "1"), said]
    tracker.update_with_events([*events, ConversationPaused()], domain)
    await store.save(tracker)
    again = await _store(database_url, domain).retrieve(conversation)
    assert [event.as_dict() for event in again.events] == [event.as_dict() for event in tracker.events]
    assert again.current_state() == tracker.current_state()
    assert await store.exists(conversation)
    assert conversation in await store.keys()


async def test_an_append_is_one_statement_of_only_what_is_new(
    store: PostgresTrackerStore, statements: "Statements", domain: Domain, conversation: str
) -> None:
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    tracker.update_with_events([UserUttered(f"text {number}") for number in range(1500)], domain)
    await store.save(tracker)
    tracker.update(LISTEN)
    await store.save(tracker)
    await store.save(tracker)
    assert statements.appends(conversation) == [(0, 1500), (1500, 1)]


async def test_only_the_current_session_is_read_and_all_of_them_on_demand(
    store: PostgresTrackerStore, domain: Domain, conversation: str
) -> None:
    tracker = await _saved(store, conversation, domain, LISTEN, UserUttered("old"), SlotSet("choice", "1"))
    await _more(store, tracker, domain, ActionExecuted("action_session_start"), SessionStarted(), LISTEN)
    session = await store.retrieve(conversation)
    assert [event.type_name for event in session.events] == ["session_started", "action"]
    assert session.get_slot("choice") is None
    await _more(store, session, domain, UserUttered("new"))
    assert len((await store.retrieve(conversation)).events) == 3
    assert len((await store.retrieve_full_tracker(conversation)).events) == 7


async def test_the_session_is_found_by_an_index_however_many_rows_there_are(
    store: PostgresTrackerStore, database_url: str, domain: Domain, conversation: str
) -> None:
    rows(
        database_url,
        "insert into rasa_events (sender_id, position, batch, type_name, timestamp, data) "
        "select 'many-' || n %% 50, n / 50, n / 50, case n / 50 %% 40 when 0 then 'session_started' else 'slot' end, "
        "0, '{}' from generate_series(0, 49999) n",
    )
    rows(database_url, "analyze rasa_events")
    await _saved(store, conversation, domain, SessionStarted(), UserUttered("hello", message_id="m1"))
    before = _sequential_reads(database_url)
    assert await store.retrieve(conversation)
    assert await store.retrieve_turn(conversation, "m1")
    assert await store.retrieve_turn(conversation, "m2") is None
    assert _sequential_reads(database_url) == before


async def test_a_turn_is_found_as_it_was_left(store: PostgresTrackerStore, domain: Domain, conversation: str) -> None:
    first = UserUttered("one", message_id="m1")
    tracker = await _saved(store, conversation, domain, SessionStarted(), first, SlotSet("choice", "1"))
    await _more(store, tracker, domain, SlotSet("choice", "2"), ConversationPaused())
    await _more(store, tracker, domain, SessionStarted(), UserUttered("two", message_id="m2"))
    then = await store.retrieve_turn(conversation, "m1")
    assert (then.get_slot("choice"), then.is_paused(), then.latest_message.text) == ("1", False, "one")
    now = await store.retrieve_turn(conversation, "m2")
    assert (now.get_slot("choice"), now.latest_message.text, len(now.events)) == (None, "two", 2)
    assert await store.retrieve_turn(conversation, "m3") is None
    assert await store.retrieve_turn(conversation + ".b", "m1") is None


async def test_two_writers_never_interleave(
    store: PostgresTrackerStore, database_url: str, domain: Domain, conversation: str
) -> None:
    await _saved(store, conversation, domain, LISTEN)
    other = _store(database_url, domain)
    mine, theirs = await store.retrieve(conversation), await other.retrieve(conversation)
    results = await asyncio.gather(
        _more(store, mine, domain, UserUttered("mine"), UserUttered("mine too")),
        _more(other, theirs, domain, UserUttered("theirs"), UserUttered("theirs too")),
        return_exceptions=True,
    )
    assert {type(result) for result in results} == {type(None), TrackerConflictError}
    kept = [event.text for event in list((await store.retrieve(conversation)).events)[1:]]
    assert kept in (["mine", "mine too"], ["theirs", "theirs too"])


async def test_a_message_is_never_kept_twice(store: PostgresTrackerStore, domain: Domain, conversation: str) -> None:
    tracker = await _saved(store, conversation, domain, UserUttered("hello", message_id="m1"))
    with pytest.raises(TrackerConflictError):
        await _more(store, tracker, domain, UserUttered("hello", message_id="m1"))
    assert len((await store.retrieve(conversation)).events) == 1


async def test_a_conversation_can_be_erased_by_its_id(
    store: PostgresTrackerStore, database_url: str, domain: Domain, conversation: str
) -> None:
    await _saved(store, conversation, domain, UserUttered("hello", message_id="m1"))
    rows(database_url, "delete from rasa_events where sender_id = %s", conversation)
    assert await store.retrieve(conversation) is None
    await _saved(store, conversation, domain, UserUttered("hello", message_id="m1"))


async def test_a_tracker_from_elsewhere_cannot_be_saved(store: PostgresTrackerStore, domain: Domain) -> None:
    with pytest.raises(UnknownTrackerError):
        await store.save(DialogueStateTracker("x", domain.slots))


async def test_without_a_database_everything_raises_and_nothing_is_quoted(domain: Domain, conversation: str) -> None:
    store = _store("postgresql://postgres@127.0.0.1:1/nothing", domain)
    tracker = store.init_tracker(conversation)
    tracker.update(UserUttered("my secret", message_id="m1"))
    for attempt in (store.retrieve(conversation), store.retrieve_turn(conversation, "m1"), store.save(tracker)):
        with pytest.raises(OperationalError) as error:
            await attempt
        assert "my secret" not in str(error.value)
    assert tracker.stored == 0


def test_rasa_finds_the_store_by_its_name(database_url: str, domain: Domain) -> None:
    endpoint = EndpointConfig(
        type="addons.tracker_store.PostgresTrackerStore", url=database_url.replace("postgresql://", "postgres://")
    )
    assert type(TrackerStore.create(endpoint, domain)) is PostgresTrackerStore


def test_the_store_does_not_start_without_a_url(domain: Domain) -> None:
    with pytest.raises(RasaException, match="DATABASE_URL"):
        PostgresTrackerStore(domain)


def _sequential_reads(url: str) -> int:
    """How often the whole table was read so far."""
    rows(url, "select pg_stat_force_next_flush()")
    return rows(url, "select seq_scan from pg_stat_user_tables where relname = 'rasa_events'")[0][0]


class Statements:
    """The inserts into `rasa_events`, counted by the database itself."""

    def __init__(self, url: str) -> None:
        self._url = url

    def appends(self, conversation: str) -> list[tuple[int, int]]:
        """First position and number of rows of each insert."""
        statement = "select first, count from inserts where sender_id = %s order by first"
        return rows(self._url, statement, conversation)


@pytest.fixture
def statements(database_url: str) -> Iterator[Statements]:
    rows(
        database_url,
        "create table inserts (sender_id text, first bigint, count bigint);"
        "create function note() returns trigger language plpgsql as "
        "'begin insert into inserts select sender_id, min(position), count(*) from new group by 1; return null; end';"
        "create trigger note after insert on rasa_events referencing new table as new for each statement "
        "execute function note()",
    )
    yield Statements(database_url)
    rows(database_url, "drop trigger note on rasa_events; drop function note; drop table inserts")


def _store(url: str, domain: Domain) -> PostgresTrackerStore:
    return PostgresTrackerStore(domain, host=url)


async def _saved(
    store: PostgresTrackerStore, conversation: str, domain: Domain, *events: object
) -> DialogueStateTracker:
    tracker = await store.get_or_create_tracker(conversation, append_action_listen=False)
    await _more(store, tracker, domain, *events)
    return tracker


async def _more(store: PostgresTrackerStore, tracker: DialogueStateTracker, domain: Domain, *events: object) -> None:
    tracker.update_with_events(list(events), domain)
    await store.save(tracker)
