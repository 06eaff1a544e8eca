"""What the assistant must learn from a business file: the names of its services and departments.

`python -m business.training_data BUSINESS_FILE OUT_FOLDER` writes one file of Rasa training data: lookup tables,
synonyms (a name stands for its key) and examples made from `templates/`. The same input gives the same bytes.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from business.errors import BusinessInvalidError
from business.model import Business
from business.reader import read_business

TEMPLATES = Path(__file__).parent / "templates" / "services.yml"
_MARKUP = re.compile(r"[\[\](){}\s]+")  # what Rasa reads as an annotation may not stand in a name

Templates = Mapping[str, Any]
Examples = dict[str, list[str]]


@dataclass(frozen=True)
class Term:
    """A key of the business file and what customers call it, its own name first."""

    entity: str
    key: str
    names: tuple[str, ...]


def terms(business: Business) -> tuple[Term, ...]:
    """The services and departments of a business, with all their names."""
    services = (Term("service", key, _clean(s.name, *s.other_names)) for key, s in business.services.items())
    departments = (Term("department", key, _clean(d.name)) for key, d in business.departments.items())
    return (*services, *departments)


def examples(terms: tuple[Term, ...], templates: Templates) -> Examples:
    """Sentences by intent, each with its name annotated."""
    made: Examples = {}
    others = 0
    for term in terms:
        first, *rest = term.names
        for intent, sentence in _sentences(templates["department" if term.entity == "department" else "name"]):
            made.setdefault(intent, []).append(_filled(sentence, term, first, templates))
        for name in rest:
            for intent, sentence in _in_turn(templates, others):
                made.setdefault(intent, []).append(_filled(sentence, term, name, templates))
            others += 1
    return {intent: list(dict.fromkeys(made[intent])) for intent in sorted(made)}


def training_data(business: Business, templates: Templates) -> str:
    """The YAML file that Rasa reads."""
    known = terms(business)
    blocks = [_block("lookup", entity, _names(known, entity)) for entity in ("service", "department")]
    blocks += [_block("synonym", term.key, term.names) for term in known if term.names != (term.key,)]
    blocks += [_block("intent", intent, sentences) for intent, sentences in examples(known, templates).items()]
    return 'version: "3.1"\nnlu:\n' + "".join(blocks)


def main(arguments: list[str]) -> int:
    """Writes the file and says where; a mistake in the business file is shown and gives 1."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python -m business.training_data BUSINESS_FILE OUT_FOLDER\n")
        return 2
    business_file, folder = map(Path, arguments)
    try:
        text = training_data(read_business(business_file), yaml.safe_load(TEMPLATES.read_text(encoding="utf-8")))
    except BusinessInvalidError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "business.yml").write_text(text, encoding="utf-8")
    return 0


def _clean(*names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_MARKUP.sub(" ", name).strip() for name in names))


def _names(known: tuple[Term, ...], entity: str) -> list[str]:
    """Longest first: of two names at one place the extractor takes the one that stands earlier in the table."""
    names = (name for term in known if term.entity == entity for name in term.names)
    return sorted(names, key=lambda name: (-len(name), name))


def _sentences(group: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((intent, sentence) for intent, sentences in group.items() for sentence in sentences)


def _in_turn(templates: Templates, index: int) -> Iterator[tuple[str, str]]:
    """The sentences for the `index`-th other name, so that all are used equally often."""
    for intent, count in templates["each_other_name"].items():
        sentences = templates["other_name"][intent]
        yield from ((intent, sentences[(index * count + step) % len(sentences)]) for step in range(count))


def _filled(sentence: str, term: Term, name: str, templates: Templates) -> str:
    annotated = f'[{name}]{{"entity": "{term.entity}", "value": "{term.key}"}}'
    vowel = name[0].casefold() in "aeiou"
    article = templates["articles"]["vowel" if vowel else "consonant"]
    sentence = sentence.replace(f"{{a_{term.entity}}}", f"{article} {annotated}")
    return sentence.replace(f"{{{term.entity}}}", annotated)


def _block(kind: str, name: str, lines: list[str] | tuple[str, ...]) -> str:
    return f"- {kind}: {name}\n  examples: |\n" + "".join(f"    - {line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
