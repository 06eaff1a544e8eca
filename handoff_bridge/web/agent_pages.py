"""The open pages of agents in this process: whose they are, and which conversation each has open."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from handoff_bridge.desk import Counts
from handoff_bridge.web.plumbing import to_json


class AgentSide(Protocol):
    """An agent's socket: it is handed finished frames."""

    agent_id: int

    def hand(self, frame: str) -> None: ...
    async def close(self, code: int) -> None: ...


class AgentPages:
    """All of them, found by agent and by conversation."""

    def __init__(self) -> None:
        self._open: dict[AgentSide, str | None] = {}  # each with the conversation it has open
        self._of_agent: defaultdict[int, set[AgentSide]] = defaultdict(set)
        self._watching: defaultdict[str, set[AgentSide]] = defaultdict(set)
        self._counts: dict[AgentSide, Mapping[str, int]] = {}  # as each was told

    def __iter__(self) -> Iterator[AgentSide]:
        """Those that are there now; some may come or go meanwhile."""
        return iter(tuple(self._open))

    def __len__(self) -> int:
        return len(self._open)

    def join(self, page: AgentSide) -> None:
        self._open[page] = None
        self._of_agent[page.agent_id].add(page)

    def leave(self, page: AgentSide) -> None:
        self.watch(page, None)
        del self._open[page]
        self._counts.pop(page, None)
        _discard(self._of_agent, page.agent_id, page)

    def watch(self, page: AgentSide, conversation_id: str | None) -> None:
        """The page has this conversation open now, or none."""
        if (before := self._open[page]) is not None:
            _discard(self._watching, before, page)
        self._open[page] = conversation_id
        if conversation_id is not None:
            self._watching[conversation_id].add(page)

    def of_agent(self, agent_id: int | None) -> set[AgentSide]:
        return set(self._of_agent.get(agent_id or 0, ()))

    def watching(self, conversation_id: str | None) -> set[AgentSide]:
        """Those that have the conversation open."""
        return set(self._watching.get(conversation_id or "", ()))

    def show(self, news: Mapping[str, Any], counts: Counts | None) -> None:
        """Hands news to all, with their counts to those whose counts changed."""
        plain = to_json(news)
        for page in self:
            theirs = counts.of(page.agent_id) if counts else None
            if theirs is None or theirs == self._counts.get(page):
                page.hand(plain)
            else:
                self._counts[page] = theirs
                page.hand(f'{plain[:-1]},"counts":{to_json(theirs)}}}')


def hand(pages: Iterable[AgentSide], frame: str) -> None:
    """Hands one frame to several pages."""
    for page in pages:
        page.hand(frame)


def _discard[K: Hashable](index: defaultdict[K, set[AgentSide]], key: K, page: AgentSide) -> None:
    """Takes a page out of an index, and the key with the last one."""
    index[key].discard(page)
    if not index[key]:
        del index[key]
