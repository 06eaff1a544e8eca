"""All actions, made for one context."""

from actions.about_business import Address, OpeningHours, WhatCanYouDo
from actions.base import DeskAction
from actions.context import Context
from actions.dialogues.booking import booking
from actions.dialogues.cancelling import cancelling
from actions.dialogues.finding import finding
from actions.dialogues.moving import moving
from actions.forms import Form
from actions.people import RequestHandoff, Withdraw
from actions.steering import Fallback, HowToHelp, OutOfScope, SessionStart, Stop, TakeUp


def all_actions(context: Context) -> list[DeskAction]:
    """The actions that domain.yml names."""
    return [
        SessionStart(),
        Fallback(context),
        OutOfScope(context),
        TakeUp(context),
        HowToHelp(),
        Stop(context),
        WhatCanYouDo(context),
        OpeningHours(context),
        Address(context),
        RequestHandoff(context),
        Withdraw(context),
        Form(context, "booking_form", booking),
        Form(context, "move_form", moving),
        Form(context, "cancel_form", cancelling),
        Form(context, "find_form", finding),
    ]
