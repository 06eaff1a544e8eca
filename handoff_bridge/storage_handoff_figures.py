"""Figures about handoffs on PostgreSQL: counted and measured where the rows are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from handoff_bridge.handoffs import TAKE_OVER, Figures, Seconds

_FIGURES = text("""
    with period as (
        select *,
               reason <> :take_over as is_asked,
               answered_at is not null and outcome in ('resolved', 'returned') as is_success,
               extract(epoch from accepted_at - requested_at)::float8 as waiting,
               extract(epoch from answered_at - requested_at)::float8 as first_answer,
               case when outcome in ('resolved', 'returned')
                    then extract(epoch from ended_at - requested_at)::float8 end as resolution
        from handoffs
        where requested_at >= :since and requested_at < :until
    )
    select department,
           count(*) filter (where is_asked) as requested,
           count(accepted_at) filter (where is_asked) as accepted,
           count(*) filter (where is_asked and is_success) as succeeded,
           count(*) filter (where is_asked and outcome = 'expired') as expired,
           count(*) filter (where is_asked and outcome = 'withdrawn') as withdrawn,
           count(*) filter (where is_asked and outcome = 'transferred') as transferred,
           count(*) filter (where is_asked and outcome = 'requeued') as requeued,
           count(*) filter (where not is_asked) as taken_over,
           percentile_cont(array[0.5, 0.9]) within group (order by waiting) filter (where is_asked) as waiting,
           percentile_cont(array[0.5, 0.9]) within group (order by first_answer)
               filter (where is_asked) as first_answer,
           percentile_cont(array[0.5, 0.9]) within group (order by resolution) filter (where is_asked) as resolution,
           avg(rating)::float8 as mean_rating,
           count(rating) as rated
    from period
    group by grouping sets ((department), ())
    order by grouping(department), department
""")


def read_figures(connection: Connection, since: datetime, until: datetime) -> Sequence[Figures]:
    """Per department in the order of their keys, and in total at the end, also when there is nothing."""
    found = connection.execute(_FIGURES, {"since": since, "until": until, "take_over": TAKE_OVER})
    return [_figures(row) for row in found]


def _figures(row: Row[Any]) -> Figures:
    values: dict[str, Any] = {name: getattr(row, name) for name in Figures.__dataclass_fields__}
    lengths = {name: _seconds(values[name]) for name in ("waiting", "first_answer", "resolution")}
    return Figures(**{**values, **lengths})


def _seconds(measured: Sequence[float | None] | None) -> Seconds:
    return Seconds(*(measured or (None, None)))
