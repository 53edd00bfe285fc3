"""Consent from the command line: what people allow and take back, whom they approve, what they are told, who acts for them."""

from __future__ import annotations

import json
import stat
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from classifiers.prompt.bench.figures import Figure, Goal, Section
from consent.signing.receipts import verify_receipt
from console.bench import consent_report
from console.bench.report import Results
from safety.signed import Signed
from tests.console.conftest import Run
from tests.streams.people_world import World, make_world


@pytest.fixture
def world(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """People on the home that the commands open."""
    made = make_world(tmp_path / "home")
    for handle in ("ana", "bob", "carl"):
        made.enrol(handle)
    monkeypatch.setattr(sys.modules["streams.system"], "open_context", lambda settings: made.ctx)
    monkeypatch.setattr(sys.modules["streams.system"], "close", lambda opened: None)
    yield made
    made.ctx.db.close()


def told(run: Run, *args: str) -> Any:
    """A command's JSON, which must have worked."""
    answer = run("cameo", *args, "--json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


def test_a_grant_is_prepared_here_signed_elsewhere_and_handed_in(run: Run, world: World, tmp_path: Path) -> None:
    key, draft, proof = tmp_path / "ana.pem", tmp_path / "draft.json", tmp_path / "proof.json"
    public = run("keys", "new", str(key)).stdout.strip()
    assert "signs for @ana now" in run("cameo", "keys", "add", "ana", str(key), "--label", "laptop").stdout
    assert public in run("cameo", "keys", "list", "ana").stdout
    options = ("ana", "--to", "bob", "--forbid", "violence", "--limit", "3/week")
    refused = run("cameo", "grant", *options)
    assert refused.exit_code == 5 and told(run, "list", "ana") == []
    prepared = run("cameo", "grant", *options, "--draft", str(draft))
    assert "keys sign" in prepared.stdout and told(run, "list", "ana") == []
    proof.write_text(run("keys", "sign", str(key), str(draft)).stdout)
    other = run("cameo", "grant", "ana", "--to", "carl", "--draft", str(draft), "--signed", str(proof))
    assert other.exit_code == 2 and "not this grant" in other.stderr
    given = told(run, "grant", *options, "--draft", str(draft), "--signed", str(proof))
    assert given["holder"] == "bob" and verify_receipt(given["receipt"], public)


def test_whoever_has_a_key_file_signs_an_approval_and_the_end_of_a_pause(run: Run, world: World, tmp_path: Path) -> None:
    key, draft, proof = (str(tmp_path / name) for name in ("ana.pem", "draft.json", "proof.json"))
    run("keys", "new", key)
    told(run, "keys", "add", "ana", key)
    assert run("cameo", "pause", "ana").exit_code == 0  # it waits for no key
    for command in (("resume", "ana"), ("approve", "ana", "bob", "--as", "co-star")):
        assert run("cameo", *command).exit_code == 5, command
        told(run, *command, "--draft", draft)
        Path(proof).write_text(run("keys", "sign", key, draft).stdout)
        told(run, *command, "--draft", draft, "--signed", proof)
        assert run("cameo", *command, "--draft", draft, "--signed", draft).exit_code == 2, command
    assert told(run, "circle", "ana")[0]["kind"] == "co-star"


def test_a_second_key_and_a_removal_are_signed_by_a_key_that_is_there(run: Run, world: World, tmp_path: Path) -> None:
    first, second = str(tmp_path / "first.pem"), str(tmp_path / "second.pem")
    for file in (first, second):
        run("keys", "new", file)
    one = told(run, "keys", "add", "ana", first)
    assert run("cameo", "keys", "add", "ana", second).exit_code == 5
    told(run, "keys", "add", "ana", second, "--by", first)
    assert run("cameo", "keys", "remove", "ana", one["id"], "--by", str(tmp_path / "none.pem")).exit_code == 4
    told(run, "keys", "remove", "ana", one["id"], "--by", second)
    assert len(told(run, "keys", "list", "ana")) == 1


def test_what_taking_back_would_do_is_told_and_then_done(run: Run, world: World) -> None:
    told(run, "grant", "ana", "--to", "carl")
    grant = told(run, "grant", "ana", "--to", "bob")["id"]
    clip = world.released("ana", "bob")[0].clip
    table = run("cameo", "revoke", "ana", "--preview").stdout
    assert "clips withdrawn" in table and "@bob" in table
    before = told(run, "revoke", "ana", "--grant", grant, "--preview")
    assert before["clips"] == 1 and before["grants"] == [grant]
    assert {g["status"] for g in told(run, "list", "ana")} == {"active"}
    receipt = told(run, "revoke", "ana", "--grant", grant)
    assert receipt["document"]["clips"] == [clip]
    assert {g["holder"]: g["status"] for g in told(run, "list", "ana")} == {"bob": "revoked", "carl": "active"}
    [state] = told(run, "revocations", "ana")
    assert Signed.model_validate(state["receipts"][0]) == Signed.model_validate(receipt)
    assert "of 1 clip" in run("cameo", "revocations", "ana").stdout
    printed = run("cameo", "revocations", "ana", "--receipt", state["state"]["id"])
    assert json.loads(printed.stdout.splitlines()[0]) == receipt


def test_a_pause_of_one_grant_leaves_the_other(run: Run, world: World) -> None:
    one, other = (told(run, "grant", "ana", "--to", name)["id"] for name in ("bob", "carl"))
    run("cameo", "pause", "ana", "--grant", one)
    assert {g["id"]: g["status"] for g in told(run, "list", "ana")} == {one: "paused", other: "active"}
    assert "holds again" in run("cameo", "resume", "ana", "--grant", one).stdout
    assert {g["status"] for g in told(run, "list", "ana")} == {"active"}


def test_somebody_is_asked_approved_and_no_more(run: Run, world: World) -> None:
    assert "asked @ana" in run("cameo", "ask", "ana", "bob").stdout
    assert "asked" in run("cameo", "circle", "ana").stdout
    assert told(run, "approve", "ana", "bob")["other"] == "bob"
    told(run, "grant", "ana", "--to", "approved")
    clip = world.released("ana", "bob")[0].clip
    assert "Nobody" not in run("cameo", "circle", "ana").stdout
    ended = told(run, "unapprove", "ana", "bob")
    assert ended["receipt"]["document"]["clips"] == [clip]
    assert run("cameo", "unapprove", "ana", "carl").exit_code == 4


def test_a_person_is_told_what_was_made_of_them(run: Run, world: World) -> None:
    from streams import notices

    grant = told(run, "grant", "ana", "--to", "bob")["id"]
    release, permits = world.released("ana", "bob")
    with world.ctx.db.write() as conn:
        notices.tell_release(conn, release, permits, world.clock())
    assert "@bob" in run("cameo", "notices", "ana").stdout and "new" in run("cameo", "notices", "ana", "--read").stdout
    assert "new" not in run("cameo", "notices", "ana").stdout
    french = told(run, "notices", "ana", "--language", "fr")
    assert french != told(run, "notices", "ana")
    used = told(run, "usage", "ana")
    assert used["grants"][0]["grant"] == grant and used["clips"][0]["clip"] == release.clip
    assert release.clip in run("cameo", "usage", "ana").stdout
    lines = run("cameo", "history", "ana").stdout
    assert f"@bob made clip {release.clip}" in lines and "granted: bob (signed)" in lines
    first = told(run, "history", "ana", "--limit", "1")
    assert told(run, "history", "ana", "--after", first[0]["place"])[0] != first[0]


def test_an_export_is_its_owners_alone_and_overwrites_nothing(run: Run, world: World, tmp_path: Path) -> None:
    out = tmp_path / "ana.zip"
    assert "in the clear" in run("cameo", "export", "ana", "-o", str(out)).stdout
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as whole:
        assert {"README.txt", "schema.json"} <= {*whole.namelist()}
    assert run("cameo", "export", "ana", "-o", str(out)).exit_code == 6
    missing = tmp_path / "nobody.zip"
    assert run("cameo", "export", "nobody", "-o", str(missing)).exit_code == 4 and not missing.exists()
    assert [*(world.ctx.settings.home / "scratch").glob("*")] == []


def test_a_guardian_acts_for_a_minor_and_a_stranger_does_not(run: Run, world: World) -> None:
    recorded = run("cameo", "minor", "ana", "--of-age-on", "2031-05-04", "--guardian", "bob", "--basis", "birth certificate")
    assert "@bob acts for @ana until 2031-05-04" in recorded.stdout
    assert run("cameo", "grant", "ana", "--to", "carl").exit_code == 5
    assert run("cameo", "grant", "ana", "--to", "carl", "--for", "carl").exit_code == 5
    assert told(run, "grant", "ana", "--to", "carl", "--for", "bob")["holder"] == "carl"
    assert run("cameo", "guardian", "ana", "carl", "--basis", "court").exit_code == 0
    shown = run("cameo", "standing", "ana").stdout
    assert "is a minor" in shown and "@bob" in shown and "@carl" in shown
    first = told(run, "standing", "ana")["represented_by"][0]["id"]
    assert run("cameo", "dismiss", first).exit_code == 0
    assert "of age" in run("cameo", "minor", "ana", "--correct").stdout
    assert "decides for themself" in run("cameo", "standing", "ana").stdout
    assert run("cameo", "minor", "ana").exit_code == 2


def test_an_estate_confirms_what_the_dead_had_granted(run: Run, world: World) -> None:
    grant = told(run, "grant", "ana", "--to", "carl")["id"]
    world.clock.wait(days=2)
    died = ("death", "ana", "--died-on", "2026-11-26", "--basis", "death certificate")
    assert "Nobody acts" in run("cameo", *died).stdout
    assert run("cameo", *died).exit_code == 6
    run("cameo", "estate", "ana", "bob", "--basis", "certificate of inheritance")
    assert grant in run("cameo", "standing", "ana").stdout
    assert run("cameo", "confirm", "ana", "--for", "carl").exit_code == 5
    assert told(run, "confirm", "ana", "--for", "bob")["grants"] == [grant]
    assert "decide again" in run("cameo", "death", "ana", "--correct").stdout


def test_a_challenge_says_what_to_do_and_only_its_own_handle_answers_it(run: Run, world: World, tmp_path: Path) -> None:
    asked = told(run, "challenge", "dora")
    assert len(asked["digits"]) == 6 and asked["turns"]
    assert "Say slowly" in run("cameo", "challenge", "dora").stdout
    film = tmp_path / "me.mp4"
    film.write_bytes(b"no film")
    wrong = run("cameo", "enrol", "eva", str(film), "--challenge", asked["id"])
    assert wrong.exit_code == 2 and "was given to @dora" in wrong.stderr
    two = run("cameo", "enrol", "dora", str(film), str(film), "--challenge", asked["id"])
    assert two.exit_code == 2 and "one recording" in two.stderr


def test_the_report_of_consent_puts_the_promises_first_and_says_what_is_missed(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def figure(name: str, value: float, goal: float) -> Figure:
        return Figure(
            name=name, on="made up", number=7, threshold="-", false_positives=None, value=value, unit="s",
            goal=Goal(value=goal, at_most=True),
        )  # fmt: skip

    def measured(value: float, quick: bool = False) -> Results:
        figures = (figure("every clip of one person found, p99", 0.5, 1.0), figure("every clip of one, again", value, 1.0))
        return Results(quick=quick, sections=(Section(key="claims", title="Claims", says="Made up.", figures=figures),))

    monkeypatch.setattr(consent_report, "measure", lambda progress, quick, only: measured(2.5))
    answer = run("bench", "consent", "--strict", "--json", str(tmp_path / "figures.json"))
    assert answer.exit_code == 1
    assert "| 2.5 s, worst of 2 | 14 | made up | **MISSED** |" in answer.stdout
    assert "denoising" not in answer.stdout  # its part was not run
    assert json.loads((tmp_path / "figures.json").read_text())["missed"] == ["every clip of one, again, made up"]
    monkeypatch.setattr(consent_report, "measure", lambda progress, quick, only: measured(0.9))
    kept = run("bench", "consent", "--strict")
    assert kept.exit_code == 0 and "| made up | met |" in kept.stdout
    nothing = Results(quick=False, sections=(Section(key="claims", title="Claims", says="Nothing.", figures=()),))
    monkeypatch.setattr(consent_report, "measure", lambda progress, quick, only: nothing)
    assert run("bench", "consent", "--strict").exit_code == 1
    monkeypatch.setattr(consent_report, "measure", lambda progress, quick, only: measured(0.9, quick=True))
    assert "| made up | in a quick run |" in run("bench", "consent").stdout
    assert run("bench", "consent", "--only", "nothing").exit_code == 2


def test_every_promise_is_told_by_a_part_that_measures() -> None:
    from importlib import import_module

    for promise in consent_report.PROMISES:
        assert promise.part in consent_report.PARTS
        assert callable(import_module(f"console.bench.{promise.part}").measure), promise
