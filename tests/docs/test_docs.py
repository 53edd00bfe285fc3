"""What the documents say is so: settings, topics, guarantees, links, and that ours are the packages imported."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from safety.settings import PREFIX, Settings
from streams import topics

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs/settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        default = f"`{field.default}`" if field.default not in (None, "") else "(empty)"
        assert f"| `{PREFIX}{name.upper()}` | {default} | {field.description} |" in text
    assert text.count(f"| `{PREFIX}") == len(Settings.model_fields)


def test_every_topic_is_documented() -> None:
    text = (ROOT / "docs/a-prompts-life.md").read_text("utf-8")
    named = set(re.findall(r"`(clearance\.[a-z-]+\.v1)`", text))
    assert named == {topics.topic(t) for t in topics.TYPES} | {topics.dead_letters()}


def test_every_guarantee_names_code_and_a_test_that_exist() -> None:
    rows = re.findall(r"^\| (G\d) \|.*\| (.*) \| (.*) \|$", (ROOT / "docs/guarantees.md").read_text("utf-8"), re.M)
    assert [row[0] for row in rows] == [f"G{n}" for n in range(1, 10)]
    for _, code, tests in rows:
        for path in re.findall(r"`([a-z_]+/[\w/.]*)`", f"{code} {tests}"):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text("utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("name", ["safety", "classifiers", "provenance", "consent", "generator", "streams", "console"])
def test_ours_are_the_packages_imported(name: str) -> None:
    """Names such as these exist on the package index too."""
    assert Path(str(importlib.import_module(name).__file__)).is_relative_to(ROOT)
