"""The HTTP API: what programs get, and the one shape of every error."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from console.app import create_app
from console.guards import MAX_BODY
from safety import releases
from safety.errors import Unavailable
from safety.ledger import check_proof
from streams.context import Context
from streams.local import LocalRunner
from streams.submissions import Submission
from streams.upkeep import checkpoint
from streams.withdrawal import withdraw
from tests.streams.doubles import make_context

Made = Callable[..., Submission]
JSON = {"content-type": "application/json"}


def _is_problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status and body["type"].startswith("urn:clearance:problem:")
    assert body["title"] and body["detail"].endswith(".") and "Traceback" not in answer.text
    return body


def test_a_prompt_is_submitted_followed_and_released(client: TestClient, made: Made) -> None:
    sent = client.post("/v1/submissions", json={"prompt": "a lake at dawn", "requester": "mara"})
    assert sent.status_code == 202 and sent.json()["status"] == "in-flight"
    ended = made("a second lake")
    now = client.get(f"/v1/submissions/{ended.id}").json()
    assert now["status"] == "released" and now["media"] == f"/v1/clips/{ended.clip}/media"
    assert [c["clip"] for c in client.get("/v1/clips").json()].count(ended.clip) == 1
    clip = client.get(f"/v1/clips/{ended.clip}").json()
    assert clip["prompt"] == "a second lake" and clip["ledger_position"] > 0 and clip["withdrawal"] is None


def test_an_idempotency_key_makes_one_submission(client: TestClient) -> None:
    ids = {
        client.post("/v1/submissions", json={"prompt": "a lake", "requester": "m"}, headers={"Idempotency-Key": "7"}).json()["id"]
        for _ in range(3)
    }
    assert len(ids) == 1


def test_media_answer_ranges_and_are_never_cached(client: TestClient, made: Made) -> None:
    address = f"/v1/clips/{made('a lake').clip}/media"
    whole = client.get(address)
    assert whole.headers["content-type"] == "video/mp4" and whole.headers["cache-control"] == "no-store"
    part = client.get(address, headers={"Range": "bytes=2-5"})
    assert part.status_code == 206 and part.content == whole.content[2:6]
    assert client.get(address, headers={"Range": "bytes=999999-"}).status_code == 416
    assert client.head(address).headers["content-length"] == str(len(whole.content))


def test_a_withdrawn_clip_answers_410_and_says_why_as_does_its_remix(client: TestClient, ctx: Context, made: Made) -> None:
    first = made("a lake")
    remix = made("the lake again", remix_of=first.clip)
    assert first.clip and remix.clip
    with ctx.db.write() as conn:
        withdraw(conn, ctx, [first.clip], cause="revocation", subject="lena", reason="revoked", at=ctx.clock())
    for clip in (first.clip, remix.clip):
        gone = _is_problem(client.get(f"/v1/clips/{clip}/media", headers={"accept": "text/html"}), 410)
        assert "took back their consent" in gone["detail"] and gone["cause"] == "revocation" and gone["withdrawn_at"]
        assert client.get(f"/v1/clips/{clip}").json()["withdrawal"]["cause"] == "revocation"
    _is_problem(client.post("/v1/submissions", json={"prompt": "more", "requester": "m", "remix_of": first.clip}), 410)
    with ctx.db.read() as conn:
        assert releases.listing(conn, live_only=True) == ()


def test_a_held_submission_is_decided_once(client: TestClient, made: Made) -> None:
    held = made("borderline walk")
    [case] = client.get("/v1/cases").json()
    assert case["submission"] == held.id and case["verdict"]["clause"] == "BORDER"
    decision = {"decision": "block", "moderator": "noor", "reason": "violates-clause"}
    answer = client.post(f"/v1/cases/{case['id']}/decision", json=decision)
    assert answer.json()["status"] == "decided" and client.get("/v1/cases").json() == []
    _is_problem(client.post(f"/v1/cases/{case['id']}/decision", json=decision), 409)
    _is_problem(client.post(f"/v1/cases/{case['id']}/decision", json=decision | {"reason": "because"}), 422)
    assert client.get(f"/v1/submissions/{held.id}").json()["status"] == "refused"


@pytest.mark.parametrize(
    ("method", "path", "given", "status"),
    [
        ("GET", "/v1/nothing", {}, 404),
        ("GET", "/v1/submissions/unknown", {}, 404),
        ("GET", "/v1/clips/unknown", {}, 404),
        ("GET", "/v1/clips/unknown/media", {}, 404),
        ("GET", "/v1/cases/unknown", {}, 404),
        ("GET", "/v1/ledger/entries/999/proof", {}, 404),
        ("GET", "/v1/ledger/entries/99999999999999999999/proof", {}, 422),
        ("GET", "/v1/submissions?limit=0", {}, 422),
        ("PUT", "/v1/clips", {}, 405),
        ("POST", "/v1/submissions", {"content": b"\xff\xfe{", "headers": JSON}, 400),
        ("POST", "/v1/submissions", {"content": b"[" * 100_000, "headers": JSON}, 400),
        ("POST", "/v1/submissions", {"content": b'{"prompt": "a", ', "headers": JSON}, 422),
        ("POST", "/v1/submissions", {"content": b'{"prompt":"a lake \\ud800","requester":"m"}', "headers": JSON}, 422),
        ("POST", "/v1/submissions", {"content": b'{"prompt":"a","requester":"m","\\ud800":1}', "headers": JSON}, 422),
        ("POST", "/v1/submissions", {"json": {"prompt": "", "requester": "m"}}, 422),
        ("POST", "/v1/submissions", {"json": {"prompt": "\x00\x01\x02", "requester": "m"}}, 422),
        ("POST", "/v1/submissions", {"json": {"prompt": "lake " * 200_000, "requester": "m"}}, 413),
        ("POST", "/v1/submissions", {"content": b" " * (MAX_BODY + 1), "headers": JSON}, 413),
        ("POST", "/v1/submissions", {"json": {"prompt": "a lake", "requester": "m", "colour": 1}}, 422),
        ("POST", "/v1/submissions", {"json": {"prompt": "a lake", "requester": "m", "cameos": ["nobody"]}}, 404),
        ("POST", "/v1/submissions", {"json": {"prompt": "a lake", "requester": "m", "seconds": 1e9}}, 422),
        ("POST", "/v1/screen", {"json": {"prompt": ""}}, 422),
        ("POST", "/v1/verify", {"data": {"file": "not a file"}}, 422),
    ],
)
def test_every_error_is_a_problem_document(
    client: TestClient, method: str, path: str, given: dict[str, Any], status: int
) -> None:
    _is_problem(client.request(method, path, **given), status)


def test_a_defect_is_a_problem_document_without_a_traceback(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("console.reading.list_clips", lambda *_, **__: 1 / 0)
    assert "ZeroDivision" not in json.dumps(_is_problem(client.get("/v1/clips"), 500))


def test_a_body_that_lies_about_its_length_is_stopped(client: TestClient) -> None:
    def endless() -> Any:
        for _ in range(40):
            yield b" " * 100_000

    _is_problem(client.post("/v1/submissions", content=endless(), headers=JSON), 413)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "rebound.example"}, {"Origin": "http://testserver:99"},
    ],
)  # fmt: skip
def test_another_site_cannot_act_through_a_visitors_browser(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/v1/submissions", json={"prompt": "a lake", "requester": "m"}, headers=headers)
    _is_problem(answer, 403)
    assert client.get("/v1/submissions/counts").json()["attempts"] == 0


def test_our_own_pages_may_act(client: TestClient) -> None:
    headers = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/v1/submissions", json={"prompt": "a lake", "requester": "m"}, headers=headers).status_code == 202


def test_every_answer_carries_the_security_headers(client: TestClient) -> None:
    for path in ("/", "/v1/clips", "/v1/nothing", "/static/style.css"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"] and "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"


def test_health_is_503_when_the_runner_or_the_database_is_not_right(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    runner = LocalRunner(ctx)
    client = TestClient(create_app(ctx, runner), raise_server_exceptions=False)
    _is_problem(client.get("/v1/health"), 503)
    with runner:
        assert client.get("/v1/health").json()["status"] == "ok"

        def away() -> Any:
            raise Unavailable("The database cannot be used now; nothing was lost, try again.")

        monkeypatch.setattr(ctx.db, "read", away)
        _is_problem(client.get("/v1/health"), 503)


def test_metrics_count_statuses_lag_and_verdicts_once(client: TestClient, made: Made) -> None:
    made("a lake")
    made("a massacre")
    for _ in range(2):  # verdicts are counted from where the last scrape stopped, never twice
        text = client.get("/v1/metrics").text
        assert 'clearance_submissions{status="released"} 1.0' in text
        assert 'clearance_stage_lag{stage="screen"} 0.0' in text
        assert 'clearance_verdicts_total{clause="VIOLENCE",gate="prompt",outcome="block"} 1.0' in text


def test_an_outsider_can_check_a_proof_with_the_public_key_alone(client: TestClient, ctx: Context, made: Made) -> None:
    made("a lake")
    checkpoint(ctx)
    head = client.get("/v1/ledger/checkpoint").json()
    proof = client.get(f"/v1/ledger/entries/{head['size']}/proof").json()
    assert check_proof(proof, bytes.fromhex(head["public_key"])).position == head["size"]


def test_a_text_is_screened_without_being_recorded(client: TestClient) -> None:
    answer = client.post("/v1/screen", json={"prompt": "a massacre"}).json()
    assert (answer["outcome"], answer["clause"]) == ("block", "VIOLENCE")
    assert client.get("/v1/submissions/counts").json()["attempts"] == 0


def test_an_uploaded_file_is_verified_and_not_kept(client: TestClient, ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    from streams.checks import Verified

    seen: list[Path] = []

    def verify(_ctx: Context, path: Path) -> Verified:
        assert path.read_bytes() == b"bytes" and path.is_relative_to(ctx.settings.home) and path.suffix == ".mp4"
        seen.append(path)
        return Verified(answer="not-ours", clip=None, consent=None, evidence={})

    monkeypatch.setattr("streams.checks.verify_file", verify)
    answer = client.post("/v1/verify", files={"file": ("../../etc/passwd.mp4", b"bytes")})
    assert answer.json()["answer"] == "not-ours" and not seen[0].exists()


def test_the_openapi_document_describes_every_address_and_names_the_problem(client: TestClient) -> None:
    document = client.get("/v1/openapi.json").json()
    assert "Problem" in document["components"]["schemas"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation["summary"] and operation["description"], f"{method} {path}"
            assert "application/problem+json" in operation["responses"]["500"]["content"], f"{method} {path}"


def test_a_full_disk_is_said_in_a_sentence(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.reading.list_clips", lambda *_, **__: full())
    client = TestClient(create_app(ctx, None), raise_server_exceptions=False)
    assert "disk is full" in _is_problem(client.get("/v1/clips"), 507)["detail"]


def test_a_server_behind_a_signing_in_proxy_answers_to_its_name(tmp_path: Path) -> None:
    client = TestClient(create_app(make_context(tmp_path), None, any_host=True), base_url="https://clearance.example")
    assert client.get("/v1/clips").status_code == 200


def test_the_page_about_the_api_lists_exactly_its_addresses(client: TestClient) -> None:
    text = (Path(__file__).parents[2] / "docs/api.md").read_text("utf-8")
    listed = set(re.findall(r"^\| `([A-Z]+ /v1/[^`]*)` \|", text, re.M))
    paths = client.get("/v1/openapi.json").json()["paths"]
    assert listed == {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
