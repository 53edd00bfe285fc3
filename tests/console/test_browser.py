"""The pages in a real browser: a clip from prompt to player, a case decided, a file verified, and no word to a foreign origin."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from console.app import create_app
from console.serve import address, bind
from streams.context import Context
from streams.local import LocalRunner
from streams.submissions import Order
from streams.submitting import submit, wait
from tests.console.film import make_film_context

pytestmark = pytest.mark.browser
CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
PAGES = ("/", "/submit", "/cases", "/cases?status=decided", "/people", "/works", "/verify", "/nothing-here")


@dataclass
class Site:
    """A served system, and what the browser complained about while it looked."""

    ctx: Context
    url: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    ctx = make_film_context(tmp_path_factory.mktemp("site"))
    listening = bind("127.0.0.1", 0)
    with LocalRunner(ctx) as runner:
        server = uvicorn.Server(uvicorn.Config(create_app(ctx, runner), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + 30
        while not server.started and time.monotonic() < end:
            time.sleep(0.02)
        yield Site(ctx, address(listening))
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing; install it (apt-get install chromium) or name it in CHROMIUM.")
        pytest.skip("BROWSER TESTS SKIPPED: Chromium is missing; install it or name it in CHROMIUM.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """A page that notes every request elsewhere and every complaint, and fails the test for them at the end."""
    site.foreign.clear()
    site.complaints.clear()
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1200, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(30_000)
    opened.on("request", lambda r: None if r.url.startswith((site.url, "data:")) else site.foreign.append(r.url))
    opened.on("console", lambda m: site.complaints.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: site.complaints.append(str(e)))
    yield opened
    context.close()
    assert site.foreign == []
    # a page that is not there says 404, and media of a withdrawn clip 410, as they should
    assert [c for c in site.complaints if "404" not in c and "410 (Gone)" not in c] == []


def _made(site: Site, prompt: str) -> Any:
    [ended] = wait(site.ctx, [submit(site.ctx, Order(prompt=prompt, requester="mara")).id], 30)
    return ended


def wait_until(page: Any, condition: str, seconds: float = 20.0) -> None:
    """Ask from outside until it is so: waiting inside the page needs eval, which its content security policy forbids."""
    from playwright.sync_api import Error

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(Error):  # the page may just be leaving; the next one will answer
            if page.evaluate(condition):
                return
        page.wait_for_timeout(50)
    raise AssertionError(f"still not: {condition}")


def test_a_prompt_becomes_a_clip_that_plays(page: Any) -> None:
    page.goto("/submit")
    page.get_by_label("What should be seen?").fill("a pale disc crosses the evening")
    page.get_by_label("Your name").fill("mara")
    page.get_by_role("button", name="Send it through the gates").click()
    page.get_by_text("Released", exact=True).wait_for()
    wait_until(page, "document.querySelector('video')?.readyState >= 1")
    assert page.evaluate("document.querySelector('video').videoWidth") == 320
    page.get_by_role("link", name="How was this made?").click()
    page.get_by_role("heading", name="How was this made?").wait_for()
    page.get_by_text("a pale disc crosses the evening").wait_for()
    page.get_by_role("link", name="Clearance").click()
    page.locator(".gallery li").first.wait_for()


def test_a_held_clip_is_shown_covered_uncovered_on_request_and_let_on(page: Any, site: Site) -> None:
    held = _made(site, "fog over the bay")
    assert held.status == "held"
    page.goto("/cases")
    page.get_by_role("link", name="fog over the bay").click()
    page.get_by_role("heading", name="Case: Blurred").wait_for()
    frame = page.locator("a.frame[aria-pressed]").first  # the script has run and listens
    frame.wait_for()
    picture = frame.locator("img")
    assert "clear=1" not in picture.get_attribute("src") and "blurred" in picture.get_attribute("alt")
    frame.focus()
    page.keyboard.press("Space")
    assert "clear=1" in picture.get_attribute("src") and frame.get_attribute("aria-pressed") == "true"
    wait_until(page, "document.querySelector('a.frame img').complete && document.querySelector('a.frame img').naturalWidth > 0")
    frame.click()
    assert "clear=1" not in picture.get_attribute("src")
    page.get_by_label("Let it on").check()
    page.get_by_label("Reason").select_option("false-alarm")
    page.get_by_label("Your name").fill("noor")
    page.get_by_role("button", name="Record the decision").click()
    page.get_by_text("Decided by noor").wait_for()
    [ended] = wait(site.ctx, [held.id], 30)
    assert ended.status == "released"


def test_a_refusal_names_the_rule_and_how_to_contest(page: Any, site: Site) -> None:
    page.goto(f"/submissions/{_made(site, 'a massacre').id}")
    page.get_by_text("Violence is not shown.").first.wait_for()
    assert page.get_by_text("You can contest this free of charge").is_visible()


def test_a_file_is_verified(page: Any, site: Site, tmp_path: Path) -> None:
    page.goto("/verify")
    made = _made(site, "a disc at noon")
    file = tmp_path / "clip.mp4"
    site.ctx.blobs.copy_out(made.id, _sealed(site, made.clip), file)
    page.get_by_label("Clip").set_input_files(file)
    page.get_by_role("button", name="Verify").click()
    page.locator("#answer").wait_for(timeout=90_000)
    assert page.locator("#answer").inner_text() in ("Not made here", "Cannot tell")  # these light clips carry no mark
    page.goto("/verify")
    text = tmp_path / "notes.mp4"
    text.write_text("this is no film")
    page.get_by_label("Clip").set_input_files(text)
    page.get_by_role("button", name="Verify").click()
    page.get_by_role("alert").wait_for()
    site.complaints.clear()  # Chromium reports the 415 that was asked for


def test_a_work_is_reserved_and_taken_back(page: Any) -> None:
    page.goto("/works")
    page.get_by_label("Title").fill("The Brass Heron")
    page.get_by_label("Holder").fill("Studio Aigrette")
    page.get_by_role("button", name="Reserve it").click()
    page.get_by_role("rowheader", name="The Brass Heron").wait_for()
    page.get_by_role("button", name="Take back The Brass Heron").click()
    page.get_by_text("No work is reserved yet.").wait_for()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_loads_quietly_and_has_its_landmarks(page: Any, path: str, language: str) -> None:
    page.goto(f"{path}{'&' if '?' in path else '?'}lang={language}")
    assert page.locator("html").get_attribute("lang") == language
    for role in ("banner", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1
    assert page.locator("h1").count() == 1
    unnamed = "[...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a')]"
    assert page.evaluate(f"{unnamed}.filter(e => !(e.labels?.length || e.textContent.trim() || e.ariaLabel)).length") == 0
    page.keyboard.press("Tab") if path != "/submit" else page.locator(".skip").focus()
    assert page.evaluate("document.activeElement.className") == "skip"


def test_no_page_is_wider_than_a_phone(browser: Any, site: Site) -> None:
    context = browser.new_context(base_url=site.url, viewport={"width": 360, "height": 740})
    phone = context.new_page()
    for path in PAGES:
        phone.goto(path)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, path
    context.close()


def _sealed(site: Site, clip: str) -> str:
    from safety import releases

    with site.ctx.db.read() as conn:
        return releases.get(conn, clip).sealed
