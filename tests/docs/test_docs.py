"""What the documents say is so: settings, topics, guarantees, links, and that ours are the packages imported."""

from __future__ import annotations

import importlib
import re
import shlex
import textwrap
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from classifiers.contract import check_prompt_detector
from console.api.health import new_registry
from console.cli import app
from safety import cases, judge
from safety.settings import PREFIX, Settings
from streams import handle, permits, release, topics
from tests.streams.doubles import make_context

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


def test_every_built_in_clause_reason_code_and_metric_is_documented(tmp_path: Path) -> None:
    text = (ROOT / "docs/codes.md").read_text("utf-8")
    named = set(re.findall(r"^\| `([\w-]+)` \|", text, re.M))
    clauses = {judge.MISSING, judge.EMPTY, judge.SCOPE, permits.LOST, release.NOT_CLEARED, release.PARENT_GONE, handle.FAILED}
    ctx = make_context(tmp_path)
    metrics = {family.name for family in new_registry(ctx, None).collect()}
    ctx.db.close()
    assert named == clauses | set(cases.REASONS) | metrics


def commands_of(page: str) -> list[list[str]]:
    """The words of every ``clearance ...`` line in a page's shell blocks, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text("utf-8"), re.S)
    lines = [line.split("#")[0] for block in blocks for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.startswith("clearance ")]


@pytest.mark.parametrize("words", commands_of("README.md"), ids=" ".join)
def test_every_command_line_of_the_readme_names_a_command_with_these_options(words: list[str]) -> None:
    command = typer.main.get_command(app)
    rest = words[1:]
    while isinstance(command, TyperGroup) or hasattr(command, "commands"):
        command = command.commands[rest.pop(0)]  # type: ignore[attr-defined]
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in rest if word.startswith("-")} <= known
    assert command.help


def test_the_readmes_two_commands_are_targets_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^(?:STAY=1 )?make (\w+)", (ROOT / "README.md").read_text("utf-8"), re.M):
        assert f"\n{target}:" in makefile


def test_the_detector_that_contributing_shows_keeps_the_contract() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.S)
    space: dict[str, object] = {}
    exec(textwrap.dedent(code), space)
    check_prompt_detector(space["Shouting"]())  # type: ignore[operator]
