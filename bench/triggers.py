"""The triggers' speed: how long a customer's message takes to be judged, by itself and with its rows in PostgreSQL.

    .venv/bin/python -m bench.triggers [--quick]

Every message is judged behind a talk of a hundred others, by all rules of the sample business: short and ordinary
ones, one of the longest that a customer can send, and one made of words that nearly call a person. "judged" is the
processor's time for the rules and the word lists, which is what the limit is for; "with rows" that of the whole, by the
processor and by the clock: reading the talk, judging, writing the decision, in a transaction of its own.
"""

import argparse
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import chain
from pathlib import Path

from bench.world import conclude, database, percentile, say, table
from business.model import Business
from business.reader import read_business
from database.engine import connect
from handoff_bridge.messages import LONGEST_TEXT, Author, Draft, Message, Source
from handoff_bridge.model import Conversation, State
from handoff_bridge.storage import PostgresStore
from handoff_bridge.triggers.judge import Judge, settle
from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.model import Decision, Outcome, Said, Signals
from handoff_bridge.triggers.sentiment import PhraseSentiment
from handoff_bridge.triggers.signals import Listener
from handoff_bridge.turns import Answer, Utterance

LIMIT = 5.0  # milliseconds that judging a message may take
_BEFORE = 100  # messages
_START = datetime(2026, 12, 1, 15, tzinfo=UTC)
_ANSWER = Answer((Utterance("All right."),), {}, "inform", 0.9)
_TEXTS = {
    "short": "yes please",
    "ordinary": "Hello, I'd like to book an oil change for Friday at ten, is there anything free?",
    "longest": ("My car makes a strange noise when I brake, and I do not know what it is. " * 60)[: LONGEST_TEXT - 10],
    "nearly a call": "I want a real test drive with someone from the team, can somebody tell me the price? " * 6,
}


@dataclass(frozen=True)
class Took:
    """Milliseconds: of this thread's processor time, and by the clock."""

    processor: float
    clock: float


class Bench:
    """What is measured: the rules of a business and the word lists of its languages."""

    def __init__(self, business: Business) -> None:
        languages = read_languages(business.languages)
        self._sentiment = PhraseSentiment(languages)
        self._listener = Listener(business.handoff.triggers, self._sentiment)
        names = [department.name for department in business.departments.values()]
        self._judge = Judge(business.handoff.triggers, languages, names)

    def judged(self, text: str, rounds: int) -> list[Took]:
        """For each of so many messages of a text, behind a long talk in memory."""
        talk = tuple(_said(number, _text(_TEXTS["ordinary"], number), 0.0) for number in range(_BEFORE))
        return [_took(partial(self._decide, talk, _text(text, number))) for number in range(rounds)]

    def with_rows(self, store: PostgresStore, text: str, rounds: int) -> list[Took]:
        """The same behind a talk in the database."""
        conversation = _opened(store)
        for number in range(_BEFORE):
            self._write(store, _stored(store, conversation, _text(_TEXTS["ordinary"], number)))
        messages = [_stored(store, conversation, _text(text, number)) for number in range(rounds)]
        return [_took(partial(self._write, store, message)) for message in messages]

    def _decide(self, talk: tuple[Said, ...], text: str) -> None:
        last = _said(_BEFORE, text, self._sentiment(text))
        settle(self._judge.fired(Signals((*talk, last), "website")), self._judge)

    def _write(self, store: PostgresStore, message: Message) -> None:
        with store.begin() as t:
            conversation = t.conversations.lock(message.conversation_id)
            assert conversation is not None
            heard = self._listener.listen(t, conversation, message, _START, _ANSWER)
            verdict = settle(self._judge.fired(heard.signals), self._judge, is_held_back=heard.is_held_back)
            decision = Decision(
                message_id=message.id,
                at=_START,
                fired=verdict.fired,
                outcome=verdict.outcome,
                trigger=verdict.trigger,
                judge=verdict.judge,
                version=self._judge.version,
                epoch=conversation.epoch,
                sentiment=heard.signals.last.sentiment,
                is_offered=verdict.outcome is Outcome.OFFER,
            )
            t.decisions.add(conversation, decision)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--quick", action="store_true", help="50 messages of each kind instead of 500")
    rounds = 50 if arguments.parse_args().quick else 500
    bench = Bench(read_business(Path("business.yml")))
    judged = {name: bench.judged(text, rounds) for name, text in _TEXTS.items()}
    with database() as server:
        engine = connect(server.url)
        store = PostgresStore(engine)
        stored = {name: bench.with_rows(store, text, rounds) for name, text in _TEXTS.items()}
        engine.dispose()
    _show(judged, stored)


def _show(judged: dict[str, list[Took]], stored: dict[str, list[Took]]) -> None:
    head = ("ms", "characters", "judged p50", "p95", "with rows p50", "p95", "by the clock p50", "p95")
    rows = [
        (name, len(text), *_both(judged[name]), *_both(stored[name]), *_clock(stored[name]))
        for name, text in _TEXTS.items()
    ]
    say(table(f"A message behind {_BEFORE} others; {LIMIT:.0f} ms are allowed for judging it", [head, *rows]))
    all_judged, all_stored = list(chain(*judged.values())), list(chain(*stored.values()))
    conclude(
        {
            "messages": len(all_judged) + len(all_stored),
            **dict(zip(("judged_p50_ms", "judged_p95_ms"), _both(all_judged), strict=True)),
            **dict(zip(("with_rows_p50_ms", "with_rows_p95_ms"), _both(all_stored), strict=True)),
            **dict(zip(("clock_p50_ms", "clock_p95_ms"), _clock(all_stored), strict=True)),
            "limit_ms": LIMIT,
        }
    )


def _both(listed: Sequence[Took]) -> tuple[float, float]:
    processor = [took.processor for took in listed]
    return percentile(processor, 50), percentile(processor, 95)


def _clock(listed: Sequence[Took]) -> tuple[float, float]:
    clock = [took.clock for took in listed]
    return percentile(clock, 50), percentile(clock, 95)


def _took(call: Callable[[], None]) -> Took:
    clock, processor = time.perf_counter(), time.thread_time()
    call()
    return Took((time.thread_time() - processor) * 1000, (time.perf_counter() - clock) * 1000)


def _text(text: str, number: int) -> str:
    """The text in a form that was not seen before."""
    return f"{number:04}: {text}"


def _said(number: int, text: str, sentiment: float) -> Said:
    at = _START + timedelta(seconds=20 * number)
    return Said(number, at, text, intent="inform", confidence=0.9, sentiment=sentiment)


def _opened(store: PostgresStore) -> Conversation:
    address = secrets.token_hex(16)
    with store.begin() as t:
        t.contacts.add("website", address, b"-", None, _START)
        contact = t.contacts.find("website", address)
        assert contact is not None
        return t.conversations.lock_or_open(
            Conversation(
                id=secrets.token_hex(12),
                account_id=1,
                contact_id=contact.id,
                channel="website",
                language="en",
                state=State.WITH_ASSISTANT,
                epoch=0,
                agent_id=None,
                waiting_since=None,
                handoff=None,
                noticed_at=None,
                read_up_to=0,
                created_at=_START,
                updated_at=_START,
            )
        )


def _stored(store: PostgresStore, conversation: Conversation, text: str) -> Message:
    draft = Draft(Author.CUSTOMER, text, Source.WEBSITE, secrets.token_hex(8))
    with store.begin() as t:
        t.conversations.lock(conversation.id)
        message = t.messages.add(conversation, draft, _START)
    assert message is not None
    return message


if __name__ == "__main__":
    main()
