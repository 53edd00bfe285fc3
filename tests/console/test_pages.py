"""The pages without a browser: both languages whole, every page served, mistakes shown where they were made."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Formatter

import pytest
from fastapi.testclient import TestClient

from console.pages.paper import CATALOGUE, TEMPLATES, say
from safety.cases import REASONS
from safety.verdict import Outcome
from streams.context import Context
from streams.submissions import STATUSES, Submission
from streams.withdrawal import withdraw

Made = Callable[..., Submission]
HTML = {"accept": "text/html"}


def test_every_word_is_there_in_both_languages_with_the_same_gaps() -> None:
    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, (english, french) in CATALOGUE.items():
        assert english.strip() and french.strip() and gaps(english) == gaps(french), key


def test_every_key_that_a_template_names_exists() -> None:
    for template in TEMPLATES.glob("*.html"):
        for key in re.findall(r"\bt\([\"']([a-z0-9.-]+)[\"'][,)]", template.read_text("utf-8")):
            assert key in CATALOGUE, f"{template.name}: {key}"


def test_every_status_reason_and_outcome_has_words() -> None:
    keys = [f"status.{s}" for s in STATUSES] + [f"reason.{r}" for r in REASONS] + [f"outcome.{o}" for o in Outcome]
    for key in keys:
        assert say(key, "en") != say(key, "fr"), key


@pytest.mark.parametrize("path", ["/", "/submit", "/cases", "/cases?status=decided", "/people", "/works", "/verify"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_served_in_both_languages(client: TestClient, path: str, language: str) -> None:
    answer = client.get(path, headers=HTML | {"accept-language": language})
    assert answer.status_code == 200 and f'<html lang="{language}">' in answer.text
    assert answer.text.count("<h1") == 1 and '<main id="main"' in answer.text
    assert "style=" not in answer.text and "onclick" not in answer.text


def test_a_chosen_language_is_remembered(client: TestClient) -> None:
    client.get("/?lang=fr", headers=HTML)
    assert '<html lang="fr">' in client.get("/submit", headers=HTML).text


def test_a_mistake_is_shown_above_the_form_with_everything_still_filled_in(client: TestClient) -> None:
    answer = client.post("/submit", data={"prompt": "a lake", "requester": "mara", "cameos": "nobody"}, headers=HTML)
    assert answer.status_code == 404 and 'role="alert"' in answer.text
    assert "a lake</textarea>" in answer.text and 'value="nobody"' in answer.text


def test_a_prompt_is_sent_and_followed(client: TestClient, made: Made) -> None:
    answer = client.post("/submit", data={"prompt": "a lake", "requester": "mara"}, headers=HTML)
    assert answer.status_code == 200 and answer.url.path.startswith("/submissions/")
    refused = client.get(f"/submissions/{made('a massacre').id}", headers=HTML).text
    told = "VIOLENCE, Violence. Violence is not shown. You wrote “massacre”."
    assert refused.count(told) == 1 and ">VIOLENCE</span> VIOLENCE" not in refused


def test_what_a_person_typed_is_shown_as_text(client: TestClient, made: Made) -> None:
    page = client.get(f"/submissions/{made('a lake <script>alert(1)</script>').id}", headers=HTML).text
    assert "<script>alert" not in page and "&lt;script&gt;" in page


def test_a_case_shows_why_and_is_decided_on_its_page(client: TestClient, made: Made) -> None:
    made("borderline walk")
    [case] = client.get("/v1/cases").json()
    page = client.get(f"/cases/{case['id']}", headers=HTML).text
    assert "Borderline" in page and "borderline walk" in page and "false-alarm" in page
    missing = client.post(f"/cases/{case['id']}", data={"decision": "allow", "moderator": "noor"}, headers=HTML)
    assert missing.status_code == 422 and 'role="alert"' in missing.text
    done = client.post(
        f"/cases/{case['id']}", data={"decision": "allow", "reason": "false-alarm", "moderator": "noor"}, headers=HTML
    )
    assert done.status_code == 200 and "Decided by noor" in done.text


def test_the_front_page_does_not_repeat_a_refused_prompt(client: TestClient, made: Made) -> None:
    made("a massacre in the square")
    assert "massacre" not in client.get("/", headers=HTML).text


def test_a_withdrawn_clips_page_says_why_and_shows_no_player(client: TestClient, ctx: Context, made: Made) -> None:
    clip = made("a lake").clip
    assert clip and "<video" in client.get(f"/clips/{clip}", headers=HTML).text
    with ctx.db.write() as conn:
        withdraw(conn, ctx, [clip], cause="opt-out", subject="work", reason="reserved", at=ctx.clock())
    page = client.get(f"/clips/{clip}", headers=HTML)
    assert page.status_code == 410 and "<video" not in page.text and "rights holder reserved" in page.text


def test_an_error_is_a_page_for_people_and_a_document_for_programs(client: TestClient) -> None:
    assert "<h1>Not found</h1>" in client.get("/nothing", headers=HTML).text
    assert client.get("/nothing").headers["content-type"] == "application/problem+json"
