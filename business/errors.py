"""What can be wrong with a business file."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake: the path to the key (`services.oil_change.minutes`), the value found there, and what is allowed."""

    path: str
    found: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.path or '(the file)'}: found {self.found}; allowed: {self.allowed}"


class BusinessInvalidError(Exception):
    """The business file cannot be used; every mistake in it is listed. Correct them and start again."""

    code = "business_invalid"

    def __init__(self, file: str, problems: tuple[Problem, ...]) -> None:
        self.file = file
        self.problems = problems
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        super().__init__("\n  ".join([f"{file} has {count}:", *map(str, problems)]))
