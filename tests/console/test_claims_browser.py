"""Claims in a real browser: without a script, by keyboard, in two languages, on a telephone; and no word to a foreign origin."""

from __future__ import annotations

import gzip
import hashlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
import uvicorn

from console.app import create_app
from console.serve import address, bind
from generator.codec import write_clip
from safety.media import Frame, Progress, ShouldStop
from streams import claims
from streams.context import Context
from streams.local import LocalRunner
from tests.console.claiming import Alike, Nobody, NoFaces
from tests.console.consenting import film, make_consent_context
from tests.console.film import FilmDrawing
from tests.console.test_browser import CHROMIUM, wait_until

pytestmark = pytest.mark.browser
AXE = gzip.decompress((Path(__file__).parent / "axe" / "axe.min.js.gz").read_bytes()).decode()


class Colours(FilmDrawing):
    """Draws another film for every prompt, so that no clip is the same as another."""

    def draw(self, order: Any, *, should_stop: ShouldStop, progress: Progress) -> str | None:
        colour = np.frombuffer(hashlib.sha256(order.prompt.encode()).digest()[:3], np.uint8)
        frames = (Frame(np.tile(colour, (180, 320, 1)) // 2 + index * 4, index / 12, index) for index in range(24))
        with self.blobs.draft_file() as path:
            write_clip(path, frames, None, width=320, height=180, fps=12)
            progress(1.0, "drawn")
            return self.blobs.put(order.id, path)


@dataclass(frozen=True)
class Site:
    """A served system with a clip, a remix of it, and one that shows whoever's photograph is sent."""

    ctx: Context
    url: str
    clip: str
    alike: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    made = make_consent_context(tmp_path_factory.mktemp("site"))
    found = Alike()
    more = {
        "fingerprinter": SimpleNamespace(name="none/1"), "faces": NoFaces(made.settings.home / "scratch"), "people": Nobody(),
        "clip_faces": found,
    }  # fmt: skip
    ctx = replace(made, parts=SimpleNamespace(**vars(made.parts) | more), generation=Colours(made.blobs))
    listening = bind("127.0.0.1", 0)
    with LocalRunner(ctx) as runner:
        clip = str(film(ctx, "a boat on a lake", "mara").clip)
        film(ctx, "the same boat at night", "lena", clip)
        found.clip = str(film(ctx, "a pier in the rain", "theo").clip)
        server = uvicorn.Server(uvicorn.Config(create_app(ctx, runner), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + 30
        while not server.started and time.monotonic() < end:
            time.sleep(0.02)
        yield Site(ctx, address(listening), clip, found.clip)
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("BROWSER TESTS SKIPPED: Chromium is missing; install it or name it in CHROMIUM.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def test_a_claim_is_filed_followed_and_upheld_without_a_script(browser: Any, site: Site, tmp_path: Path) -> None:
    photograph = tmp_path / "me.png"
    cv2.imwrite(str(photograph), np.full((300, 300, 3), 120, np.uint8))
    context = browser.new_context(base_url=site.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda r: None if r.url.startswith((site.url, "data:")) else foreign.append(r.url))
    page.goto(f"/clips/{site.clip}")
    page.get_by_role("link", name="This is me").click()
    page.get_by_label("It shows me naked or in an intimate act").check()
    assert site.clip in page.get_by_label("Addresses of the clips").input_value()
    page.get_by_label("A photograph of the face").set_input_files(photograph)
    page.get_by_label("What is wrong, in your own words").fill("This is me on a boat.")
    page.get_by_label("How to reach you").fill("ines@example.org")
    page.get_by_label("I state in good faith").check()
    page.get_by_label("Your full name").fill("Ines Okonkwo")
    page.get_by_role("button", name="Send the claim").click()
    page.get_by_text("One clip is shown to nobody until then.").wait_for()
    assert page.get_by_role("link", name=site.alike).count() == 1
    number = page.locator(".ticket").inner_text().strip()
    page.goto(f"/claims/{number}")
    page.get_by_label("Your name").first.fill("noor")
    page.get_by_role("button", name="Read it, and show the contact").click()
    page.get_by_text("ines@example.org").wait_for()
    page.get_by_label("Uphold").check()
    page.get_by_label("Reason, in a sentence").fill("It is her.")
    page.get_by_label("Your name").last.fill("noor")
    page.get_by_role("button", name="Decide the claim").click()
    page.get_by_text("Decided by noor").wait_for()
    page.goto("/claim/status")
    page.get_by_label("Number of the claim").fill(number.lower())
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Clips withdrawn, remixes among them: 2.").wait_for()
    page.goto(f"/clips/{site.clip}")
    page.get_by_text("the claim was upheld").wait_for()
    assert foreign == []
    context.close()


def test_a_withheld_clip_is_looked_at_blurred_and_let_go_by_keyboard(browser: Any, site: Site) -> None:
    said = claims.claim_of(
        kind="intimate", contact="noor@example.org", statement="Me.", signature="Noor", good_faith=True, clips=[site.alike]
    )  # fmt: skip
    number = claims.file(site.ctx, said).number
    context = browser.new_context(base_url=site.url, locale="en-GB")
    page = context.new_page()
    page.goto(f"/clips/{site.alike}")
    page.get_by_role("heading", name="This clip is withheld").wait_for()
    assert page.locator("video").count() == 0
    page.goto("/")
    assert page.locator(f"a[href='/clips/{site.alike}']").count() == 0
    page.goto(f"/claims/{number}")
    page.get_by_text("Look at three frames").press("Enter")
    wait_until(page, "[...document.querySelectorAll('.frame img')].filter(i => i.naturalWidth > 0).length == 3")
    page.get_by_label(f"Clip {site.alike[:8]}").press("Space")
    page.get_by_label("Your name").last.fill("sven")
    page.get_by_role("button", name="Withhold exactly the ticked clips until then").press("Enter")
    page.get_by_text("shown again by a moderator").wait_for()
    assert not claims.status(site.ctx, number).withheld
    context.close()


#: Numbers are drawn by chance, and letters differ in width: on every page this one becomes the widest there can be.
WIDEST = """number => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) walk.currentNode.data = walk.currentNode.data.replace(number, "CLM-WWWW-WWWW");
}"""


def test_every_page_of_claims_is_free_of_what_axe_finds_in_both_languages_and_fits_a_telephone(browser: Any, site: Site) -> None:
    said = claims.claim_of(
        kind="depicted", contact="rosa@example.org", statement="Me.", signature="Rosa", good_faith=True, clips=[site.alike]
    )  # fmt: skip
    number = claims.file(site.ctx, said).number
    paths = (
        f"/claim?clip={site.alike}", "/claim/status?", f"/claim/status?number={number}", "/claim/status?number=nothing",
        "/claims?status=all", f"/claims/{number}?", "/cases?",
    )  # fmt: skip
    found = []
    for language, width in (("en", 1200), ("fr", 360)):
        context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 800}, reduced_motion="reduce")
        page = context.new_page()
        for path in paths:
            page.goto(f"{path}&lang={language}")
            page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
            page.evaluate(AXE)
            told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            found += [(path, language, v["id"], [n["target"] for n in v["nodes"]]) for v in told["violations"]]
            page.evaluate(WIDEST, number)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)
            assert page.locator("h1").count() == 1 and page.locator("html").get_attribute("lang") == language
        context.close()
    assert found == []
