"""Consent over HTTP: everything a person's page does, for programs, in documented shapes and with problem documents."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

from consent import representation
from consent.signing import statements
from consent.signing.receipts import verify_receipt
from console.app import create_app
from console.signing import site_of
from safety.signed import Signed
from tests.consent.authenticator import Authenticator, KeyFile
from tests.streams.people_world import World, make_world

SITE = "http://localhost"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path / "home")
    for handle in ("ana", "bob", "carl"):
        made.enrol(handle)
    yield made
    made.ctx.db.close()


@pytest.fixture
def client(world: World) -> TestClient:
    return TestClient(create_app(world.ctx), base_url=SITE, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    made = make_world(tmp_path_factory.mktemp("empty") / "home")
    yield TestClient(create_app(made.ctx), base_url=SITE, raise_server_exceptions=False)
    made.ctx.db.close()


def _problem(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:clearance:problem:{code}" and body["detail"].endswith(".")
    return str(body["detail"])


def _passkey() -> Authenticator:
    made = Authenticator()
    made.host, made.client = "localhost", {"origin": SITE, "crossOrigin": False}
    return made


def _register(client: TestClient, key: Authenticator, person: str = "ana", label: str = "phone") -> dict[str, Any]:
    at = f"/v1/people/{person}/credentials"
    opened = client.post(f"{at}/opening", json={"label": label}).json()
    made = key.create(opened["create"]).model_dump()
    answer = client.post(f"{at}/passkeys", json={"label": label, "opening": opened["opening"], "registration": made})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_grant_with_every_limit_comes_back_as_it_was_given(client: TestClient) -> None:
    limits = {
        "to": "bob", "forbids": ["violence"], "words": ["crypto"], "company": "alone", "limit": {"count": 3, "per": "week"},
        "expires_at": "2027-01-31T00:00:00Z",
    }  # fmt: skip
    given = client.post("/v1/people/ana/grants", json=limits)
    assert given.status_code == 201
    shown = given.json()
    assert (shown["holder"], shown["forbids"], shown["words"], shown["company"]) == ("bob", ["violence"], ["crypto"], "alone")
    assert shown["limit"] == {"count": 3, "per": "week"} and shown["expires_at"].startswith("2027-01-31")
    assert client.get("/v1/people/ana/grants").json() == [shown]
    unknown = client.post("/v1/people/ana/grants", json={"to": "bob", "forbids": ["flying"]})
    assert "flying" in _problem(unknown, 422, "bad-input")


def test_pausing_is_of_one_grant_or_of_everything_and_ends_again(client: TestClient) -> None:
    grant = client.post("/v1/people/ana/grants", json={"to": "bob"}).json()["id"]
    assert client.post("/v1/people/ana/pause", json={"grant": grant}).json() == {"handle": "ana", "paused": False}
    assert client.get("/v1/people/ana/grants").json()[0]["status"] == "paused"
    client.post("/v1/people/ana/resumption", json={"grant": grant})
    assert client.post("/v1/people/ana/pause").json()["paused"] is True
    assert client.post("/v1/people/ana/resumption").json()["paused"] is False
    assert client.get("/v1/people/ana/grants").json()[0]["status"] == "active"


def test_the_preview_says_what_the_revocation_then_does_and_the_receipt_verifies(client: TestClient, world: World) -> None:
    client.post("/v1/people/ana/grants", json={"to": "bob"})
    clips = {world.released("ana", "bob")[0].clip for _ in range(2)}
    told = client.get("/v1/people/ana/revocation").json()
    assert told["clips"] == 2 and told["makers"] == ["bob"] and len(told["grants"]) == 1 and told["kept"]
    assert client.get("/v1/people/ana/grants").json()[0]["status"] == "active"
    receipt = client.post("/v1/people/ana/revocation").json()
    document = verify_receipt(receipt, world.ctx.signer.public_key)
    assert set(document["clips"]) == clips and document["how_many"]["clips"] == told["clips"]  # type: ignore[arg-type,index,call-overload]
    [listed] = client.get("/v1/people/ana/revocations").json()
    assert listed["due"] == [{"kind": "clip", "due": 2, "done": 0, "files": 0, "records": 0}] and listed["closed_at"] is None
    one = client.get(f"/v1/people/ana/revocations/{listed['id']}").json()
    assert one == listed and one["receipts"] == [receipt]
    _problem(client.get(f"/v1/people/bob/revocations/{listed['id']}"), 404, "not-found")


def test_after_an_erasure_the_receipt_is_found_by_the_persons_id(client: TestClient, world: World) -> None:
    ana = world.id("ana")
    would = client.get("/v1/people/ana/revocation", params={"erase": True}).json()["forgotten"]
    receipt = client.request("DELETE", "/v1/people/ana").json()["document"]
    assert receipt["forgotten"] == would and would["templates"] == 2
    _problem(client.get("/v1/people/ana"), 404, "unknown-person")
    assert client.get("/v1/people/ana/revocations").json() == []
    assert client.get(f"/v1/people/{ana}/revocations").json()[0]["kind"] == "erasure"


def test_asking_approving_and_taking_the_approval_back(client: TestClient, world: World) -> None:
    asked = client.post("/v1/people/ana/circle/requests", json={"asker": "bob"})
    assert asked.status_code == 201 and asked.json()["standing"] == "asked"
    assert client.post("/v1/people/ana/circle", json={"other": "bob"}).json()["standing"] == "approved"
    client.post("/v1/people/ana/grants", json={"to": "approved"})
    clip = world.released("ana", "bob")[0].clip
    ended = client.post("/v1/people/ana/circle/end", json={"other": "bob"}).json()
    assert ended["receipt"]["document"]["clips"] == [clip]
    client.post("/v1/people/ana/circle/requests", json={"asker": "carl", "kind": "co-star"})
    assert client.post("/v1/people/ana/circle/end", json={"other": "carl", "kind": "co-star"}).json() == {"receipt": None}
    assert {(a["other"], a["standing"]) for a in client.get("/v1/people/ana/circle").json()} == {
        ("bob", "ended"),
        ("carl", "ended"),
    }


def test_notices_are_told_in_the_language_asked_for_and_become_read(client: TestClient) -> None:
    client.post("/v1/people/ana/circle/requests", json={"asker": "bob"})
    [english] = client.get("/v1/people/ana/notices").json()
    [french] = client.get("/v1/people/ana/notices", params={"language": "fr"}).json()
    assert english["says"].startswith("@bob asks you") and french["says"].startswith("@bob vous demande")
    assert client.post("/v1/people/ana/notices/read").json() == {"read": 1}
    assert client.get("/v1/people/ana/notices").json()[0]["read_at"] is not None


def test_usage_and_history_say_who_made_what(client: TestClient, world: World) -> None:
    grant = client.post("/v1/people/ana/grants", json={"to": "bob"}).json()["id"]
    world.clock.wait(minutes=1)
    clip = world.released("ana", "bob")[0].clip
    used = client.get("/v1/people/ana/usage").json()
    assert used["grants"][0] | {"last_used": ""} == {"grant": grant, "live": 1, "withdrawn": 0, "refused": 0, "last_used": ""}
    assert used["makers"][0]["by"] == "bob" and used["clips"][0]["clip"] == clip
    newest, *_ = client.get("/v1/people/ana/history", params={"limit": 1}).json()
    assert newest["what"] == clip
    older = client.get("/v1/people/ana/history", params={"after": newest["place"]}).json()
    assert [m["what"] for m in older] == ["granted"]
    _problem(client.get("/v1/people/ana/history", params={"after": "yesterday"}), 422, "bad-input")


def test_who_has_a_passkey_signs_with_it_and_nobody_else_can(client: TestClient) -> None:
    key = _passkey()
    known = _register(client, key)
    wanted: dict[str, Any] = {"to": "bob"}
    assert "passkey" in _problem(client.post("/v1/people/ana/grants", json=wanted), 403, "proof-needed")
    draft = client.post("/v1/people/ana/grants/draft", json=wanted).json()
    proof = key.sign(draft["sign"]).model_dump()
    given = client.post("/v1/people/ana/grants", json=wanted | {"document": draft["document"], "proof": proof})
    assert given.status_code == 201
    document = verify_receipt(given.json()["receipt"], known["public_key"], SITE)
    assert document["pii_processing"]["recipient_third_parties"] == ["bob"]  # type: ignore[index,call-overload]
    other = client.post("/v1/people/ana/grants", json={"to": "carl", "document": draft["document"], "proof": proof})
    _problem(other, 422, "statement-refused")
    assert client.post("/v1/people/ana/pause").status_code == 200
    _problem(client.post("/v1/people/ana/resumption"), 403, "proof-needed")
    asked = client.post("/v1/people/ana/statements", json={"act": "resume"}).json()
    signed = {"document": asked["document"], "proof": key.sign(asked["sign"]).model_dump()}
    assert client.post("/v1/people/ana/resumption", json=signed).json()["paused"] is False
    assert client.post("/v1/people/ana/revocation").json()["document"]["grants"] == [given.json()["id"]]


def test_a_second_key_is_added_and_removed_by_the_first(client: TestClient) -> None:
    key, file = _passkey(), KeyFile()
    _register(client, key)
    at, public = "/v1/people/ana/credentials", file.public_key.hex()
    opened = client.post(f"{at}/opening", json={"label": "laptop", "public_key": public}).json()
    assert opened["proof_needed"]
    written = statements.written(opened["document"])
    new = {
        "label": "laptop", "public_key": public, "document": opened["document"], "possession": file.sign(written, "").signature,
    }  # fmt: skip
    _problem(client.post(f"{at}/keyfiles", json=new), 403, "proof-needed")
    added = client.post(f"{at}/keyfiles", json=new | {"proof": key.sign(opened["sign"]).model_dump()})
    assert added.status_code == 201 and added.json()["kind"] == "software"
    gone = client.post(f"{at}/{added.json()['id']}/removal/statement").json()
    signed = {"document": gone["document"], "proof": key.sign(gone["sign"]).model_dump()}
    assert client.post(f"{at}/{added.json()['id']}/removal", json=signed).json()["removed_at"] is not None
    assert {c["kind"]: c["removed_at"] is None for c in client.get(at).json()} == {"passkey": True, "software": False}


def test_a_guardian_acts_for_a_minor_and_a_stranger_cannot(client: TestClient, world: World) -> None:
    with world.ctx.db.write() as conn:
        representation.set_minor(conn, "ana", date(2030, 5, 1), "bob", "birth certificate", world.clock)
    _problem(client.post("/v1/people/ana/grants", json={"to": "carl"}), 403, "forbidden")
    _problem(client.post("/v1/people/ana/grants", json={"to": "carl", "actor": "carl"}), 403, "forbidden")
    given = client.post("/v1/people/ana/grants", json={"to": "carl", "actor": "bob"})
    assert given.status_code == 201 and given.json()["expires_at"].startswith("2030-05-01")
    key = _passkey()
    known = _register(client, key, "bob")
    wanted = {"to": "dora", "actor": "bob"}
    _problem(client.post("/v1/people/ana/grants", json=wanted), 403, "proof-needed")
    draft = client.post("/v1/people/ana/grants/draft", json=wanted).json()
    signed = {"document": draft["document"], "proof": key.sign(draft["sign"]).model_dump()}
    receipt = client.post("/v1/people/ana/grants", json=wanted | signed).json()["receipt"]
    assert verify_receipt(receipt, known["public_key"])["consent_events"][0]["entity_id"] == world.id("bob")  # type: ignore[index,call-overload]
    shown = client.get("/v1/people/ana/representatives").json()
    assert [(r["handle"], r["role"]) for r in shown["by"]] == [("bob", "guardian")]
    assert client.get("/v1/people/bob/representatives").json()["of"][0]["handle"] == "ana"
    assert client.post("/v1/people/ana/revocation", json={"actor": "bob"}).status_code == 200
    assert client.request("DELETE", "/v1/people/ana", params={"actor": "bob"}).status_code == 200


def test_everything_kept_about_a_person_is_one_file_and_nothing_is_left_lying(client: TestClient, world: World) -> None:
    client.post("/v1/people/ana/grants", json={"to": "bob"})
    answer = client.post("/v1/people/ana/export")
    assert answer.headers["content-type"] == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert "README.txt" in names and any(name.startswith("receipts/grant-") for name in names)
    assert list((world.ctx.settings.home / "scratch").glob("export-*")) == []
    _problem(client.post("/v1/people/ana/export", params={"actor": "bob"}), 403, "forbidden")


def test_a_challenge_is_given_for_a_name_and_an_unknown_one_cannot_be_answered(client: TestClient) -> None:
    asked = client.post("/v1/enrolment/challenges", json={"handle": "dora"})
    assert asked.status_code == 201 and len(asked.json()["digits"]) == 6 and len(asked.json()["turns"]) >= 3
    film = {"file": ("me.webm", b"no film", "video/webm")}
    _problem(client.post("/v1/enrolment/challenges/unknown", files=film), 404, "unknown-challenge")
    for _ in range(4):
        client.post("/v1/enrolment/challenges", json={"handle": "dora"})
    _problem(client.post("/v1/enrolment/challenges", json={"handle": "dora"}), 429, "too-many-challenges")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None), ("GET", "/grants", None), ("GET", "/circle", None), ("GET", "/notices", None), ("GET", "/usage", None),
        ("GET", "/history", None), ("GET", "/credentials", None), ("GET", "/representatives", None), ("GET", "/revocation", None),
        ("POST", "/pause", None), ("POST", "/resumption", None), ("POST", "/revocation", None), ("POST", "/export", None),
        ("POST", "/notices/read", None), ("POST", "/grants", {"to": "bob"}), ("POST", "/circle", {"other": "bob"}),
        ("POST", "/circle/requests", {"asker": "bob"}), ("POST", "/circle/end", {"other": "bob"}), ("DELETE", "", None),
        ("POST", "/statements", {"act": "resume"}), ("POST", "/credentials/opening", {"label": "phone"}),
    ],
)  # fmt: skip
def test_nobody_by_that_name_is_a_problem_document(empty: TestClient, method: str, path: str, body: Any) -> None:
    _problem(empty.request(method, f"/v1/people/nobody{path}", json=body), 404, "unknown-person")


def test_signed_values_leave_as_they_were_signed(client: TestClient) -> None:
    receipt = client.post("/v1/people/ana/grants", json={"to": "bob"}).json()["receipt"]
    key = client.get("/v1/people/ana").json()["public_key"]
    assert verify_receipt(Signed.model_validate(receipt), key)["pii_principal_id"]


@pytest.mark.parametrize(
    ("any_host", "origin", "answer"),
    [
        (False, "", "http://localhost"),
        (True, "https://clearance.example/", "https://clearance.example"),
        (True, "", "its operator sets CLEARANCE_ORIGIN"),
    ],
)
def test_behind_a_proxy_passkeys_are_made_for_the_named_address_or_for_none(
    world: World, any_host: bool, origin: str, answer: str
) -> None:
    """Whatever name a request carries there is what somebody's server passed on."""
    settings = world.ctx.settings.model_copy(update={"origin": origin})
    app = create_app(replace(world.ctx, settings=settings), any_host=any_host)

    def site(request: Request) -> dict[str, str]:
        return {"origin": site_of(request).origin}

    app.add_api_route("/site", site)
    assert answer in TestClient(app, base_url=SITE).get("/site").text
