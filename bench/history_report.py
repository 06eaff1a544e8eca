"""What the history check shows to people: what was killed, what was done, and how much the check looked at."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bench.history_check import Talk
from bench.history_processes import Kept
from bench.history_rows import MessageRow
from bench.history_storm import Storm
from bench.world import percentile, table


def outages(storm: Storm, processes: Mapping[str, Kept], seconds: float) -> str:
    """How often each process was killed, and how long it was away."""
    rows = [
        [name, storm.killed[name], percentile(one.outages, 50), max(one.outages, default=0.0), one.own_ends]
        for name, one in sorted(processes.items())
    ]
    return table(
        f"after {seconds:.0f} s", [["process", "kills", "back after s (median)", "(longest)", "ended by itself"], *rows]
    )


def what_was_done(storm: Storm) -> str:
    """What the agents did, and how all requests were answered."""
    outcomes: Counter[str] = sum((agent.inbox.outcomes for agent in storm.agents), Counter())
    answers = sorted(storm.progress.answers.items())
    return table("what agents did", sorted(outcomes.items())) + "\n" + table("how requests were answered", answers)


def what_was_looked_at(talks: Sequence[Talk], messages: Sequence[MessageRow]) -> str:
    """A check that finds nothing is worth as much as what it looked at."""
    authors = Counter(said.author for talk in talks for said in talk.shown)
    moves = Counter(move.move for talk in talks for move in talk.moves)
    rows: list[Sequence[object]] = [
        ["conversations", len(talks)],
        ["customers' messages acknowledged", sum(one.acked is not None for talk in talks for one in talk.sent)],
        ["  of these alone", sum(one.alone for talk in talks for one in talk.sent)],
        ["agents' answers acknowledged", sum(one.acked is not None for talk in talks for one in talk.replies)],
        *(["messages shown, by " + author, number] for author, number in sorted(authors.items())),
        ["stretches with an agent", sum(move.after == "with_agent" for talk in talks for move in talk.moves)],
        *(["  move " + move, number] for move, number in sorted(moves.items())),
        *(
            ["turns " + str(turn), number]
            for turn, number in sorted(Counter(m.turn for m in messages if m.turn).items())
        ),
    ]
    return table("what was looked at", rows)
