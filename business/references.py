"""What the keys of a business file say about each other.

Works on the raw mapping, whatever else is wrong with it, so that one reading reports every mistake.
"""

from collections.abc import Iterator
from typing import Any

from business.errors import Problem


def broken_references(raw: dict[str, Any]) -> list[Problem]:
    """Names that point nowhere, names that stand for two things, and languages without phrases."""
    return [*_unknown_departments(raw), *_unknown_resources(raw), *_doubled_names(raw), *_languages(raw)]


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


def _unknown_resources(raw: dict[str, Any]) -> Iterator[Problem]:
    resources = _mapping(raw.get("resources"))
    for key, service in _services(raw):
        for index, name in enumerate(_list(_mapping(service).get("resources"))):
            if isinstance(name, str) and name not in resources:
                yield Problem(f"services.{key}.resources.{index}", repr(name), _one_of(resources))


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
