"""What words alone say, without the assistant: a person is asked for, a subject is named, an offer is answered."""

from collections.abc import Mapping, Sequence

from handoff_bridge.triggers.lexicon import Language
from handoff_bridge.triggers.words import Phrases, clauses, words

_REACH = 3  # words before a phrase in which a negation takes its meaning away
_LONGEST_ANSWER = 6  # words of a yes or no that needs no understanding


class AsksForPerson:
    """Whether a customer asks for a person; `departments` are names that one may ask for."""

    def __init__(self, languages: Sequence[Language], departments: Sequence[str]) -> None:
        self._nets = tuple(_Net(language, departments) for language in languages)

    def __call__(self, text: str) -> bool:
        return any(net.catches(text) for net in self._nets)


class Names:
    """Whether a text names one of a rule's phrases, given by language, and does not deny it."""

    def __init__(self, phrases: Mapping[str, Sequence[str]], languages: Sequence[Language]) -> None:
        known = {language.name: language for language in languages}
        self._lists = tuple((Phrases(listed), known.get(name)) for name, listed in phrases.items() if listed)

    def __call__(self, text: str) -> bool:
        return any(_names(text, phrases, language) for phrases, language in self._lists)


class Answers:
    """A bare yes or no to an offer; None for whatever says more."""

    def __init__(self, languages: Sequence[Language]) -> None:
        self._yes = tuple(Phrases(language.yes) for language in languages)
        self._no = tuple(Phrases(language.no) for language in languages)

    def __call__(self, text: str) -> bool | None:
        said = words(text)
        if not 0 < len(said) <= _LONGEST_ANSWER or text.rstrip().endswith("?"):
            return None
        if any(phrases.are_in(said) for phrases in self._no):
            return False
        return True if any(phrases.are_in(said) for phrases in self._yes) else None


class _Net:
    def __init__(self, language: Language, departments: Sequence[str]) -> None:
        groups = {**language.groups, "department": [name for name in departments if words(name)]}
        self._asks = Phrases(language.asks, groups)
        self._machines = Phrases(language.machines, groups)
        self._refuses = Phrases(language.refuses, groups)
        self._joints = language.joints

    def catches(self, text: str) -> bool:
        return any(self._is_meant(clause) for clause in clauses(text, self._joints))

    def _is_meant(self, clause: Sequence[str]) -> bool:
        return self._machines.are_in(clause) or (self._asks.are_in(clause) and not self._refuses.are_in(clause))


def _names(text: str, phrases: Phrases, language: Language | None) -> bool:
    joints, negators = (language.joints, language.negators) if language else (frozenset[str](), frozenset[str]())
    return any(
        not negators & set(clause[max(0, start - _REACH) : start])
        for clause in clauses(text, joints)
        for start, _ in phrases.spans(clause)
    )
