"""The bench: every figure carries what it takes to judge it, and a gate that is blind or broken is told from one that works."""

from __future__ import annotations

import json
import random
from pathlib import Path
from xml.etree import ElementTree

import pytest

from classifiers.prompt.bench import report
from classifiers.prompt.bench.attacks import ATTACKS, PAIRS, disguise
from classifiers.prompt.bench.figures import Goal
from classifiers.prompt.bench.injection import threshold_at
from classifiers.prompt.bench.judging import FAILED, judge
from classifiers.prompt.bench.reliability import curve
from classifiers.prompt.bench.sets import gather
from classifiers.prompt.folding import fold
from classifiers.prompt.normaliser import read_prompt
from console.pool import DIED, ScreenPool
from safety.prompt import Prompt
from safety.settings import Settings
from tests.console.blind import open_context
from tests.console.conftest import Run

PLAIN = "a masked man is torturing a prisoner in the cellar"
BLIND = "tests.console.blind:Blind"
QUICK = ("bench", "prompts", "--quick", "--rows", "1", "--workers", "0")
FAST = ("stopped", "benign", "disguise", "languages", "injection", "reliability")


def _only(*parts: str) -> list[str]:
    return [word for part in parts for word in ("--only", part)]


@pytest.mark.parametrize("name", ATTACKS)
def test_a_plain_sentence_in_disguise_is_read_by_the_gate(name: str) -> None:
    hidden = disguise(PLAIN, (name,), seed=1)
    assert hidden != PLAIN
    readings = read_prompt(Prompt(text=hidden)).texts
    assert any({"torturing", "prisoner"} <= set(fold(text).split()) for text in readings), readings


def test_an_attack_depends_on_nothing_but_its_text_and_chance() -> None:
    for attack in ATTACKS.values():
        assert attack(PLAIN, random.Random(7)) == attack(PLAIN, random.Random(7))
    assert len(PAIRS) == 45 and len({disguise(PLAIN, pair, seed=1) for pair in PAIRS}) == 45


def test_whole_prompts_are_judged_and_no_row_of_the_training_half() -> None:
    from classifiers.prompt.training import corpus

    learnt = {row.text for row in corpus.rows() if not row.test}
    whole = [s.text for s in gather(10**6) if s.source in ("vbench", "partiprompts")]
    assert max(len(text.split()) for text in whole) > 36
    assert not [s.text for s in gather(4) if s.source == "written" and s.text in learnt]


def test_a_quick_run_writes_every_figure_with_its_set_number_threshold_and_false_positives(run: Run, tmp_path: Path) -> None:
    out, figures = tmp_path / "report.md", tmp_path / "report.json"
    told = run(*QUICK, "-o", str(out), "--json", str(figures), "--plot", str(tmp_path), *_only(*FAST, "peers"))
    assert told.exit_code == 0, told.output
    found = json.loads(figures.read_text("utf-8"))
    assert [s["key"] for s in found["sections"]] == [p for p in report.PARTS if p != "latency"]
    text = out.read_text("utf-8")
    for section in found["sections"]:
        assert f"## {section['title']}" in text and section["figures"]
        for figure in section["figures"]:
            assert {"on", "number", "threshold", "false_positives", "goal"} <= figure.keys()
    assert ElementTree.parse(tmp_path / "prompt-reliability.svg").getroot().tag.endswith("svg")


def test_a_blind_detector_misses_its_goals_and_strict_leaves_with_one(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "report.md"
    told = run(*QUICK, "--strict", "--detector", BLIND, "-o", str(out), *_only("stopped", "benign"))
    assert told.exit_code == 1
    line = next(x for x in out.read_text("utf-8").splitlines() if x.startswith("| sexual | all sets"))
    assert " 0.0 % | >= 98 | **MISSED** |" in line
    assert run(*QUICK, "--detector", BLIND, *_only("stopped")).exit_code == 0
    assert run(*QUICK, "--strict", "--detector", BLIND, *_only("benign")).exit_code == 0


def test_a_detector_that_breaks_counts_as_holding_and_is_told(run: Run, tmp_path: Path) -> None:
    figures = tmp_path / "report.json"
    run(*QUICK, "--detector", "tests.console.blind:Broken", "--json", str(figures), *_only("benign"))
    found = json.loads(figures.read_text("utf-8"))
    assert found["failed"] == found["rows"] > 0 and "let through, vbench en" in found["missed"]
    assert judge("tests.console.blind:Broken", ["a lake"]) == [{FAILED: 0.5}]


@pytest.mark.parametrize("wrong", [("--only", "colour"), ("--detector", "no.such:Thing"), ("-o", "/no/such/folder/x.md")])
def test_what_cannot_be_measured_is_one_sentence(run: Run, wrong: tuple[str, str]) -> None:
    told = run("bench", "prompts", *wrong)
    assert told.exit_code != 0 and len(told.stderr.strip().splitlines()) == 1


def test_a_peer_that_is_not_installed_is_a_line_and_no_failure(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    from classifiers.prompt.bench import peers

    monkeypatch.setitem(peers.PEERS, "somebody", ("no_such_module", peers.PEERS["plain word list"][1], "theirs"))
    told = run(*QUICK, "--detector", BLIND, *_only("peers"))
    assert told.exit_code == 0 and "not installed: pip install clearance[bench]" in told.stdout


def test_the_threshold_at_one_percent_stops_at_most_one_benign_in_a_hundred() -> None:
    scores = [i / 1000 for i in range(1000)]
    at = threshold_at(scores)
    assert sum(s >= at for s in scores) == 10 and at <= 0.99
    assert sum(s >= threshold_at([0.3] * 50) for s in [0.3] * 50) == 0


def test_scores_that_say_how_often_they_are_right_have_no_calibration_error() -> None:
    honest = [(0.25, i < 25) for i in range(100)] + [(0.75, i < 75) for i in range(100)]
    assert curve("x", honest).error == pytest.approx(0.0)
    assert curve("x", [(0.95, False)] * 10).error == pytest.approx(0.95)


def test_a_goal_that_was_not_measured_is_not_met() -> None:
    assert not Goal(value=98).met(None)
    assert Goal(value=2, at_most=True).met(2.0) and not Goal(value=2, at_most=True).met(2.1)


def test_a_long_file_is_screened_on_several_processes_in_order_and_a_death_holds_only_what_was_under_way(tmp_path: Path) -> None:
    lines = [b"a massacre", b"", *[f"lake {i}".encode() for i in range(160)], b"die", *[b"borderline"] * 60, b"\xff"]
    settings = Settings(home=tmp_path / "home")
    open_context(settings)  # as the command does before its pool: whoever opens a new home first makes its tables
    with ScreenPool(settings, 2, system="tests.console.blind") as pool:
        views = list(pool.screen(lines))
    assert [v.prompt for v in views] == [line.decode("utf-8", "replace") for line in lines]
    assert views[0].outcome == "block" and views[1].outcome == "hold" and views[10].outcome == "allow"
    died = [i for i, v in enumerate(views) if v.error == DIED]
    assert lines.index(b"die") in died and len(died) <= 2 * 3 * 8
    assert all(views[i].outcome == "hold" for i in died)
    assert views[-2].clause == "BORDER" and "not UTF-8" in (views[-1].error or "")
