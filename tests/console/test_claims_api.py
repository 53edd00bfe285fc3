"""Claims over HTTP: documented shapes, problem documents, and no more told to a number than its state."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from console.app import create_app
from safety.signed import Signed, check_document
from streams.context import Context
from tests.console.claiming import CLIP, OTHER, SAID, make_claims_context


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    return make_claims_context(tmp_path / "home")


@pytest.fixture
def client(ctx: Context) -> TestClient:
    return TestClient(create_app(ctx), raise_server_exceptions=False)


def file(client: TestClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/v1/claims", data=SAID | {"kind": "depicted", "clips": CLIP} | more)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def problem(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == f"urn:clearance:problem:{code}" and body["detail"].endswith(".")
    return str(body["detail"])


def test_a_claim_goes_from_the_form_to_a_signed_receipt(client: TestClient, ctx: Context) -> None:
    filed = file(client, kind="intimate", clips=[f"see /clips/{CLIP}", "nothing"])
    assert filed["clips"] == [{"clip": CLIP, "how": "named", "withheld": True}] and filed["unknown"] == ["nothing"]
    number = filed["number"]
    stands = client.get(f"/v1/claims/{number}").json()
    assert stands["status"] == "open" and stands["withheld"] and stands["clips"] == 1
    [listed] = client.get("/v1/claims").json()
    assert listed["number"] == number and not listed["overdue"]
    told = client.get(f"/v1/claims/{number}/consequences").json()
    assert told == {"clips": 2, "chosen": 1, "copies": 0, "remixes": 1, "makers": ["lena", "mara"]}
    decision = {"decision": "uphold", "moderator": "noor", "reason": "It is her."}
    done = client.post(f"/v1/claims/{number}/decision", json=decision).json()
    assert done["status"] == "upheld" and done["withdrawn"] == told["clips"] and done["reason"] == "It is her."
    assert check_document(Signed.model_validate(done["receipt"]), ctx.signer.public_key)
    problem(client.post(f"/v1/claims/{number}/decision", json=decision), 409, "conflict")
    assert client.get("/v1/claims").json() == [] and len(client.get("/v1/claims?status=all").json()) == 1


def test_nothing_personal_is_in_any_answer_but_the_opening(client: TestClient) -> None:
    number = file(client)["number"]
    answers = [client.get(f"/v1/claims/{number}"), client.get("/v1/claims"), client.get(f"/v1/claims/{number}/consequences")]
    for answer in answers:
        assert not any(word in answer.text for word in ("Ines", "ines@", "boat")), answer.url
    opened = client.post(f"/v1/claims/{number}/opening", json={"moderator": "noor"}).json()
    assert opened == {
        "deleted": False, "contact": "ines@example.org", "statement": "This is me on a boat.", "signature": "Ines Okonkwo",
        "about": [CLIP],
    }  # fmt: skip


def test_a_moderator_chooses_what_is_withheld(client: TestClient) -> None:
    number = file(client, clips=[CLIP, OTHER])["number"]
    changed = client.post(f"/v1/claims/{number}/withholding", json={"moderator": "noor", "clips": [OTHER]}).json()
    assert [c["withheld"] for c in sorted(changed["clips"], key=lambda c: str(c["clip"]))] == [False, True]
    strange = client.post(f"/v1/claims/{number}/withholding", json={"moderator": "noor", "clips": ["c" * 24]})
    assert "not part of claim" in problem(strange, 422, "claim-refused")


def test_frames_are_shown_of_an_open_claims_clips_alone(client: TestClient) -> None:
    number = file(client)["number"]
    problem(client.get(f"/v1/claims/{number}/clips/{OTHER}/frames/1"), 404, "not-found")
    problem(client.get(f"/v1/claims/CLM-2222-2222/clips/{CLIP}/frames/1"), 404, "unknown-claim")


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"good_faith": "no"}, 422, "bad-input"),
        ({"kind": "envy"}, 422, "bad-input"),
        ({"contact": "x"}, 422, "bad-input"),
        ({"clips": ""}, 422, "claim-refused"),
    ],
)
def test_what_cannot_be_taken_is_a_problem_document(client: TestClient, more: dict[str, str], status: int, code: str) -> None:
    problem(client.post("/v1/claims", data=SAID | {"kind": "depicted", "clips": CLIP} | more), status, code)


def test_a_wrong_number_is_a_problem_document(client: TestClient) -> None:
    for path in ("/v1/claims/CLM-2222-2222", "/v1/claims/CLM-2222-2222/consequences"):
        problem(client.get(path), 404, "unknown-claim")
    body = {"decision": "reject", "moderator": "noor", "reason": "No."}
    problem(client.post("/v1/claims/CLM-2222-2222/decision", json=body), 404, "unknown-claim")
    problem(client.post("/v1/claims/CLM-2222-2222/decision", json=body | {"reason": ""}), 422, "bad-input")


def test_a_file_that_is_no_picture_is_refused_and_the_claim_not_filed(client: TestClient) -> None:
    answer = client.post("/v1/claims", data=SAID | {"kind": "depicted"}, files={"face": ("me.jpg", b"no picture", "image/jpeg")})
    problem(answer, 422, "likeness-refused")
    assert client.get("/v1/claims").json() == []


def test_every_address_of_claims_is_documented(client: TestClient) -> None:
    paths = client.get("/v1/openapi.json").json()["paths"]
    ours = {path: operations for path, operations in paths.items() if path.startswith("/v1/claims")}
    assert len(ours) == 7
    for path, operations in ours.items():
        for operation in operations.values():
            assert operation["summary"] and operation["tags"] == ["claims"] and "422" in operation["responses"], path
