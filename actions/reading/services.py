"""Which service a customer means, also when they mistype it."""

import re

from rapidfuzz import fuzz

from business.model import Business

_ALIKE = 86  # of 100; "oil chnage" for "oil change" is 90
_SHORTEST = 5  # letters; shorter names are too like other words


def read_service(text: str, business: Business) -> str | None:
    """The key of the service whose name comes nearest to something in `text`; None if none comes near, or two do."""
    said = _plain(text)
    scores = {key: _score(said, (service.name, *service.other_names)) for key, service in business.services.items()}
    best = max(scores, key=lambda key: scores[key])
    rivals = [key for key in scores if scores[key] == scores[best]]
    return best if scores[best] >= _ALIKE and len(rivals) == 1 else None


def _score(said: str, names: tuple[str, ...]) -> float:
    return max((fuzz.partial_ratio(_plain(name), said) for name in names if _comparable(name, said)), default=0.0)


def _comparable(name: str, said: str) -> bool:
    return len(name) >= _SHORTEST and len(said) >= len(name) - 2


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())
