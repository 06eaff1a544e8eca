"""Reads the rows that the second look of the history check is about."""

from sqlalchemy import text

from bench.history_rows import MessageRow, MoveRow
from database.engine import connect

_MESSAGES = text("""
    select m.id, m.conversation_id, m.author, m.text, m.source, m.source_id, t.state
    from messages m left join turns t on t.message_id = m.id order by m.id
""")
_MOVES = text("select conversation_id, epoch, after from transitions order by conversation_id, epoch")
_OPEN_TURNS = text("""
    select conversation_id, id, coalesce(message_id::text, 'events'), state, attempts,
        extract(epoch from now() - created_at)
    from turns where finished_at is null order by id limit 40
""")


def read_rows(url: str) -> tuple[list[MessageRow], list[MoveRow]]:
    """All messages with the states of their turns, and all moves."""
    engine = connect(url)
    with engine.connect() as connection:
        messages = [MessageRow(*row) for row in connection.execute(_MESSAGES)]
        moves = [MoveRow(*row) for row in connection.execute(_MOVES)]
    engine.dispose()
    return messages, moves


def open_turns(url: str) -> list[list[object]]:
    """What hangs: the turns that have not ended, oldest first, under a line that says what stands where."""
    engine = connect(url)
    with engine.connect() as connection:
        rows = [list(row) for row in connection.execute(_OPEN_TURNS)]
    engine.dispose()
    return [["conversation", "turn", "message", "state", "attempts", "age s"], *rows]
