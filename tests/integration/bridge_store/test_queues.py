"""What the desk looks at, in any store."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handoff_bridge.messages import Author
from handoff_bridge.model import Conversation, Handoff, Move, State, Urgency
from handoff_bridge.people import ABSENT_AFTER, Agent, Availability, Place
from handoff_bridge.ports import Overview, QueueNumbers, Store
from tests.integration.bridge_store.making import NOW, asked, hired, moved, opened, said


def minutes(number: int) -> datetime:
    return NOW + timedelta(minutes=number)


def listed(
    store: Store,
    state: State,
    *,
    agent: Agent | None = None,
    excluding: Agent | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> Sequence[Overview]:
    with store.begin() as t:
        return t.queues.overviews(
            state=state,
            agent_id=agent.id if agent else None,
            excluding=excluding.id if excluding else None,
            before=before,
            limit=limit,
        )


def ids(overviews: Sequence[Overview]) -> list[str]:
    return [overview.conversation.id for overview in overviews]


def of(conversations: Sequence[Conversation]) -> list[str]:
    return [conversation.id for conversation in conversations]


def test_a_queue_is_read_newest_change_first_and_page_by_page(store: Store) -> None:
    talks = [opened(store, minutes(number)) for number in range(4)]
    moved(store, opened(store), Move.RESOLVE)
    newest_first = of(talks[::-1])
    assert ids(listed(store, State.WITH_ASSISTANT)) == newest_first
    page = listed(store, State.WITH_ASSISTANT, limit=3)
    assert ids(page) == newest_first[:3]
    assert ids(listed(store, State.WITH_ASSISTANT, before=page[-1].conversation.updated_at)) == newest_first[3:]


def test_those_who_wait_are_read_longest_wait_first(store: Store) -> None:
    waiting = [moved(store, opened(store), Move.REQUEST, at=minutes(number)) for number in (2, 0, 1)]
    with store.begin() as t:
        t.conversations.touch(waiting[1].id, minutes(9))
    assert ids(listed(store, State.WAITING)) == of([waiting[1], waiting[2], waiting[0]])


def test_an_agent_finds_their_own_and_what_others_hold(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    sams, jos = (moved(store, opened(store), Move.TAKE_OVER, agent) for agent in (sam, jo))
    assert ids(listed(store, State.WITH_AGENT, agent=sam)) == [sams.id]
    assert ids(listed(store, State.WITH_AGENT, excluding=sam)) == [jos.id]


def test_an_overview_shows_who_and_what_is_new(store: Store) -> None:
    sam, jo = hired(store, "Sam"), hired(store, "Jo")
    conversation = opened(store)
    with store.begin() as t:
        assert t.queues.overview("nothing") is None
        quiet = t.queues.overview(conversation.id)
    assert quiet is not None
    assert (quiet.last_message, quiet.unread, quiet.agent_name, quiet.wanted_agent_name) == (None, 0, None, None)
    first = said(store, conversation, "one")
    said(store, conversation, "two")
    last = said(store, conversation, "answer", Author.ASSISTANT)
    held = moved(store, conversation, Move.TAKE_OVER, sam)
    with store.begin() as t:
        t.conversations.mark_read(conversation.id, first.id)
        t.contacts.describe(conversation.contact_id, "Kim", None, None)
        seen = t.queues.overview(conversation.id)
    assert seen is not None
    assert (seen.conversation.state, seen.contact.name, seen.agent_name) == (State.WITH_AGENT, "Kim", "Sam")
    assert (seen.last_message, seen.unread) == (last, 1)
    moved(store, held, Move.TRANSFER, sam, handoff=Handoff("sales", wanted_agent_id=jo.id))
    (waiting,) = listed(store, State.WAITING)
    assert (waiting.agent_name, waiting.wanted_agent_name) == (None, "Jo")


def test_several_conversations_are_shown_at_once_and_what_is_not_there_is_left_out(store: Store) -> None:
    talks = [opened(store) for _ in range(3)]
    with store.begin() as t:
        found = t.queues.overviews_of([talks[2].id, "nothing", talks[0].id])
        assert list(t.queues.overviews_of([])) == []
    assert sorted(ids(found)) == sorted(of([talks[0], talks[2]]))


def test_messages_are_read_with_who_holds_their_conversation(store: Store) -> None:
    sam = hired(store)
    free, held = opened(store), opened(store)
    first, last = said(store, held, "first"), said(store, free, "last")
    moved(store, held, Move.TAKE_OVER, sam)
    with store.begin() as t:
        assert list(t.queues.said([last.id, 0, first.id])) == [(first, sam.id), (last, None)]


def test_unresolved_conversations_are_counted_by_state_and_agent(store: Store) -> None:
    sam = hired(store)
    opened(store)
    moved(store, opened(store), Move.REQUEST)
    moved(store, opened(store), Move.RESOLVE)
    for _ in range(2):
        moved(store, opened(store), Move.TAKE_OVER, sam)
    with store.begin() as t:
        assert dict(t.queues.counts()) == {
            (State.WITH_ASSISTANT, None): 1,
            (State.WAITING, None): 1,
            (State.WITH_AGENT, sam.id): 2,
        }


def test_the_place_in_line_is_by_department_and_age(store: Store) -> None:
    asked_at = ((0, "sales"), (1, "service"), (2, "sales"), (3, "sales"))
    line = [
        moved(store, opened(store), Move.REQUEST, at=minutes(at), handoff=Handoff(department))
        for at, department in asked_at
    ]
    with store.begin() as t:
        assert [t.queues.position(conversation) for conversation in line] == [1, 1, 2, 3]


def test_the_more_urgent_goes_before_who_has_waited_longer(store: Store) -> None:
    asked = [(0, Urgency.LOW), (1, Urgency.NORMAL), (2, Urgency.URGENT), (3, Urgency.NORMAL), (4, Urgency.HIGH)]
    line = [
        moved(store, opened(store), Move.REQUEST, at=minutes(at), handoff=Handoff("sales", urgency))
        for at, urgency in asked
    ]
    twins = [moved(store, opened(store), Move.REQUEST, at=minutes(9)) for _ in range(2)]
    with store.begin() as t:
        assert [t.queues.position(conversation) for conversation in line] == [7, 3, 1, 4, 2]
        assert sorted(t.queues.position(conversation) for conversation in twins) == [5, 6]


def test_the_numbers_of_a_queue_count_who_is_there_and_has_room(store: Store) -> None:
    there, full = hired(store, "There", capacity=3), hired(store, "Full", capacity=1)
    gone, busy, other = (
        hired(store, "Gone"),
        hired(store, "Busy", availability=Availability.BUSY),
        hired(store, "Other", departments=("service",)),
    )
    hired(store, "Never")
    now = minutes(9)
    with store.begin() as t:
        for agent in (there, full, busy, other):
            t.agents.seen(agent.id, now - ABSENT_AFTER)
        t.agents.seen(gone.id, now - ABSENT_AFTER - timedelta(seconds=1))
    for agent in (there, full, full):
        moved(store, opened(store), Move.TAKE_OVER, agent)
    for department in ("sales", "sales", "service"):
        moved(store, opened(store), Move.REQUEST, handoff=Handoff(department))
    with store.begin() as t:
        numbers = t.queues.numbers("sales", now - ABSENT_AFTER)
    assert numbers == QueueNumbers(
        waiting=2, agents_online=2, agents_free=1, slots=4, slots_free=2, finished=0, mean_seconds=None
    )


def test_the_mean_is_of_the_last_hundred_stays_with_an_agent(store: Store) -> None:
    sam = hired(store)
    for number in range(102):
        held = moved(store, opened(store), Move.TAKE_OVER, sam)
        moved(store, held, Move.RETURN, sam, at=NOW + timedelta(seconds=9000 if number < 2 else 60 + number % 2 * 60))
    moved(store, moved(store, opened(store), Move.REQUEST), Move.EXPIRE, at=minutes(60))
    with store.begin() as t:  # somebody outside keeps a conversation for as long as they like
        t.agents.add(replace(sam, email="outside@x.example", place=Place.OUTSIDE), "!", NOW)
        outside = t.agents.outside()
    moved(store, moved(store, opened(store), Move.TAKE_OVER, outside), Move.RETURN, outside, at=minutes(600))
    with store.begin() as t:
        numbers = t.queues.numbers("sales", NOW)
    assert (numbers.finished, numbers.mean_seconds) == (100, 90)


def test_the_lengths_are_of_the_line_and_of_the_work(store: Store) -> None:
    talk = opened(store)
    asked(store, talk)
    with store.begin() as t:
        t.turns.add_events(talk, [{"event": "pause"}])
    moved(store, opened(store), Move.REQUEST)
    with store.begin() as t:
        assert dict(t.queues.lengths()) == {"waiting": 1, "turns": 2}
