"""The outbox: what is to reach people outside the chat is a row first and is sent after the commit.

Nothing is sent twice. A sender claims a row under a lease and notes the moment from which the notification may have
reached its recipient. If it dies before, the row is claimed again; if it dies after, the outcome is unknown and stays
so until somebody looks it up.
"""

import random
from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType

import structlog

from business.model import Business
from business.wording import Wording
from notifications.errors import LeaseLostError
from notifications.invitation import Invitation
from notifications.model import AppointmentNews, Draft, Notification, Outcome, Reminder, Result
from notifications.ports import Gate, Sender, Store

log = structlog.get_logger()

_SERVER_IS_ILL = {Result.UNREACHABLE, Result.LOST}
_WORN_OUT = Outcome(Result.REFUSED, "Every attempt was broken off by the sender's own end.")
_INTERRUPTED = "The sender stopped after it had begun to hand this over. It may have arrived."


class Outbox:
    """The use cases; several processes may run them side by side. `jitter` gives numbers between 0 and 1."""

    def __init__(
        self,
        business: Business,
        store: Store,
        sender: Sender,
        jitter: Callable[[], float] = random.random,
        *,
        gate: Gate | None = None,
    ) -> None:
        self._business = business
        self._store = store
        self._sender = sender
        self._jitter = jitter
        self._gate = gate

    def enqueue(self, draft: Draft, now: datetime) -> bool:
        """Stores what is to be sent; False when its key is already there."""
        return self._store.add(draft, now)

    def announce(self, news: AppointmentNews, now: datetime) -> bool:
        """Enqueues the mail about an appointment; False when this news has already been announced."""
        return self.enqueue(self._draft(news, news.kind, news.invitation), now)

    def remind(self, reminder: Reminder, now: datetime) -> bool:
        """Enqueues what is mailed because its time has come; False when that has been done before."""
        return self.enqueue(self._draft(reminder, reminder.kind, None, {"sequence": str(reminder.sequence)}), now)

    def send_due(self, now: datetime, limit: int = 20) -> int:
        """Makes an attempt at each notification that is due, `limit` at most; gives how many attempts it made.

        Ends early when the server is not to be reached or hangs up: one notification finds that out, not all.
        """
        if interrupted := self._store.settle_interrupted(_INTERRUPTED):
            log.error("Notifications were interrupted.", action="notifications_interrupted", number=interrupted)
        attempts = 0
        while attempts < limit and (notification := self._store.claim(now)):
            outcome = self._attempt(notification, now)
            attempts += 1
            if outcome and outcome.result in _SERVER_IS_ILL:
                break
        return attempts

    def _attempt(self, notification: Notification, now: datetime) -> Outcome | None:
        """The outcome, or None when another sender has it now."""
        try:
            outcome = self._send(notification, now)
        except LeaseLostError:
            log.warning("Another sender took over.", action="notification_lease_lost", notification_id=notification.id)
            return None
        settled = notification.after(outcome, now, self._jitter())
        if self._store.settle(settled):
            _tell(settled, outcome)
        return outcome

    def _send(self, notification: Notification, now: datetime) -> Outcome:
        if notification.is_worn_out:
            return _WORN_OUT
        if notification.is_unasked and self._gate and (hindrance := self._gate.hindrance(notification, now)):
            return hindrance
        return self._sender.send(notification, now, lambda: self._store.hand_over(notification, now))

    def _draft(
        self,
        news: AppointmentNews | Reminder,
        template: str,
        invitation: Invitation | None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> Draft:
        business = self._business
        language = news.language if news.language in business.languages else business.languages[0]
        return Draft(
            key=news.key,
            recipient=news.email,
            language=language,
            template=template,
            data={
                "business": business.name,
                "service": news.service_name,
                "customer": news.customer_name or "",
                "when": Wording(business, language).full(news.start),
                "code": news.code,
                "address": business.contact.address,
                "phone": business.contact.phone,
                "appointment": str(news.appointment_id),
                "made_at": news.made_at.isoformat(),
                **more,
            },
            invitation=invitation,
        )


def _tell(notification: Notification, outcome: Outcome) -> None:
    """Logs the attempt. What a server says about a recipient names the recipient and stays in the row."""
    reason = outcome.reason if outcome.result is Result.UNREACHABLE else None
    write = log.info if outcome.result is Result.ACCEPTED else log.warning
    write(
        "A notification was attempted.",
        action="notification_attempted",
        notification_id=notification.id,
        template=notification.template,
        attempts=notification.attempts,
        result=outcome.result.value,
        state=notification.state.value,
        reason=reason,
    )
