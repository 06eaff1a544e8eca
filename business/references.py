"""What the keys of a business file say about each other.

Works on the raw mapping, whatever else is wrong with it, so that one reading reports every mistake.
"""

from collections.abc import Iterator
from typing import Any

from business.errors import Problem
from business.routing import SUPERVISOR


def broken_references(raw: dict[str, Any]) -> list[Problem]:
    """Names that point nowhere, names that stand for two things, and languages without phrases."""
    return [
        *_unknown_departments(raw),
        *_unknown_resources(raw),
        *_unknown_skills(raw),
        *_broken_triggers(raw),
        *_doubled_names(raw),
        *_languages(raw),
    ]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _one_of(names: Any) -> str:
    return "one of " + ", ".join(sorted(map(str, _mapping(names)))) if _mapping(names) else "a key that exists"


def _unknown_departments(raw: dict[str, Any]) -> Iterator[Problem]:
    departments = _mapping(raw.get("departments"))
    named = [(f"services.{key}.department", _mapping(s).get("department")) for key, s in _services(raw)]
    named.append(("handoff.default_department", _mapping(raw.get("handoff")).get("default_department")))
    for index, agent in enumerate(_list(raw.get("agents"))):
        of_agent = _list(_mapping(agent).get("departments"))
        named += [(f"agents.{index}.departments.{i}", name) for i, name in enumerate(of_agent)]
    for path, name in named:
        if isinstance(name, str) and name not in departments:
            yield Problem(path, repr(name), _one_of(departments))
    yield from _unknown_in_routing(_mapping(raw.get("handoff")), departments)


def _unknown_in_routing(handoff: dict[str, Any], departments: dict[str, Any]) -> Iterator[Problem]:
    if SUPERVISOR in departments:
        allowed = "another key; escalations go to the supervisors under this one"
        yield Problem(f"departments.{SUPERVISOR}", repr(SUPERVISOR), allowed)
    for name in _mapping(_mapping(handoff.get("routing")).get("departments")):
        if name not in departments:
            yield Problem(f"handoff.routing.departments.{name}", repr(name), _one_of(departments))
    for index, rule in enumerate(_list(handoff.get("escalation"))):
        name = _mapping(rule).get("to", SUPERVISOR)
        if isinstance(name, str) and name not in {*departments, SUPERVISOR}:
            yield Problem(f"handoff.escalation.{index}.to", repr(name), f"{SUPERVISOR}, or {_one_of(departments)}")


def _unknown_skills(raw: dict[str, Any]) -> Iterator[Problem]:
    known = {str(skill) for agent in _list(raw.get("agents")) for skill in _list(_mapping(agent).get("skills"))}
    needed = _mapping(_mapping(_mapping(raw.get("handoff")).get("routing")).get("skills"))
    for topic, skill in needed.items():
        if isinstance(skill, str) and skill not in known:
            allowed = "a skill that an agent has"
            yield Problem(f"handoff.routing.skills.{topic}", repr(skill), allowed)


def _broken_triggers(raw: dict[str, Any]) -> Iterator[Problem]:
    departments, names = _mapping(raw.get("departments")), dict[str, int]()
    rules = _list(_mapping(_mapping(raw.get("handoff")).get("triggers")).get("rules"))
    for index, rule in enumerate(map(_mapping, rules)):
        path, name = f"handoff.triggers.rules.{index}", str(rule.get("name", rule.get("trigger")))
        if names.setdefault(name, index) != index:
            yield Problem(f"{path}.name", repr(name), f"a name that handoff.triggers.rules.{names[name]} does not have")
        if isinstance(department := rule.get("department"), str) and department not in departments:
            yield Problem(f"{path}.department", repr(department), _one_of(departments))
        for language, phrases in _mapping(raw.get("phrases")).items():
            own = _mapping(_mapping(phrases).get("triggers"))
            if isinstance(phrase := rule.get("phrase"), str) and phrase not in own:
                yield Problem(f"{path}.phrase", repr(phrase), f"a key of phrases.{language}.triggers")


def _unknown_resources(raw: dict[str, Any]) -> Iterator[Problem]:
    resources = _mapping(raw.get("resources"))
    for key, service in _services(raw):
        for index, name in enumerate(_list(_mapping(service).get("resources"))):
            if isinstance(name, str) and name not in resources:
                yield Problem(f"services.{key}.resources.{index}", repr(name), _one_of(resources))
        for number, group in enumerate(_list(_mapping(service).get("needs"))):
            for index, name in enumerate(_list(group)):
                if isinstance(name, str) and name not in resources:
                    yield Problem(f"services.{key}.needs.{number}.{index}", repr(name), _one_of(resources))


def _doubled_names(raw: dict[str, Any]) -> Iterator[Problem]:
    owner: dict[str, str] = {}
    for key, service in _services(raw):
        said = _mapping(service)
        for path, name in [("name", said.get("name")), *_indexed("other_names", said.get("other_names"))]:
            if not isinstance(name, str):
                continue
            first = owner.setdefault(name.casefold().strip(), f"services.{key}.{path}")
            if first != f"services.{key}.{path}":
                yield Problem(f"services.{key}.{path}", repr(name), f"a name that does not stand at {first} too")
    emails: dict[str, int] = {}
    for index, agent in enumerate(_list(raw.get("agents"))):
        email = str(_mapping(agent).get("email")).casefold()
        if emails.setdefault(email, index) != index:
            yield Problem(f"agents.{index}.email", repr(email), f"an address that agents.{emails[email]} does not have")


def _languages(raw: dict[str, Any]) -> Iterator[Problem]:
    languages = _list(raw.get("languages"))
    phrases = _mapping(raw.get("phrases"))
    for index, language in enumerate(languages):
        if language not in phrases:
            yield Problem(f"languages.{index}", repr(language), "a language that has its own key under phrases")


def _services(raw: dict[str, Any]) -> list[tuple[str, Any]]:
    return list(_mapping(raw.get("services")).items())


def _indexed(name: str, values: Any) -> list[tuple[str, Any]]:
    return [(f"{name}.{index}", value) for index, value in enumerate(_list(values))]
