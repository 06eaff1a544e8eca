"""Tells those who wait when something earlier comes free: each opening to one of them at a time.

What is free is looked for instead of listened to: a cancellation, a move and a hold that ran out all leave an opening,
and none is missed while no process runs. An offer is a hold of the conversation, so `Calendar.book` takes it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from business.clock import Clock
from business.model import Business
from scheduling.errors import UnknownServiceError
from scheduling.hours import Hours
from scheduling.model import Appointment, Customer, Status, Who
from scheduling.placing import place
from scheduling.search import Search
from scheduling.store import Change, Store, Transaction
from scheduling.waiting import Waiting, WaitlistOffer
from scheduling.wishes import Wish

_log = structlog.get_logger()


class Waitlist:
    """Who waits for which service, and what is offered to them."""

    def __init__(self, business: Business, store: Store, clock: Clock) -> None:
        self._business, self._store, self._clock = business, store, clock
        self._hours = Hours(business)

    def join(
        self, service: str, wish: Wish | None = None, *, conversation_id: str, before: datetime | None = None
    ) -> Waiting:
        """The conversation waits for an opening that fits the wish and starts before `before`; a second time changes
        the wish and keeps the place in line. Raises `UnknownServiceError`."""
        if service not in self._business.services:
            raise UnknownServiceError
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            return transaction.waitlist.join(conversation_id, service, wish or Wish(), before, self._clock())

    def leave(self, service: str, *, conversation_id: str) -> None:
        """The conversation waits no more; what it was offered is free for the next."""
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            found = transaction.waitlist.of(conversation_id, service)
            if found is not None:
                self._let_go(transaction, found.id, now)
                transaction.waitlist.end(found.id, now)

    def decline(self, service: str, *, conversation_id: str) -> None:
        """The conversation does not want what it is offered and waits on."""
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.wait_for(conversation_id)
            found = transaction.waitlist.of(conversation_id, service)
            if found is not None:
                self._let_go(transaction, found.id, now)

    def offered(self) -> tuple[WaitlistOffer, ...]:
        """The offers that run, for those who were to be told when a process died."""
        now = self._clock()
        with self._store.transaction() as transaction:
            running = [offer for offer in transaction.waitlist.open_offers() if now < offer.expires_at]
        return tuple(map(self._shown, running))

    def tick(self) -> tuple[WaitlistOffer, ...]:
        """Ends offers that ran out and makes new ones, the longest waiting first; what was offered to whom.

        Several processes may run it side by side: they take turns, and each step looks again.
        """
        with self._store.transaction() as transaction:
            line = transaction.waitlist.waiting()
        made = [self._step(waiting_id, conversation_id) for waiting_id, conversation_id in line]
        return tuple(self._shown(offer) for offer in made if offer is not None)

    def _step(self, waiting_id: int, conversation_id: str) -> WaitlistOffer | None:
        now = self._clock()
        with self._store.transaction() as transaction:
            transaction.waitlist.take_turns()
            transaction.wait_for(conversation_id)
            waiting = transaction.waitlist.one(waiting_id)
            if waiting is None:
                return None
            if self._is_over(transaction, waiting, now):
                transaction.waitlist.end(waiting_id, now)
                return None
            hold = transaction.unbooked(conversation_id)
            offer = transaction.waitlist.open_offer(waiting_id)
            if offer is not None and not _stands(offer, hold, now):
                transaction.waitlist.close_offer(offer.id, now)
            # A conversation holds one opening; what it is just booking is not taken from it.
            if hold is not None and hold.is_held(now):
                return None
            made = self._offer(transaction, waiting, hold, now)
        if made is not None:
            about = {"action": "offer_waiting", "conversation_id": conversation_id, "service": made.service}
            _log.info("An opening is offered to one who waits.", **about)
        return made

    def _offer(
        self, transaction: Transaction, waiting: Waiting, hold: Appointment | None, now: datetime
    ) -> WaitlistOffer | None:
        """Holds the first opening that fits and was not offered to this one before."""
        local = now.astimezone(self._business.zone)
        ignoring = hold.id if hold else None
        search = Search(self._business, self._hours, transaction, waiting.service, now=local, ignoring=ignoring)
        first = replace(waiting.wish, earliest=True)
        fitting = search.fitting(first, len(waiting.offered) + 1, now, waiting.before)
        start = next((start for start in fitting.starts if start not in waiting.offered), None)
        if start is None:
            return None
        until = now + timedelta(minutes=self._business.booking.waitlist_minutes)
        bare = hold or Appointment(
            0, None, waiting.service, "", start, start, Status.HELD, Customer(), waiting.conversation_id, 0, None
        )
        after = replace(bare, status=Status.HELD, hold_expires_at=until)
        change = Change("held", hold, after, waiting.conversation_id, None, now, who=Who.CLOCK)
        held = place(transaction, search, start, change)
        if held is None:
            return None
        number = transaction.waitlist.add_offer(waiting, held.start, held.end, now, until)
        return WaitlistOffer(number, waiting.id, waiting.conversation_id, waiting.service, held.start, held.end, until)

    def _is_over(self, transaction: Transaction, waiting: Waiting, now: datetime) -> bool:
        """Whether what was offered is booked, or nothing can fit any more."""
        if waiting.service not in self._business.services or (waiting.before is not None and waiting.before <= now):
            return True
        local = now.astimezone(self._business.zone)
        last = waiting.wish.window(local)[1]
        if last is not None and last < local.date():
            return True
        booked = transaction.upcoming(waiting.conversation_id, now)
        return any(one.service == waiting.service and one.start in waiting.offered for one in booked)

    def _let_go(self, transaction: Transaction, waiting_id: int, now: datetime) -> None:
        """Closes the open offer, if any, and lets its hold go."""
        offer = transaction.waitlist.open_offer(waiting_id)
        if offer is None:
            return
        transaction.waitlist.close_offer(offer.id, now)
        hold = transaction.unbooked(offer.conversation_id)
        if hold is not None and _stands(offer, hold, now):
            after = replace(hold, status=Status.CANCELLED, hold_expires_at=None)
            transaction.put(Change("released", hold, after, offer.conversation_id, None, now))

    def _shown(self, offer: WaitlistOffer) -> WaitlistOffer:
        start, end, until = (at.astimezone(self._business.zone) for at in (offer.start, offer.end, offer.expires_at))
        return replace(offer, start=start, end=end, expires_at=until)


def _stands(offer: WaitlistOffer, hold: Appointment | None, now: datetime) -> bool:
    """Whether the opening is still held for the one it was offered to."""
    return hold is not None and hold.is_held(now) and (hold.service, hold.start) == (offer.service, offer.start)
