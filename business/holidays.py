"""The public holidays of a country, by the `holidays` package."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated

from holidays import country_holidays, list_supported_countries
from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from business.fields import Frozen, Name

_CHECKED_YEARS = range(2024, 2035)  # whose holidays a name under `open_on` may be one of


def _country(code: str) -> str:
    if code not in list_supported_countries():
        raise ValueError("a country whose holidays are known, as two letters such as US or IE")
    return code


class Holidays(Frozen):
    """Whose public holidays close the business, and the names of those that do not."""

    country: Annotated[str, AfterValidator(_country)]
    subdivision: str | None = Field(default=None, validate_default=True)
    open_on: tuple[Name, ...] = ()

    @field_validator("subdivision")
    @classmethod
    def _of_country(cls, code: str | None, info: ValidationInfo) -> str | None:
        known = list_supported_countries().get(info.data.get("country", ""), [])
        if code is not None and "country" in info.data and code not in known:
            raise ValueError("one of " + ", ".join(known) if known else "nothing; this country has no subdivisions")
        return code

    @field_validator("open_on")
    @classmethod
    def _are_holidays(cls, names: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if {"country", "subdivision"} <= info.data.keys():
            known = sorted(
                {
                    name
                    for year in _CHECKED_YEARS
                    for listed in of_year(info.data["country"], info.data["subdivision"], year).values()
                    for name in listed.split("; ")
                }
            )
            if unknown := [name for name in names if name not in known]:
                raise ValueError(f"holidays of the country, which {unknown[0]!r} is not: {', '.join(known)}")
        return names

    def on(self, day: date) -> str | None:
        """The name of the holiday that closes the business on `day`; None if none does."""
        listed = of_year(self.country, self.subdivision, day.year).get(day, "")
        return "; ".join(name for name in listed.split("; ") if name and name not in self.open_on) or None


@lru_cache(maxsize=200)
def of_year(country: str, subdivision: str | None, year: int) -> Mapping[date, str]:
    """The names of a year's holidays by date; several on one day are joined by "; "."""
    # A year of its own each time: what the package returns fills itself as it is asked, which threads must not share.
    return dict(country_holidays(country, subdiv=subdivision, years=year))
