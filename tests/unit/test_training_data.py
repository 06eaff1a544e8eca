"""What is written for Rasa out of a business file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from business.model import Business
from business.training_data import TEMPLATES, main, training_data

ROOT = Path(__file__).parents[2]


def written(business: Business) -> dict[tuple[str, str], list[str]]:
    """The blocks of the file: examples by kind and name."""
    text = training_data(business, yaml.safe_load(TEMPLATES.read_text(encoding="utf-8")))
    blocks: list[dict[str, Any]] = yaml.safe_load(text)["nlu"]
    named = {
        next((kind, block[kind]) for kind in ("lookup", "synonym", "intent") if kind in block): block
        for block in blocks
    }
    return {key: [line[2:] for line in block["examples"].splitlines()] for key, block in named.items()}


def test_every_name_of_a_service_is_looked_up_and_stands_for_its_key(magnolia: Business) -> None:
    blocks = written(magnolia)
    for key, service in magnolia.services.items():
        names = {service.name, *service.other_names}
        assert names <= set(blocks["lookup", "service"])
        assert set(blocks["synonym", key]) == names


def test_longer_names_come_first_so_that_they_win(magnolia: Business) -> None:
    names = written(magnolia)["lookup", "service"]
    assert [len(name) for name in names] == sorted((len(name) for name in names), reverse=True)


def test_every_name_is_booked_in_some_example(magnolia: Business, northlight: Business) -> None:
    for business in (magnolia, northlight):
        booked = "\n".join(written(business)["intent", "book"])
        for service in business.services.values():
            assert all(f"[{name}]" in booked for name in (service.name, *service.other_names))


def test_articles_fit_their_nouns(magnolia: Business) -> None:
    booked = "\n".join(written(magnolia)["intent", "book"])
    assert "an [oil change]" in booked
    assert "a [test drive]" in booked
    assert "{" not in booked.replace('{"entity"', "")


def test_markup_in_a_name_does_not_reach_rasa(magnolia: Business) -> None:
    service = magnolia.services["oil_change"].model_copy(update={"name": "oil (and\nfilter) [big] change"})
    business = magnolia.model_copy(update={"services": {"oil_change": service}})
    assert "oil and filter big change" in written(business)["lookup", "service"]


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        assert main([str(ROOT / "business.yml"), str(tmp_path / folder)]) == 0
    assert (tmp_path / "one/business.yml").read_bytes() == (tmp_path / "two/business.yml").read_bytes()


def test_a_mistake_in_the_business_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "bad.yml").write_text("name: X\n")
    assert main([str(tmp_path / "bad.yml"), str(tmp_path / "out")]) == 1
    assert "time_zone" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main([]) == 2
