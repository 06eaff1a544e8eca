"""Callbacks: when nobody is free, a department calls the customer back at a time from its hours."""

from typing import Annotated

from pydantic import Field

from business.fields import Frozen


class CallbackRules(Frozen):
    """In minutes, unless it says otherwise: how soon a call may be at the earliest and how far ahead, how far apart the
    times are that are offered, when the department is reminded, and from when on a call counts as missed."""

    lead_time: Annotated[int, Field(ge=0, le=7 * 24 * 60)] = 30
    horizon: Annotated[int, Field(ge=1, le=60, description="days")] = 14
    step: Annotated[int, Field(ge=5, le=4 * 60)] = 30
    remind: Annotated[int, Field(ge=0, le=24 * 60)] = 10
    missed_after: Annotated[int, Field(ge=5, le=24 * 60)] = 30
