"""What words alone say: phrases found word by word, a call for a person, a yes or a no."""

import pytest

from handoff_bridge.triggers.heard import Answers, AsksForPerson, Names
from handoff_bridge.triggers.lexicon import read_languages
from handoff_bridge.triggers.words import LONGEST, PhraseError, Phrases, clauses
from tests.unit.trigger_signals import ENGLISH, rows

ASKED = AsksForPerson(ENGLISH, ["Sales", "Finance"])
NAMES = Names({"en": ["lease", "financ*", "warranty (claim|case)", "brake* .. failed", "(a|an) accident"]}, ENGLISH)
ANSWER = Answers(ENGLISH)


def found(phrase: str, text: str) -> bool:
    return any(Phrases([phrase]).are_in(clause) for clause in clauses(text))


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("real person", "A REAL   person!"),
        ("warranty (claim|case)", "about a warranty case"),
        ("talk to (a|) person", "let me talk to person"),
        ("brakes .. failed", "the brakes of my car failed"),
        ("financ*", "do you have financing"),
        ("don't know", "I dont know"),
        ("^ person $", "well: person."),
        ("jose", "is José there"),
    ],
)
def test_a_phrase_is_found_whatever_its_case_accents_and_apostrophes(phrase: str, text: str) -> None:
    assert found(phrase, text)


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("lease", "please book it"),
        ("quit", "quite late"),
        ("real person", "for real. person?"),
        ("^ person $", "one person"),
        ("brakes .. failed", "the brakes were fine but yesterday something else failed"),
        ("agent", "kim@agent.example"),
        ("agent", "https://agent.example/agent"),
    ],
)
def test_a_phrase_is_whole_words_of_one_clause(phrase: str, text: str) -> None:
    assert not found(phrase, text)


@pytest.mark.parametrize("phrase", ["(open", "a > b", "<nobody>", "*", ""])
def test_a_phrase_that_cannot_be_read_is_refused(phrase: str) -> None:
    with pytest.raises(PhraseError):
        Phrases([phrase])


def test_of_a_very_long_text_the_beginning_and_the_end_are_looked_at() -> None:
    filler = "and so it went on " * 1000
    assert ASKED(f"Let me talk to a person. {filler}")
    assert ASKED(f"{filler}. Let me talk to a person")
    assert not found("needle", f"{'x ' * LONGEST} needle {'x ' * LONGEST}")


@pytest.mark.parametrize("text", rows("trigger_requests.yml")["tune"]["other"])
def test_what_only_looks_like_a_call_for_a_person_is_none(text: str) -> None:
    assert not ASKED(text)


def test_words_alone_find_most_calls_for_a_person_and_hardly_anything_else() -> None:
    unseen = rows("trigger_requests.yml")["check"]
    right = sum(map(ASKED, unseen["asks"]))
    wrong = [text for text in unseen["other"] if ASKED(text)]
    assert right / len(unseen["asks"]) >= 0.8
    assert right / (right + len(wrong)) >= 0.97, wrong


def test_a_request_behind_a_complaint_is_found() -> None:
    assert ASKED("You got it wrong again, this is a joke, but never mind that: get me a manager.")
    assert ASKED("put me through to Finance please")


def test_another_language_has_its_own_words() -> None:
    spanish = AsksForPerson(read_languages(["es"]), ["Ventas"])
    assert all(map(spanish, ["quiero hablar con una persona", "¿puede ayudarme alguien?", "agente humano por favor"]))
    assert not any(map(spanish, ["¿eres una persona?", "no quiero hablar con nadie", "una mesa para dos personas"]))
    assert read_languages(["xx"]) == ENGLISH


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        ("can I lease it?", True),
        ("Please!", False),
        ("my brakes have just failed", True),
        ("I had an accident", True),
        ("I did not have an accident", False),
        ("without a warranty claim", False),
        ("no, it is a warranty claim", True),
    ],
)
def test_a_subject_is_named_or_denied(text: str, is_named: bool) -> None:
    assert NAMES(text) == is_named


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", True),
        ("Yes please!", True),
        ("sure, thanks", True),
        ("no thanks", False),
        ("No, go on", False),
        ("not now", False),
        ("yes?", None),
        ("yes but first tell me what it costs", None),
        ("no, Tuesday", None),
        ("ok then book it", None),
        ("hello", None),
        ("👍", None),
    ],
)
def test_only_a_bare_yes_or_no_is_an_answer(text: str, answer: bool | None) -> None:
    assert ANSWER(text) is answer
