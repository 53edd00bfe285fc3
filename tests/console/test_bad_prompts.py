"""What cannot be a prompt is turned away at every door with one sentence; what can, however odd, gets an answer. Never a 500."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
from fastapi.testclient import TestClient

from safety.judge import MISSING
from safety.prompt import MAX_PROMPT_CHARS
from streams.context import Context
from streams.submitting import wait
from tests.console.conftest import Run

JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
EVERY_LANGUAGE = (
    "A dog Ένας σκύλος Собака כלב كلب کتا कुत्ता কুকুর நாய் కుక్క ನಾಯಿ നായ ไม้ ໝາ ខ្ម ခွေး 狗 犬 いぬ イヌ 개 ძაღლი շուն ውሻ ཁྱི ᏗᎵ 𐤀𐤁 ꦱ"
)
#: Odd, but words: they get an answer like every other.
ODD = {
    "every language": EVERY_LANGUAGE,
    "emoji and a word": "😀" * 10_000 + " dog",
    "a word under marks": "d" + "\u0301" * 10_000 + "og",
    "the longest": "dog " * (MAX_PROMPT_CHARS // 4),
    "from right to left": "\u202ea dog on the beach\u202c",
    "markup": "<script>alert(1)</script> {{7*7}} ' OR 1=1 --",
}
#: No words at all, or not text; the status of each.
NO_PROMPT: dict[str, tuple[str, int]] = {
    "empty": ("", 422),
    "blank": (" \t\n\u00a0\u2003", 422),
    "emoji": ("😀" * 10_000, 422),
    "marks": ("\u0301" * 500, 422),
    "invisible": ("\u200b\u200d\u2060\ufeff" * 50, 422),
    "NUL": ("a dog\x00on the beach", 422),
    "controls": ("\x01\x02\x03 dog", 422),
    "too long": ("x" * (MAX_PROMPT_CHARS + 1), 413),
    "1 MB": ("dog " * 250_000, 413),
}


def is_problem(answer: Any, *statuses: int) -> str:
    """Holds ``answer`` to the one shape of errors and returns its sentence."""
    assert answer.status_code in statuses, answer.text[:300]
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code and body["type"].startswith("urn:clearance:problem:")
    sentence = str(body["detail"])
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 300 and "Traceback" not in answer.text
    return sentence


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_an_odd_prompt_is_answered_at_every_door(client: TestClient, ctx: Context, text: str) -> None:
    assert client.post("/v1/screen", json={"prompt": text}).json()["outcome"] == "allow"
    sent = client.post("/v1/submissions", json={"prompt": text, "requester": "mara"})
    assert sent.status_code == 202
    [ended] = wait(ctx, [sent.json()["id"]], 20)
    assert ended.status == "released" and ended.prompt == text
    page = client.post("/submit", data={"prompt": text, "requester": "mara"}, headers={"accept": "text/html"})
    assert page.status_code == 200 and page.url.path.startswith("/submissions/")


@pytest.mark.parametrize(("text", "status"), NO_PROMPT.values(), ids=NO_PROMPT.keys())
@pytest.mark.parametrize("path", ["/v1/screen", "/v1/submissions"])
def test_what_is_no_prompt_is_turned_away_with_one_sentence(client: TestClient, path: str, text: str, status: int) -> None:
    is_problem(client.post(path, json={"prompt": text, "requester": "mara"}), status)
    assert client.get("/v1/submissions").json() == []


@pytest.mark.parametrize(("text", "status"), NO_PROMPT.values(), ids=NO_PROMPT.keys())
def test_the_form_says_so_above_itself(client: TestClient, text: str, status: int) -> None:
    answer = client.post("/submit", data={"prompt": text, "requester": "mara"}, headers={"accept": "text/html"})
    assert answer.status_code == status and answer.text.count('role="alert"') == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"prompt": "a dog \xff\xfe", "requester": "mara"}',
        b'{"prompt": "a dog \xed\xa0\x80", "requester": "mara"}',
        b'{"prompt": "a dog \xc0\xaf", "requester": "mara"}',
        b'{"prompt": "a dog \\ud800 alone", "requester": "mara"}',
        b'{"prompt": "a dog \\udfff\\ud800 turned", "requester": "mara"}',
        b'{"prompt": "a dog \\u0000", "requester": "mara"}',
        b'{"prompt": "a dog", "requester": "\\ud800"}',
        b'{"prompt": "a dog", "requester": "m\\u0000"}',
        b'{"prompt": "a dog", "requester": "mara", "language": "\\ud800"}',
        b'{"prompt": "a dog", "requester": "mara", "cameos": ["\\ud800"]}',
        b'{"prompt": "a dog", "requester": "mara", "cameos": ["\\u0000"]}',
        b'{"prompt": "a dog", "requester": "mara", "remix_of": "\\ud800"}',
        b'{"prompt": "a dog", "requester": "mara", "remix_of": "\\u0000"}',
        b'{"prompt": ["a", "dog"], "requester": "mara"}',
        b'{"prompt": null, "requester": "mara"}',
        b'{"prompt": 1e999, "requester": "mara"}',
        b'{"prompt": "a dog", "prompt": "", "requester": "mara"}',
        b"\xff\xfe{\x00}\x00",
        b"\x00" * 1000,
        b'"a dog"',
        b"",
        b"{" * 50_000,
        "a dog".encode("utf-16"),
    ],
    ids=range(23),
)
@pytest.mark.parametrize("path", ["/v1/screen", "/v1/submissions"])
def test_a_body_of_raw_bytes_is_a_problem_document(client: TestClient, path: str, body: bytes) -> None:
    answer = client.post(path, content=body, headers=JSON)
    if path == "/v1/screen" and answer.status_code == 200:  # it has no such field, or never looks it up
        assert answer.json()["outcome"] in ("allow", "hold")
        return
    is_problem(answer, 400, 404, 422)


@pytest.mark.parametrize("raw", [b"a dog \xff\xfe", b"\xed\xa0\x80 dog", b"a dog \x00", b"\xff" * 100])
def test_a_form_of_raw_bytes_is_answered_with_a_page(client: TestClient, raw: bytes) -> None:
    body = b"prompt=" + quote_from_bytes(raw).encode() + b"&requester=mara"
    answer = client.post("/submit", content=body, headers=FORM | {"accept": "text/html"})
    assert answer.status_code in (200, 400, 422) and "<h1" in answer.text and "Traceback" not in answer.text
    spelled = client.post("/submit", content=b"prompt=" + raw + b"&requester=mara", headers=FORM | {"accept": "text/html"})
    assert spelled.status_code in (200, 400, 422) and "<h1" in spelled.text


def test_a_form_in_parts_with_raw_bytes_is_answered_with_a_page(client: TestClient) -> None:
    parts = b'--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\na dog \xff\xfe\r\n--x--\r\n'
    for body in (parts, parts[:40], b"--x\r\n\xff\r\n--x--", b""):
        answer = client.post(
            "/submit", content=body, headers={"content-type": "multipart/form-data; boundary=x", "accept": "text/html"}
        )
        assert answer.status_code in (200, 400, 422) and "<h1" in answer.text


def test_a_file_of_many_lines_gets_an_answer_a_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "many.txt"
    file.write_text("a dog on the beach\n" * 3_000 + "\n" + "a massacre\n", "utf-8")
    answer = run("screen", "--file", str(file), "--workers", "1", "--json")
    rows = [json.loads(line) for line in answer.stdout.splitlines()]
    assert answer.exit_code == 0 and len(rows) == 3_002
    assert [row["outcome"] for row in rows[2_999:]] == ["allow", "hold", "block"]


def test_an_empty_file_has_no_answers(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "empty.txt"
    file.touch()
    answer = run("screen", "--file", str(file), "--json")
    assert (answer.exit_code, answer.stdout) == (0, "")


@pytest.mark.parametrize(
    "line", [text.replace("\n", " ").encode() for text, _ in NO_PROMPT.values()] + [b"\xff dog", b"\xed\xa0\x80 dog"]
)
def test_a_line_that_is_no_prompt_is_held_with_its_reason(run: Run, line: bytes) -> None:
    answer = run("screen", "--file", "-", "--json", stdin=line + b"\n")
    [row] = [json.loads(each) for each in answer.stdout.splitlines()]
    assert answer.exit_code == 0
    assert (row["outcome"], row["clause"]) == ("hold", MISSING) and row["error"].endswith(".")


@pytest.mark.parametrize("text", ["", " ", "😀" * 10_000, "\u0301" * 100, "x" * 100_000, "\udcff\udcfe dog"])
def test_a_prompt_on_the_command_line_that_is_none_is_one_sentence(run: Run, text: str) -> None:
    answer = run("submit", text, "--as", "mara")
    assert answer.exit_code == 2 and answer.stderr.strip().endswith(".") and len(answer.stderr.strip().splitlines()) == 1
    assert json.loads(run("screen", text, "--json").stdout)["outcome"] == "hold"
