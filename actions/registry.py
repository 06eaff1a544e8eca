"""All actions, made for one context."""

from actions.about_business import Address, OpeningHours, WhatCanYouDo
from actions.base import DeskAction
from actions.context import Context
from actions.dialogues.booking import booking
from actions.dialogues.callback import calling_back
from actions.dialogues.cancelling import cancelling
from actions.dialogues.finding import finding
from actions.dialogues.message import leaving_message
from actions.dialogues.moving import moving
from actions.dialogues.not_arranged import say_not_arranged
from actions.forms import Form
from actions.people import KeepWaiting, RequestHandoff, Withdraw
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
        KeepWaiting(context),
        Withdraw(context),
        Form(context, "booking_form", booking),
        Form(context, "move_form", moving),
        Form(context, "cancel_form", cancelling),
        Form(context, "find_form", finding),
        Form(context, "callback_form", calling_back, say_not_arranged),
        Form(context, "message_form", leaving_message, say_not_arranged),
    ]
