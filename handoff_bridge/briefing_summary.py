"""The summary of a briefing: a few sentences.

Nothing is invented: a sentence repeats a fact, counts something, or quotes the customer's own words.
"""

from collections.abc import Iterator

from business.wording import Wording
from handoff_bridge import briefing_words as words
from handoff_bridge.briefing import Material, cut, service, wishes
from handoff_bridge.engagements import Engagement
from handoff_bridge.model import Move
from scheduling.wishes import read_wish

_UNHAPPY = -0.4  # the score from which on words are shown as unhappy
_LONGEST_QUOTE = 140  # characters
_LOOKED_AT = 6  # messages in which the words of a wish are looked for


def summary(of: Material) -> list[str]:
    """A few sentences: why, what is wanted, who it is, what was before, how it went."""
    wish = _words_of_wish(of)
    last = next((one.text for one in reversed(of.customers_words)), None)
    sentences = [_why(of)]
    if of.handoff.note:
        sentences.append(words.NOTE.format(quote=_quote(of.handoff.note)))
    if last and last != wish:
        sentences.append(words.LAST_WORDS.format(quote=_quote(last)))
    if wants := [*filter(None, [service(of)]), *wishes(of)]:
        said = f" ({_quote(wish)})" if wish else ""
        sentences.append(words.WANTS.format(wants=", ".join(wants) + said))
    sentences.append(_known(of))
    return [*sentences, *_appointments(of), *_trouble(of)]


def _why(of: Material) -> str:
    match of.move:
        case Move.TRANSFER:
            template = words.TRANSFERRED
        case Move.REQUEUE:
            template = words.REQUEUED
        case Move.REQUEST if of.who:
            template = words.ADMINISTRATOR
        case _:
            template = words.REASONS.get(of.handoff.reason, words.OTHER_REASON)
    if template is words.OTHER_REASON and not of.handoff.reason:
        return words.NO_REASON
    return template.format(who=of.who, reason=of.handoff.reason.replace("_", " "))


def _words_of_wish(of: Material) -> str | None:
    """The customer's last message from which a wish can be read, if a wish is known."""
    if "wish" not in of.facts:
        return None
    lately = reversed(of.customers_words[-_LOOKED_AT:])
    return next((one.text for one in lately if read_wish(one.text, one.created_at.astimezone(of.business.zone))), None)


def _known(of: Material) -> str:
    phone = of.customer.get("phone")
    shown = Wording(of.business, of.business.languages[0]).phone(phone) if phone else None
    known = [text for text in (of.customer.get("name"), of.customer.get("email"), shown) if text]
    return words.KNOWN.format(known=", ".join(known)) if known else words.NOTHING_KNOWN


def _appointments(of: Material) -> Iterator[str]:
    booked = sorted((one for one in of.appointments if one.is_booked), key=lambda one: one.starts_at)
    past = [one for one in booked if one.ends_at <= of.now]
    for one in booked[len(past) :]:
        yield words.COMING.format(appointment=_shown(of, one))
    if past:
        template = words.PAST if len(past) == 1 else words.PAST_MANY
        yield template.format(number=len(past), appointment=_shown(of, past[-1]))


def _shown(of: Material, one: Engagement) -> str:
    return f"{one.service}, {Wording(of.business, of.business.languages[0]).short(one.starts_at)}"


def _trouble(of: Material) -> Iterator[str]:
    lost = [one.text for one in of.customers_words if one.intent == words.NOT_UNDERSTOOD_INTENT]
    if lost:
        template = words.ONE_NOT_UNDERSTOOD if len(lost) == 1 else words.NOT_UNDERSTOOD
        yield template.format(number=len(lost), quote=_quote(lost[-1]))
    unhappiest = min(of.scores, key=lambda one: one[1], default=None)
    if unhappiest and unhappiest[1] <= _UNHAPPY:
        yield words.UNHAPPY.format(quote=_quote(unhappiest[0].text))


def _quote(text: str) -> str:
    return words.QUOTE.format(words=cut(" ".join(text.split()), _LONGEST_QUOTE))
