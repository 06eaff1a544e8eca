"""The words of the page on which a customer sees, moves and cancels an appointment."""

from typing import Annotated

from pydantic import Field

from business.fields import Frozen, Name, Plain, only

_WithPhone = Annotated[str, Field(min_length=1), only("phone")]


class PageWords(Frozen):
    """In one language; the first ones are headings and buttons."""

    title: Name
    what: Name
    when: Name
    where: Name
    customer: Name
    code: Name
    move: Name
    cancel: Name
    back: Name
    later: Name
    cancel_yes: Name
    cancel_ask: Plain
    cancelled: Plain
    over: Plain
    moved: Plain
    choose: Plain
    taken: Plain
    not_bookable: Plain
    refused: _WithPhone
    nothing: _WithPhone
    gone: _WithPhone
