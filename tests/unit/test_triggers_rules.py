"""What a business file may say of its triggers, and how its mistakes are told."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from business.errors import BusinessInvalidError
from business.model import Business
from business.reader import read_business

ROOT = Path(__file__).parent.parent.parent
RULES = "handoff.triggers.rules"


def problems_of(folder: Path, *listed: dict[str, Any]) -> dict[str, str]:
    raw = yaml.safe_load((ROOT / "business.yml").read_text())
    raw["handoff"]["triggers"]["rules"] = list(listed)
    path = folder / "business.yml"
    path.write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(BusinessInvalidError) as caught:
        read_business(path)
    return {problem.path: problem.allowed for problem in caught.value.problems}


def test_names_that_point_nowhere_or_stand_twice_are_told(tmp_path: Path) -> None:
    problems = problems_of(
        tmp_path,
        {"trigger": "request", "department": "kitchen", "phrase": "hurrah"},
        {"trigger": "topic", "name": "request", "intents": ["complaint"]},
    )
    assert problems == {
        f"{RULES}.0.department": "one of finance, sales, service",
        f"{RULES}.0.phrase": "a key of phrases.en.triggers",
        f"{RULES}.1.name": f"a name that {RULES}.0 does not have",
    }


@pytest.mark.parametrize("phrase", ["(open", "close)", "..", "a$", "*", "", "<person>", "()"])
def test_a_phrase_that_cannot_be_read_is_told(tmp_path: Path, phrase: str) -> None:
    rule = {"trigger": "urgent", "phrases": {"en": [phrase]}}
    assert list(problems_of(tmp_path, rule)) == [f"{RULES}.0.urgent.phrases.en.0"]


def test_an_unknown_trigger_and_an_impossible_threshold_are_told(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, {"trigger": "moon"}, {"trigger": "frustration", "strong": 0.5})
    assert list(problems) == [f"{RULES}.0", f"{RULES}.1.frustration.strong"]


def test_a_command_cannot_be_an_offer(tmp_path: Path) -> None:
    rule = {"trigger": "command", "commands": ["/human"], "then": "offer"}
    assert list(problems_of(tmp_path, rule)) == [f"{RULES}.0.command.then"]


def test_a_rule_without_a_name_is_named_after_its_trigger(magnolia: Business) -> None:
    named = {rule.trigger: rule.name for rule in magnolia.handoff.triggers.rules}
    assert (named["command"], named["request"]) == ("command", "asked")


def test_both_samples_call_a_person_for_every_reason_there_is(magnolia: Business, northlight: Business) -> None:
    kinds = {rule.trigger for rule in magnolia.handoff.triggers.rules}
    assert kinds == {rule.trigger for rule in northlight.handoff.triggers.rules}
    assert len(kinds) == 10
