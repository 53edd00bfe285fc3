"""Claims on pages, without script: filed, followed, read and decided, and nothing personal where it was not asked for."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from consent.cameo_tables import claims as claims_table
from console.app import create_app
from console.claiming import TAKES
from console.pages.paper import say
from safety import releases
from safety.releases import Cause
from safety.tables import ledger
from streams import claims
from streams.context import Context
from tests.console.claiming import CLIP, OTHER, SAID, make_claims_context

HTML = {"accept": "text/html"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])


@pytest.fixture
def ctx(tmp_path: Path) -> Context:
    return make_claims_context(tmp_path / "home")


@pytest.fixture
def client(ctx: Context) -> TestClient:
    return TestClient(create_app(ctx), raise_server_exceptions=False, headers=HTML)


def filed(client: TestClient, **more: Any) -> str:
    answer = client.post("/claim", data=SAID | {"kind": "depicted", "clips": f"/clips/{CLIP}"} | more)
    assert answer.status_code == 201, answer.text
    return number_in(answer.text)


def number_in(page: str) -> str:
    found = re.search(r'class="ticket"[^>]*><strong>(CLM-\w{4}-\w{4})</strong>', page)
    assert found, page
    return found[1]


@LANGUAGES
def test_every_page_of_claims_is_served_in_both_languages(client: TestClient, language: str) -> None:
    number = filed(client)
    for path in (
        "/claim",
        "/claim/status",
        f"/claim/status?number={number}",
        "/claims",
        "/claims?status=all",
        f"/claims/{number}",
    ):
        answer = client.get(path, headers={"accept-language": language})
        assert answer.status_code == 200 and f'<html lang="{language}">' in answer.text, path
        assert answer.text.count("<h1") == 1 and "style=" not in answer.text and "onclick" not in answer.text


def test_the_form_is_a_link_away_and_knows_the_clip(client: TestClient) -> None:
    assert 'href="/claim"' in client.get("/verify").text
    assert f">{CLIP}</textarea>" in client.get(f"/claim?clip={CLIP}").text


def test_a_mistake_is_said_above_the_form_with_everything_still_filled_in(client: TestClient) -> None:
    answer = client.post("/claim", data=SAID | {"kind": "intimate", "good_faith": "", "clips": CLIP})
    assert answer.status_code == 422 and "good faith" in answer.text and 'role="alert"' in answer.text
    for kept in (f">{CLIP}</textarea>", "This is me on a boat.", 'value="ines@example.org"', 'value="intimate" required checked'):
        assert kept in answer.text, kept


def test_what_cannot_wait_is_withheld_and_the_rest_is_not(client: TestClient) -> None:
    client_said = client.post("/claim", data=SAID | {"kind": "depicted", "clips": CLIP}).text
    assert "stay where they are" in client_said
    urgent = client.post("/claim", data=SAID | {"kind": "intimate", "clips": CLIP, "contact": "noor@example.org"}).text
    assert "One clip is shown to nobody" in urgent
    answer = client.get(f"/v1/clips/{CLIP}/media")
    assert answer.status_code == 451 and "withheld while" in answer.text


def test_a_photograph_is_looked_at_in_the_scratch_folder_and_gone(client: TestClient, ctx: Context) -> None:
    import cv2
    import numpy as np

    _, png = cv2.imencode(".png", np.full((300, 300, 3), 120, np.uint8))
    data = SAID | {"kind": "depicted", "clips": ""}
    answer = client.post("/claim", data=data, files={"face": ("../../me.png", png.tobytes(), "image/png")})
    assert answer.status_code == 201 and OTHER in answer.text and "shows the face" in answer.text
    scratch = ctx.settings.home / "scratch"
    assert len(ctx.parts.faces.seen) == 1 and ctx.parts.faces.seen[0].endswith("file-1.png")
    assert [p for p in scratch.rglob("*") if p.is_file()] == []
    assert b"me.png" not in b"".join(p.read_bytes() for p in ctx.settings.home.rglob("*.db*"))


def test_a_number_opens_its_state_and_nothing_personal(client: TestClient) -> None:
    number = filed(client)
    page = client.get("/claim/status", params={"number": number.lower().replace("-", " ")}).text
    assert "waits for a person" in page
    assert not any(word in page for word in ("Ines", "ines@", "boat", CLIP))


def test_a_wrong_number_takes_as_long_and_is_answered_kindly(client: TestClient) -> None:
    number, took = filed(client), []
    for asked in (number, "CLM-2222-2222"):
        begun = time.perf_counter()
        answer = client.get("/claim/status", params={"number": asked})
        took.append(time.perf_counter() - begun)
    assert answer.status_code == 404 and "letter by letter" in answer.text
    assert min(took) >= TAKES


def test_what_was_written_is_shown_when_asked_for_and_the_ledger_knows(client: TestClient, ctx: Context) -> None:
    number = filed(client)
    closed = client.get(f"/claims/{number}").text
    assert not any(word in closed for word in ("Ines Okonkwo", "ines@example.org", "boat"))
    assert client.post(f"/claims/{number}/opening", data={"moderator": " "}).status_code == 422
    assert not entries(ctx, "claim-read")
    opened = client.post(f"/claims/{number}/opening", data={"moderator": "noor"}).text
    assert all(word in opened for word in ("Ines Okonkwo", "ines@example.org", "boat"))
    assert len(entries(ctx, "claim-read")) == 1


def test_consequences_are_told_before_and_are_what_happens(client: TestClient) -> None:
    number = filed(client)
    page = client.get(f"/claims/{number}").text
    assert re.search(r"Clips withdrawn</dt><dd>2<", page) and "made from them</dt><dd>1<" in page
    none = client.post(f"/claims/{number}", data={"step": "count"}).text
    assert "Nothing would be withdrawn" in none
    decision = {"step": "decide", "decision": "uphold", "clip": [CLIP], "moderator": "noor", "reason": "It <is> her."}
    done = client.post(f"/claims/{number}", data=decision)
    assert "remixes among them: 2." in done.text and "It &lt;is&gt; her." in done.text
    assert "It &lt;is&gt; her." in client.get("/claim/status", params={"number": number}).text
    gone = client.get(f"/v1/clips/{CLIP}/media")
    assert gone.status_code == 410 and "the claim was upheld" in gone.text


def test_what_is_not_ticked_stays(client: TestClient, ctx: Context) -> None:
    number = filed(client, clips=f"{CLIP}\n{OTHER}")
    decision = {"step": "decide", "decision": "uphold", "moderator": "noor", "reason": "That one."}
    nothing = client.post(f"/claims/{number}", data=decision)
    assert nothing.status_code == 422 and "Nothing would be withdrawn" in nothing.text
    done = client.post(f"/claims/{number}", data=decision | {"clip": [OTHER]})
    assert "remixes among them: 1." in done.text
    with ctx.db.read() as conn:
        assert [releases.get(conn, clip).withdrawal is None for clip in (CLIP, OTHER)] == [True, False]


def test_every_cause_of_a_withdrawal_has_words() -> None:
    for cause in get_args(Cause):
        assert say(f"cause.{cause}", "en") != say(f"cause.{cause}", "fr"), cause


def test_a_moderator_withholds_exactly_what_is_ticked_then_rejects(client: TestClient, ctx: Context) -> None:
    number = filed(client, clips=f"{CLIP}\n{OTHER}")
    client.post(f"/claims/{number}", data={"step": "withhold", "clip": [OTHER], "moderator": "noor"})
    [withheld] = [f.clip for f in client_claims(ctx)[0].found if f.withheld]
    assert withheld == OTHER
    wrong = client.post(f"/claims/{number}", data={"step": "decide", "decision": "reject", "moderator": "noor", "reason": ""})
    assert wrong.status_code == 422 and 'value="reject" required checked' in wrong.text
    client.post(f"/claims/{number}", data={"step": "decide", "decision": "reject", "moderator": "noor", "reason": "A cartoon."})
    page = client.get("/claim/status", params={"number": number}).text
    assert "was not upheld" in page and "A cartoon." in page
    assert "withheld" not in client.get(f"/v1/clips/{OTHER}/media").text


def test_what_is_overdue_is_said_in_words_counted_and_first(client: TestClient, ctx: Context) -> None:
    first, late = filed(client), filed(client, contact="noor@example.org")
    with ctx.db.write() as conn:
        when = ctx.clock() - timedelta(hours=3, minutes=5)
        conn.execute(sa.update(claims_table).where(claims_table.c.number == late).values(due_at=when))
    page = client.get("/claims").text
    assert page.index(late) < page.index(first)
    assert "Overdue by 3 hours" in page and 'id="late">1<' in page
    assert "Overdue: 1" in client.get("/cases").text
    assert "delay is ours" in client.get("/claim/status", params={"number": late}).text


def entries(ctx: Context, kind: str) -> list[Any]:
    with ctx.db.read() as conn:
        return [*conn.execute(sa.select(ledger).where(ledger.c.kind == kind))]


def client_claims(ctx: Context) -> Any:
    return claims.listing(ctx)
