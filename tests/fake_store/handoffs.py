"""Handoffs and assignments in memory."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from statistics import fmean
from typing import Any

from handoff_bridge import ports_handoffs
from handoff_bridge.handoffs import TAKE_OVER, Assignment, Figures, HandoffDraft, HandoffRecord, Outcome, Seconds
from handoff_bridge.model import Conversation
from tests.fake_store.locks import Kind, LawBrokenError
from tests.fake_store.work import Work

_GOOD = (Outcome.RESOLVED, Outcome.RETURNED)


class FakeHandoffs(ports_handoffs.Handoffs):
    def __init__(self, work: Work) -> None:
        self._work = work
        self._rows = work.tables.handoffs
        self._assignments = work.tables.assignments

    def open(self, conversation: Conversation, draft: HandoffDraft) -> HandoffRecord:
        if self.current(conversation.id) is not None:
            raise LawBrokenError("a conversation has one open handoff at most")
        asked = draft.handoff
        handoff = HandoffRecord(
            id=next(self._work.ids),
            account_id=conversation.account_id,
            conversation_id=conversation.id,
            epoch=draft.epoch,
            department=asked.department,
            urgency=asked.urgency,
            reason=asked.reason,
            note=asked.note,
            requested_by=draft.requested_by,
            context=json.loads(json.dumps(draft.context)),
            requested_at=draft.requested_at,
            offered_at=None,
            accepted_at=None,
            accepted_by=None,
            answered_at=None,
            ended_at=None,
            outcome=None,
            rating_asked_at=None,
            rating=None,
            rating_comment=None,
            rated_at=None,
            comment_awaited_at=None,
        )
        self._write(handoff)
        return handoff

    def offered(self, conversation_id: str, at: datetime) -> None:
        if handoff := self.current(conversation_id):
            self._write(replace(handoff, offered_at=handoff.offered_at or at))

    def accept(self, handoff: HandoffRecord, agent_id: int, at: datetime) -> None:
        self._update(handoff.id, accepted_at=at, accepted_by=agent_id)
        if any(one.conversation_id == handoff.conversation_id for one in self._held()):
            raise LawBrokenError("a conversation has one open assignment at most")
        new = Assignment(handoff.conversation_id, handoff.id, agent_id, at, None)
        self._assignments[next(self._work.ids)] = new

    def answered(self, conversation_id: str, at: datetime) -> None:
        handoff = self.current(conversation_id)
        if handoff is not None and handoff.accepted_at is not None and handoff.answered_at is None:
            self._write(replace(handoff, answered_at=at))

    def end(self, conversation_id: str, outcome: Outcome, at: datetime) -> None:
        if handoff := self.current(conversation_id):
            self._write(replace(handoff, ended_at=at, outcome=outcome))
        for number, one in list(self._assignments.items()):
            if one.conversation_id == conversation_id and one.ended_at is None:
                self._assignments[number] = replace(one, ended_at=at)

    def current(self, conversation_id: str) -> HandoffRecord | None:
        return next((handoff for handoff in self._of(conversation_id) if handoff.ended_at is None), None)

    def last(self, conversation_id: str) -> HandoffRecord | None:
        return next(reversed(self._of(conversation_id)), None)

    def get(self, handoff_id: int) -> HandoffRecord | None:
        return self._rows.get(handoff_id)

    def ask_rating(self, handoff_id: int, at: datetime) -> None:
        self._update(handoff_id, rating_asked_at=at)

    def rate(self, handoff_id: int, rating: int, at: datetime) -> None:
        self._update(handoff_id, rating=rating, rated_at=at)

    def await_comment(self, handoff_id: int, at: datetime | None) -> None:
        self._update(handoff_id, comment_awaited_at=at)

    def comment(self, handoff_id: int, words: str) -> None:
        self._update(handoff_id, rating_comment=words, comment_awaited_at=None)

    def awaiting_comment(self, conversation_id: str) -> HandoffRecord | None:
        awaited = ((handoff.comment_awaited_at, handoff) for handoff in self._of(conversation_id))
        found = [(at, handoff) for at, handoff in awaited if at is not None]
        return max(found, key=lambda one: one[0])[1] if found else None

    def last_agent(self, conversation_id: str) -> int | None:
        last = self.last_assignment(conversation_id)
        return last.agent_id if last else None

    def last_assignment(self, conversation_id: str) -> Assignment | None:
        theirs = (one for one in reversed(self._assignments.values()) if one.conversation_id == conversation_id)
        return next(theirs, None)

    def idle_since(self, agent_ids: Collection[int]) -> Mapping[int, datetime]:
        found: dict[int, datetime] = {}
        for one in self._assignments.values():
            moved_at = one.ended_at or one.began_at
            if one.agent_id in agent_ids and moved_at >= found.get(one.agent_id, moved_at):
                found[one.agent_id] = moved_at
        return found

    def figures(self, since: datetime, until: datetime) -> Sequence[Figures]:
        period = [handoff for handoff in self._rows.values() if since <= handoff.requested_at < until]
        departments = sorted({handoff.department for handoff in period})
        each = [figures_of([h for h in period if h.department == key], key) for key in departments]
        return [*each, figures_of(period, None)]

    def _of(self, conversation_id: str) -> list[HandoffRecord]:
        return [handoff for handoff in self._rows.values() if handoff.conversation_id == conversation_id]

    def _held(self) -> Iterator[Assignment]:
        return (one for one in self._assignments.values() if one.ended_at is None)

    def _update(self, handoff_id: int, **values: Any) -> None:
        self._write(replace(self._rows[handoff_id], **values))

    def _write(self, handoff: HandoffRecord) -> None:
        self._work.locks.require(Kind.CONVERSATION, handoff.conversation_id)
        _check(handoff)
        self._rows[handoff.id] = handoff


def figures_of(handoffs: Sequence[HandoffRecord], department: str | None) -> Figures:
    """What the handoffs come to; who was not asked for counts only where ratings are counted."""
    asked = [handoff for handoff in handoffs if handoff.reason != TAKE_OVER]
    ratings = [handoff.rating for handoff in handoffs if handoff.rating is not None]

    def ended(*outcomes: Outcome) -> list[HandoffRecord]:
        return [handoff for handoff in asked if handoff.outcome in outcomes]

    return Figures(
        department=department,
        requested=len(asked),
        accepted=sum(handoff.accepted_at is not None for handoff in asked),
        succeeded=sum(handoff.answered_at is not None for handoff in ended(*_GOOD)),
        expired=len(ended(Outcome.EXPIRED)),
        withdrawn=len(ended(Outcome.WITHDRAWN)),
        transferred=len(ended(Outcome.TRANSFERRED)),
        requeued=len(ended(Outcome.REQUEUED)),
        taken_over=len(handoffs) - len(asked),
        waiting=_seconds(asked, lambda handoff: handoff.accepted_at),
        first_answer=_seconds(asked, lambda handoff: handoff.answered_at),
        resolution=_seconds(ended(*_GOOD), lambda handoff: handoff.ended_at),
        mean_rating=fmean(ratings) if ratings else None,
        rated=len(ratings),
    )


def _seconds(handoffs: Sequence[HandoffRecord], moment: Callable[[HandoffRecord], datetime | None]) -> Seconds:
    moments = ((handoff.requested_at, moment(handoff)) for handoff in handoffs)
    measured = sorted((at - began).total_seconds() for began, at in moments if at is not None)
    return Seconds(_percentile(measured, 0.5), _percentile(measured, 0.9)) if measured else Seconds(None, None)


def _percentile(ordered: Sequence[float], share: float) -> float:
    """Between the two nearest values, as PostgreSQL's percentile_cont."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _check(handoff: HandoffRecord) -> None:
    is_lawful = (
        (handoff.accepted_at is None) == (handoff.accepted_by is None)
        and (handoff.answered_at is None or handoff.accepted_at is not None)
        and (handoff.ended_at is None) == (handoff.outcome is None)
        and (handoff.rating is None) == (handoff.rated_at is None)
        and handoff.rating in (None, 1, 2, 3, 4, 5)
        and (handoff.rating is None or handoff.rating_asked_at is not None)
        and (handoff.rating_asked_at is None or handoff.answered_at is not None)
    )
    if not is_lawful:
        raise LawBrokenError(f"a handoff cannot be {handoff}")
