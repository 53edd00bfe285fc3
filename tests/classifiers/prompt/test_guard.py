"""A second opinion from a real server on this machine: agreeing, disagreeing, and everything that can go wrong with it."""

from __future__ import annotations

import json
import math
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from classifiers import contract, registry
from classifiers.prompt import read_prompt
from classifiers.prompt.guard import MOST_BYTES, GuardModel, configured
from classifiers.prompt.guard_formats import CODES, DEFINITIONS, FIXED, LEAST, SURE, NoSense, labels_of, read
from safety.errors import BadInput
from safety.policy import DEFAULT, parse
from safety.prompt import Prompt
from safety.settings import Settings, read_settings
from safety.signal import Report
from tests.classifiers.prompt.guard_server import Answer, Server, completion, saying, sending

ANSWERS = Path(__file__).parent / "assets" / "guard_answers"
KEY = "sk-test-6d1f0c"


def judging(violation: object, labels: object, **more: object) -> str:
    return json.dumps({"violation": violation, "labels": labels, "rationale": "because", **more})


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def ask(server: Server, text: str = "a boat on a lake", style: Any = "llama-guard", **more: Any) -> Report:
    guard = GuardModel(server.url, "the-model", style, **({"seconds": 20.0} | more))
    report = guard.detect(read_prompt(Prompt(text=text)))
    guard.close()
    return report


def found(report: Report) -> dict[str, float]:
    assert report.failure is None, report.failure
    return {s.label: s.score for s in report.signals}


def test_a_prompt_the_model_finds_safe_has_no_signal_in_either_style(server: Server) -> None:
    assert found(ask(server)) == {}
    server.answer = saying(judging(False, []))
    assert found(ask(server, style="safeguard")) == {}


def test_the_codes_of_llama_guard_become_our_labels(server: Server) -> None:
    server.answer = saying("\n\nunsafe\nS1,S9")
    assert found(ask(server)) == {"violence": FIXED, "illegal": FIXED}


def test_the_labels_of_a_safeguard_model_are_taken_as_they_are(server: Server) -> None:
    server.answer = saying(judging(1, ["gore", "hate"]))
    assert found(ask(server, style="safeguard")) == {"gore": FIXED, "hate": FIXED}


@pytest.mark.parametrize("unsafe", [0.999, 0.75, 0.51])
def test_probabilities_make_the_score_where_they_are_offered(server: Server, unsafe: float) -> None:
    tops = [{"token": "unsafe", "logprob": math.log(unsafe)}, {"token": " safe", "logprob": math.log(1 - unsafe)}]
    tokens = [{"token": "\n\n", "logprob": 0.0, "top_logprobs": []}, {**tops[0], "top_logprobs": tops}]
    server.answer = sending(completion("unsafe\nS10", logprobs={"content": tokens}))
    score = found(ask(server))["hate"]
    assert score == pytest.approx(LEAST + (SURE - LEAST) * (2 * unsafe - 1), abs=1e-3)


def test_the_question_is_the_reading_without_disguise_and_at_most_two_more(server: Server) -> None:
    ask(server, "a n\u200ba\u200bk3d w0man, and cG9ybiB2aWRlbyBvZiB0d28gcGVvcGxl")
    ((_, question),) = server.asked
    (message,) = question["messages"]
    assert message["role"] == "user"
    assert "naked woman" in message["content"]
    assert "\u200b" not in message["content"]
    assert message["content"].count("with its disguise taken off") <= 2
    assert (question["model"], question["temperature"], question["stream"], question["logprobs"]) == ("the-model", 0, False, True)
    assert server.paths == ["/v1/chat/completions"]


def test_a_safeguard_model_is_told_the_policy_of_every_label_it_may_answer_with(server: Server) -> None:
    server.answer = saying(judging(False, []))
    ask(server, style="safeguard")
    system, user = server.asked[0][1]["messages"]
    assert (system["role"], user) == ("system", {"role": "user", "content": "a boat on a lake"})
    for label in labels_of("safeguard"):
        assert f"- {label}: {DEFINITIONS[label]}" in system["content"]


def test_every_label_of_both_styles_is_in_the_shipped_policy() -> None:
    policy = parse(DEFAULT.read_text("utf-8"))
    assert labels_of("llama-guard") | labels_of("safeguard") <= policy.labels("prompt")
    assert set(CODES) == {f"S{n}" for n in range(1, 15)}


def test_alone_it_refuses_nothing_but_the_sexualisation_of_children() -> None:
    blocking = [
        condition.label
        for clause in parse(DEFAULT.read_text("utf-8")).clauses
        if clause.gate == "prompt" and clause.outcome == "block"
        for condition in clause.when.conditions
        if condition.label in labels_of("llama-guard") | labels_of("safeguard") and condition.at_least <= SURE
    ]
    assert blocking == ["sexual_minors"]


@pytest.mark.parametrize("name", sorted(path.name for path in ANSWERS.glob("*.json")))
def test_an_answer_of_another_form_is_refused_with_a_sentence(name: str) -> None:
    asset = json.loads((ANSWERS / name).read_text("utf-8"))
    raw = asset["body"] if isinstance(asset["body"], str) else json.dumps(asset["body"])
    with pytest.raises(NoSense) as refused:
        read(asset["style"], raw.encode())
    assert str(refused.value) == asset["says"]


UNUSABLE = "gave an answer that cannot be used"
FAILURES: dict[str, tuple[Answer, str]] = {
    "garbage": (sending(b"\x00\xffnot json"), f"{UNUSABLE}: it is no chat completion with one answer."),
    "a web page": (sending(b"<html>hello</html>"), f"{UNUSABLE}: it is no chat completion with one answer."),
    "prose": (saying("I would say this is fine."), f"{UNUSABLE}: it is neither 'safe' nor 'unsafe' with codes."),
    "500": (sending(b"boom", 500), "answered with status 500."),
    "429": (sending(b"slow down", 429), "answered with status 429."),
    "a redirect": (sending(b"", 302, Location="http://127.0.0.1:1/"), "answered with status 302."),
    "huge": (sending(b" " * (MOST_BYTES + 1) + completion("safe")), f"answered with more than {MOST_BYTES:,} bytes."),
    "cut off": (sending(completion("unsafe\nS1", "length")), f"{UNUSABLE}: it was cut off at its longest."),
    "half an answer": (
        lambda h: (h.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{"), h.connection.shutdown(socket.SHUT_RDWR))[0],
        "could not be reached (RemoteProtocolError).",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "why"), FAILURES.values(), ids=FAILURES.keys())
def test_what_goes_wrong_is_a_failure_with_its_reason(server: Server, answer: Answer, why: str) -> None:
    server.answer = answer
    report = ask(server)
    assert report.signals == ()
    assert report.failure == f"The second opinion llama-guard/1 {why}"


def test_a_server_that_is_not_there_is_a_failure() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: whoever connects is refused
        guard = GuardModel(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", "m", "llama-guard", 5.0)
        report = guard.detect(read_prompt(Prompt(text="a boat")))
    assert report.failure == "The second opinion llama-guard/1 could not be reached (ConnectError)."


def test_an_answer_after_the_deadline_is_a_failure(server: Server) -> None:
    server.answer = lambda handler: (server.released.wait(30), saying("safe")(handler))[1]
    report = ask(server, seconds=0.2)
    assert report.failure == "The second opinion llama-guard/1 did not answer within 0.2 s."


def test_an_answer_that_drips_past_the_deadline_is_a_failure(server: Server) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(2000):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            if server.released.wait(0.02):
                return

    server.answer = drip
    assert ask(server, seconds=0.3).failure == "The second opinion llama-guard/1 did not answer within 0.3 s."


def test_the_key_is_sent_in_its_header_and_is_in_no_failure(server: Server, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    server.answer = sending(f"your key {KEY} is wrong".encode(), 401)
    report = ask(server, key_file=file)
    assert server.asked[0][0]["Authorization"] == f"Bearer {KEY}"
    assert report.failure == "The second opinion llama-guard/1 answered with status 401."


@pytest.mark.parametrize("content", [b"", b"two keys\nhere", b"\xff\xfe", None], ids=["empty", "two lines", "no text", "gone"])
def test_a_key_file_without_one_key_in_it_is_a_failure_and_nothing_is_sent(
    server: Server, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    report = ask(server, key_file=file)
    assert "has a key file" in (report.failure or "")
    assert server.asked == []


def test_a_proxy_of_the_environment_is_not_taken(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert found(ask(server)) == {}


def test_questions_share_one_connection(server: Server) -> None:
    ports: list[int] = []
    calm = server.answer
    server.answer = lambda handler: (ports.append(handler.client_address[1]), calm(handler))[1]
    guard = GuardModel(server.url, "m", "llama-guard", 20.0)
    for _ in range(3):
        guard.detect(read_prompt(Prompt(text="a boat")))
    guard.close()
    assert len(set(ports)) == 1


@pytest.mark.parametrize(("style", "calm"), [("llama-guard", "safe"), ("safeguard", judging(False, []))])
def test_it_keeps_the_contract_of_every_detector(server: Server, style: Any, calm: str) -> None:
    server.answer = saying(calm)
    guard = GuardModel(server.url, "m", style, 20.0)
    contract.check_prompt_detector(guard)
    guard.close()


def test_it_is_off_unless_an_address_is_set_and_then_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured(Settings()) is None
    monkeypatch.delenv("CLEARANCE_GUARD_URL", raising=False)
    registry._made.cache_clear()
    assert not any(isinstance(d, GuardModel) for d in registry.prompt_detectors())


def test_an_address_in_the_environment_puts_it_behind_the_other_detectors(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = registry.emitted_labels("prompt")
    monkeypatch.setenv("CLEARANCE_GUARD_URL", server.url)
    monkeypatch.setenv("CLEARANCE_GUARD_MODEL", "the-model")
    registry._made.cache_clear()
    try:
        *_, last = registry.prompt_detectors()
        assert isinstance(last, GuardModel)
        assert registry.emitted_labels("prompt") <= before | {"reserved_name"}
        server.answer = saying("unsafe\nS11")
        *_, report = registry.run_prompt(Prompt(text="a boat"))
        assert found(report) == {"self_harm": FIXED}
        last.close()
    finally:
        monkeypatch.undo()
        registry._made.cache_clear()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"guard_url": "ftp://x"}, "must be an http or https address"),
        ({"guard_url": "http://me:secret@127.0.0.1/v1"}, "must not carry a key"),
        ({"guard_url": "http://127.0.0.1/v1?key=secret"}, "must not carry a key"),
        ({"guard_model": ""}, "CLEARANCE_GUARD_MODEL is not"),
        ({"guard_key_file": Path("/nowhere/key")}, "There is no key file"),
    ],
)
def test_settings_that_cannot_work_are_refused_at_the_start(change: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words) as refused:
        configured(Settings(**({"guard_url": "http://127.0.0.1/v1", "guard_model": "m"} | change)))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), [("SECONDS", "0"), ("SECONDS", "soon"), ("STYLE", "oracle")])
def test_a_setting_of_the_wrong_kind_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"CLEARANCE_GUARD_{name}"):
        read_settings({f"CLEARANCE_GUARD_{name}": value})
