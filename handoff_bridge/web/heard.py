"""Notices gathered between two rounds; what is named twice is brought once."""

from dataclasses import dataclass, field

from handoff_bridge.events import Event, Kind

_BACKLOG = 10_000  # notices; a process further behind tells its sockets to read again instead


@dataclass
class Heard:
    """What was heard since the last round: messages and their conversations, conversations that changed, signs."""

    messages: dict[int, str] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    signs: dict[tuple[object, ...], Event] = field(default_factory=dict)
    has_gap: bool = False

    def note(self, event: Event) -> None:
        """Adds a notice; of signs that take each other back the last one stays."""
        match event.kind:
            case Kind.MESSAGE:
                self.messages[event.message_id or 0] = event.conversation_id or ""
            case Kind.CONVERSATION:
                self.changed.add(event.conversation_id or "")
            case Kind.READ | Kind.TYPING:
                key = (event.kind, event.conversation_id, event.author, event.agent_id)
                self.signs.pop(key, None)
                self.signs[key] = event
            case Kind.MISSED:
                self.has_gap = True
            case _:
                pass

    def is_too_much(self) -> bool:
        return len(self.messages) + len(self.changed) + len(self.signs) > _BACKLOG
