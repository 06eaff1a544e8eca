"""Judges a message by the rules of the business, in their order. Pure: rules and signals in, what fired out."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from business.triggers import (
    AnyRule,
    Command,
    FailedTurns,
    Frustration,
    LowConfidence,
    Repetition,
    Request,
    Rule,
    TooLong,
    TooOld,
    Topic,
    TriggerRules,
    Urgent,
)
from handoff_bridge.triggers import checks
from handoff_bridge.triggers.heard import AsksForPerson, Names
from handoff_bridge.triggers.lexicon import Language
from handoff_bridge.triggers.model import Fired, JudgedBy, Outcome, Signals, Verdict

AT_ONCE = (Request, Urgent)
"""The kinds of rules that need neither an answer of the assistant nor a second message."""


class Judge:
    """The active rules of `handoff.triggers` with the word lists of the languages that the business speaks.

    `departments` are their names. `version` is a short hash of all that decides.
    """

    def __init__(self, rules: TriggerRules, languages: Sequence[Language], departments: Sequence[str]) -> None:
        self._rules = tuple(rule for rule in rules.rules if rule.active)
        self._asks = AsksForPerson(languages, departments)
        self._names = {
            rule.name: Names(rule.phrases, languages) for rule in self._rules if isinstance(rule, Urgent | Topic)
        }
        apart = frozenset[str]().union(*(language.apart for language in languages))
        self._checks: Mapping[type[Rule], Callable[[Any, Signals], Fired | None]] = {
            Request: self._request,
            Urgent: self._named,
            Topic: self._named,
            LowConfidence: checks.low_confidence,
            FailedTurns: checks.failed_turns,
            Frustration: checks.frustration,
            Repetition: partial(checks.repetition, apart=apart),
            TooLong: checks.too_long,
            TooOld: checks.too_old,
        }  # commands are heard at the door
        self.version = _version(rules, languages, departments)

    def fired(self, signals: Signals, *, at_once: bool = False) -> tuple[Fired, ...]:
        """What fires, in the order of the rules; `at_once`: of those that wait for nothing."""
        kinds = AT_ONCE if at_once else tuple(self._checks)
        rules = [rule for rule in self._rules if isinstance(rule, kinds)]
        return tuple(fired for rule in rules if (fired := self._checks[type(rule)](rule, signals)))

    def rule(self, name: str | None) -> AnyRule | None:
        """The rule of that name; None when the business has none any more."""
        return next((rule for rule in self._rules if rule.name == name), None)

    def command(self, channel: str, text: str) -> Command | None:
        """The rule whose command is typed on the channel, whatever follows it."""
        typed = text.casefold().split(maxsplit=1)[:1]
        return next((rule for rule in self._commands(channel) if typed and typed[0] in rule.commands), None)

    def _commands(self, channel: str) -> Iterator[Command]:
        for rule in self._rules:
            if isinstance(rule, Command) and (not rule.channels or channel in rule.channels):
                yield rule

    def _request(self, rule: Request, signals: Signals) -> Fired | None:
        said = signals.last
        if said.is_surely(rule.intents, rule.confidence):
            return Fired(rule.name, said.confidence or 0, rule.confidence, JudgedBy.MODEL)
        if said.is_button or said.is_surely(rule.unless, rule.confidence) or said.form in rule.unless_asking:
            return None
        if not self._asks(said.text):
            return None
        return Fired(rule.name, 1.0, rule.confidence)

    def _named(self, rule: Urgent | Topic, signals: Signals) -> Fired | None:
        said = signals.last
        if isinstance(rule, Topic) and said.is_surely(rule.intents, rule.confidence):
            return Fired(rule.name, said.confidence or 0, rule.confidence, JudgedBy.MODEL)
        return Fired(rule.name, 1.0, 1.0) if not said.is_button and self._names[rule.name](said.text) else None


def settle(
    fired: Sequence[Fired],
    judge: Judge,
    *,
    is_moved: bool = False,
    is_offered: bool = False,
    is_held_back: bool = False,
) -> Verdict:
    """What comes of what fired; the first that may decides.

    `is_moved` and `is_offered` say that the assistant itself has asked for a person, or offers one; `is_held_back` that
    nobody may be offered for a while.
    """
    if is_moved:
        return Verdict(tuple(fired), Outcome.ALREADY if fired else Outcome.NONE, _first(fired))
    for one in fired:
        rule = judge.rule(one.trigger)
        if rule is not None and rule.then == "connect":
            return Verdict(tuple(fired), Outcome.CONNECT, one.trigger)
        if is_offered:
            return Verdict(tuple(fired), Outcome.ALREADY, one.trigger)
        if not is_held_back:
            return Verdict(tuple(fired), Outcome.OFFER, one.trigger)
    return Verdict(tuple(fired), Outcome.HELD_BACK if fired else Outcome.NONE, _first(fired))


def _first(fired: Sequence[Fired]) -> str | None:
    return fired[0].trigger if fired else None


def _version(rules: TriggerRules, languages: Sequence[Language], departments: Sequence[str]) -> str:
    whole = [rules.model_dump(mode="json"), list(departments), [asdict(language) for language in languages]]
    text = json.dumps(whole, sort_keys=True, default=sorted)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
