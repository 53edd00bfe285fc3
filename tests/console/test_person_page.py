"""A person's page without a browser: what it says, what its forms do, and what it lets nobody do."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from consent import erasure, notices, people, representation
from consent.scope import Limit, scoped
from consent.signing import credentials
from console import labels, own_page
from console.app import create_app
from console.words_receipts import KEPT_IN_FRENCH
from safety.policy import DEFAULT, parse
from safety.values import canonical
from streams import granting, withdrawal
from tests.consent.authenticator import KeyFile
from tests.console.consenting import POLICY
from tests.streams.people_world import World, make_world

HTML = {"accept": "text/html"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path / "home")
    object.__setattr__(made.ctx, "policy", lambda: POLICY)
    for handle in ("ana", "bob", "carl"):
        made.enrol(handle)
    yield made
    made.ctx.db.close()


@pytest.fixture
def client(world: World) -> TestClient:
    return TestClient(create_app(world.ctx), base_url="http://localhost", headers=HTML, raise_server_exceptions=False)


def _words(page: str) -> str:
    """What a reader sees, on one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def _key_file(world: World, handle: str) -> KeyFile:
    file = KeyFile()
    with world.ctx.db.write() as conn:
        file.add(conn, people.get(conn, handle), world.clock)  # type: ignore[arg-type]
    return file


def test_without_a_grant_the_page_says_only_you(client: TestClient) -> None:
    page = _words(client.get("/people/ana").text)
    assert "Only you." in page and "Nobody but you may use your likeness." in page and "Take everything back" not in page


def test_a_card_says_for_what_beside_whom_how_often_until_when_and_what_came_of_it(client: TestClient, world: World) -> None:
    scope = scoped(frozenset({"politics", "violence"}), ("crypto",), "alone", Limit(count=3, per="week"))
    granting.grant(world.ctx, "ana", "bob", scope, datetime(2027, 1, 31, tzinfo=UTC))
    world.released("ana", "bob")
    card = _words(client.get("/people/ana").text.split('class="leaves"')[1].split("</ul>\n")[0])
    for said in ("@bob", "Politics and elections", "Violence", "crypto", "Nobody: alone only", "3 in any week", "2027-01-31",
                 "shown now: 1, withdrawn: 0"):  # fmt: skip
        assert said in card, said


def test_the_form_gives_just_the_grant_that_was_filled_in(client: TestClient, world: World) -> None:
    typed = {
        "who": "approved", "forbids": ["politics", "violence"], "words": "crypto\n\nbuy now\n", "company": "anyone", "count": "2",
        "per": "day", "until": "2027-01-31",
    }  # fmt: skip
    answer = client.post("/people/ana/grants", data=typed)
    assert answer.url.path == "/people/ana"
    [given] = granting.grants_of(world.ctx, "ana")
    assert given.holder == "approved" and given.expires_at == datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
    assert given.scope == scoped(frozenset({"politics", "violence"}), ("buy now", "crypto"), "anyone", Limit(count=2, per="day"))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"who": "handle", "to": ""}, "Nobody is named"),
        ({"who": "handle", "to": "b", "words": "crypto"}, "A handle has 2 to 32"),
        ({"who": "everyone", "until": "soon", "words": "crypto"}, "not a date"),
        ({"who": "everyone", "until": "2020-01-01", "words": "crypto"}, "in the future"),
        ({"who": "everyone", "count": "many", "words": "crypto"}, "not how often"),
        ({"who": "everyone", "company": "dogs", "words": "crypto"}, "one of the three choices"),
    ],
)
def test_a_mistake_is_said_and_the_form_stays_filled_in(client: TestClient, world: World, typed: Any, says: str) -> None:
    answer = client.post("/people/ana/grants", data=typed)
    assert answer.status_code == 422 and 'role="alert"' in answer.text and says in _words(answer.text)
    assert f"{typed.get('words', '')}</textarea>" in answer.text and granting.grants_of(world.ctx, "ana") == ()


def test_every_label_a_person_may_rule_out_is_offered_once_by_its_title() -> None:
    policy = parse(DEFAULT.read_text("utf-8"))
    for language in ("en", "fr"):
        offered = labels.choices(policy, language)
        assert len({c.title for c in offered}) == len(offered)
        named = {label for c in offered for label in c.labels}
        assert {"violence", "sexual", "hate", "deception"} <= named <= policy.forbiddable()
        assert not named & {"cameo", "reserved_name", "enrolled_person", "injection", "sexual_minors", "pii"}
    assert next(c.title for c in labels.choices(POLICY, "fr") if c.topic) == "Maillots de bain et sous-vêtements"


def test_taking_back_is_only_previewed_until_the_button_is_pressed(client: TestClient, world: World) -> None:
    grant = granting.grant(world.ctx, "ana", "bob").id
    clip = world.released("ana", "bob")[0].clip
    page = _words(client.get("/people/ana/revocation", params={"grant": grant}).text)
    assert "Take back: @bob" in page and "Clips withdrawn 1" in page and "Who is told" in page and "What stays, and why" in page
    assert granting.grants_of(world.ctx, "ana")[0].status == "active"
    done = client.post("/people/ana/revocation", data={"grant": grant})
    assert done.url.path.startswith("/revocations/") and clip in done.text and "still being deleted" in _words(done.text).lower()
    assert granting.grants_of(world.ctx, "ana")[0].status == "revoked"
    receipt = client.get(f"{done.url.path}/receipt.json")
    assert "attachment" in receipt.headers["content-disposition"] and receipt.json()["document"]["clips"] == [clip]


def test_everything_that_receipts_keep_is_said_in_french(client: TestClient, world: World) -> None:
    said = {**withdrawal.KEPT, **erasure.KEPT}
    assert {*said, *said.values()} <= KEPT_IN_FRENCH.keys()
    for path in ("revocation", "erasure"):
        page = client.get(f"/people/ana/{path}?lang=fr").text
        assert "proof" not in page and "the person" not in page


def test_who_signs_with_a_key_file_is_shown_what_to_sign_and_hands_it_in(client: TestClient, world: World) -> None:
    file = _key_file(world, "ana")
    asked = client.post("/people/ana/grants", data={"who": "handle", "to": "bob", "words": "crypto"})
    assert asked.status_code == 403 and "clearance keys sign" in asked.text and "never: crypto" in asked.text
    assert granting.grants_of(world.ctx, "ana") == ()
    document = re.search(r'<textarea id="document"[^>]*>(.*?)</textarea>', asked.text, re.S)
    assert document is not None
    text = html.unescape(document[1])
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text))
    with world.ctx.db.read() as conn:
        [key] = credentials.listing(conn, world.id("ana"))
    proof = file.sign(canonical(json.loads(text)), key.id).model_dump_json()
    done = client.post("/people/ana/grants", data=fields | {"document": text, "proof": proof})
    assert done.url.path == "/people/ana"
    [given] = granting.grants_of(world.ctx, "ana")
    assert given.receipt.public_key == key.public_key and given.scope.words == ("crypto",)
    assert "Your signature is needed" in client.post("/people/ana/circle", data={"other": "bob"}).text
    client.post("/people/ana/pause")
    assert "Your signature is needed" in client.post("/people/ana/resumption").text
    assert client.post("/people/ana/revocation").url.path.startswith("/revocations/")


def test_a_guardian_acts_on_the_page_of_the_minor_who_cannot_grant(client: TestClient, world: World) -> None:
    with world.ctx.db.write() as conn:
        representation.set_minor(conn, "ana", date(2030, 5, 1), "bob", "birth certificate", world.clock)
    own = client.get("/people/ana").text
    assert "Let somebody use my likeness</h2>" not in own and "You are not of age" in own
    acting = client.get("/people/ana?as=bob").text
    assert "You act for @ana as @bob (guardian)" in _words(acting) and 'name="as" value="bob"' in acting
    done = client.post("/people/ana/grants", data={"who": "handle", "to": "carl", "as": "bob"})
    assert done.url.query == b"as=bob" and granting.grants_of(world.ctx, "ana")[0].holder == "carl"
    assert "birth certificate" in own and 'href="/people/ana?as=bob"' in own
    assert 'href="/people/ana?as=bob"' in client.get("/people/bob").text
    assert "Mark all as read" in own and "Mark all as read" not in acting
    assert client.get("/people/ana?as=carl").status_code == 403
    assert client.get("/people/ana/revocation?as=carl").status_code == 403


def test_a_protected_person_has_nothing_to_allow_and_may_be_erased(client: TestClient, world: World) -> None:
    world.enrol("nora", protect=True)
    page = client.get("/people/nora").text
    assert "You are never shown" in page and "Allow it" not in page and "Pause everything" not in page
    assert 'href="/people/nora/erasure"' in page


def test_notices_are_new_until_they_are_marked_as_read(client: TestClient, world: World) -> None:
    granting.ask(world.ctx, "bob", "ana")
    assert "1 new" in client.get("/people/ana").text
    page = client.post("/people/ana/notices").text
    assert "1 new" not in page and "@bob asks you" in page
    with world.ctx.db.read() as conn:
        assert notices.unread(conn, world.id("ana")) == 0


def test_history_goes_on_where_the_page_ended_and_misses_nothing(client: TestClient, world: World) -> None:
    for number in range(60):
        granting.grant(world.ctx, "ana", f"user_{number}")
        world.clock.wait(seconds=1)
    first = client.get("/people/ana/history").text
    older = re.search(r'href="\?after=([^"]+)"', first)
    assert older is not None
    second = client.get("/people/ana/history", params={"after": older[1]}).text
    seen = re.findall(r"@user_\d+", first) + re.findall(r"@user_\d+", second)
    assert sorted(set(seen)) == sorted(f"@user_{n}" for n in range(60)) and "?after=" not in second


def test_a_place_in_history_survives_being_written_to_the_microsecond() -> None:
    place = (datetime(2026, 11, 25, 12, 0, 0, 123457, tzinfo=UTC), "used", 7, "abc")
    assert own_page.read_place(own_page.write_place(place)) == place


def test_the_export_is_one_file_named_after_the_person_and_not_kept(client: TestClient, world: World) -> None:
    answer = client.post("/people/ana/export")
    assert 'filename="ana.zip"' in answer.headers["content-disposition"]
    assert "README.txt" in zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert list((world.ctx.settings.home / "scratch").glob("export-*")) == []


@pytest.mark.parametrize(
    "path", ["/people/ana", "/people/ana/history", "/people/ana/revocation", "/people/ana/erasure", "/enrol"]
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_have_one_heading_no_inline_script_and_their_language(client: TestClient, path: str, language: str) -> None:
    page = client.get(f"{path}?lang={language}").text
    assert page.count("<h1") == 1 and f'<html lang="{language}">' in page
    assert "style=" not in page and "onclick" not in page and not re.search(r"<script>|<script [^>]*>[^<]", page)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_only_the_page_of_the_challenge_may_use_the_camera(client: TestClient) -> None:
    shown = client.post("/enrol", data={"handle": "dora"})
    assert shown.headers["permissions-policy"].startswith("camera=(self), microphone=(self)")
    assert "camera=()" in client.get("/enrol").headers["permissions-policy"]
    assert re.search(r"<span>\d \d \d</span> <span>\d \d \d</span>", shown.text) and "to your" in shown.text
    empty = client.post(shown.url.path, files={"file": ("", b"", "video/webm")})
    assert empty.status_code == 422 and "dora" in empty.text
