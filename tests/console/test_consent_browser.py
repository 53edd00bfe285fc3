"""A person's pages in a real browser: by keyboard, with a passkey, with a camera, in two languages, and without a script."""

from __future__ import annotations

import gzip
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from consent import people
from consent.scope import scoped
from consent.signing import credentials
from consent.signing.receipts import verify_receipt
from console.app import create_app
from console.serve import bind
from streams import granting, revocation
from streams.context import Context
from streams.local import LocalRunner
from tests.console.consenting import admit, film, make_consent_context
from tests.console.test_browser import CHROMIUM, wait_until

pytestmark = pytest.mark.browser
AXE = gzip.decompress((Path(__file__).parent / "axe" / "axe.min.js.gz").read_bytes()).decode()
#: A camera that shows a moving pattern and a microphone that beeps, allowed without asking.
FAKES = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@dataclass(frozen=True)
class Site:
    """A served system, under the name that browsers make passkeys for."""

    ctx: Context
    url: str


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    ctx = make_consent_context(tmp_path_factory.mktemp("site"))
    listening = bind("127.0.0.1", 0)
    with LocalRunner(ctx) as runner:
        for handle in ("mara", "lena", "theo", "omar", "rosa", "sven", "tess"):
            admit(ctx, handle)
        granting.grant(ctx, "mara", "lena", scoped(frozenset({"politics"}), ("crypto",), "alone"))
        granting.ask(ctx, "theo", "mara")
        film(ctx, "@mara on a pier", "lena")
        server = uvicorn.Server(uvicorn.Config(create_app(ctx, runner), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + 30
        while not server.started and time.monotonic() < end:
            time.sleep(0.02)
        yield Site(ctx, f"http://localhost:{listening.getsockname()[1]}")
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
        opened = play.chromium.launch(executable_path=CHROMIUM, args=FAKES)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: Any, site: Site) -> Iterator[Any]:
    """A page that notes every complaint, and fails the test for those that no refusal explains."""
    complaints: list[str] = []
    context = browser.new_context(base_url=site.url, locale="en-GB", viewport={"width": 1200, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    opened.on("pageerror", lambda e: complaints.append(str(e)))
    yield opened
    context.close()
    assert [c for c in complaints if not re.search(r"status of (403|404|410|422)", c)] == []


class _Devices:
    """A device with passkeys in Chromium's own emulation, which knows its user at once, and may be laid aside for another."""

    OPTIONS = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip

    def __init__(self, page: Any) -> None:
        self.client = page.context.new_cdp_session(page)
        self.client.send("WebAuthn.enable")
        self.first_keys: list[Any] = []
        self._connect()

    def forget_the_user(self) -> None:
        self.client.send("WebAuthn.setUserVerified", {**self.now, "isUserVerified": False})

    def take_another(self) -> None:
        self.first_keys = self.client.send("WebAuthn.getCredentials", self.now)["credentials"]
        self.client.send("WebAuthn.removeVirtualAuthenticator", self.now)
        self._connect()

    def first_again_to_sign(self, route: Any) -> None:
        """Once the other device has made its passkey, the first one is to sign for it."""
        if "registration" in (route.request.post_data or ""):
            self.client.send("WebAuthn.removeVirtualAuthenticator", self.now)
            self._connect()
            for key in self.first_keys:
                self.client.send("WebAuthn.addCredential", {**self.now, "credential": key})
        route.continue_()

    def _connect(self) -> None:
        self.now = self.client.send("WebAuthn.addVirtualAuthenticator", {"options": self.OPTIONS})


def _add_passkey(page: Any, handle: str) -> None:
    page.goto(f"/people/{handle}")
    page.get_by_label("What you call it").fill("my phone")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_text("my phone", exact=True).wait_for()


def _allow(page: Any, name: str) -> None:
    page.get_by_label("Name of that person").fill(name)
    page.get_by_role("button", name="Allow it").click()


def test_the_pause_switch_is_pressed_by_keyboard_and_says_in_words_where_it_stands(page: Any, site: Site) -> None:
    page.goto("/people/mara")
    page.get_by_role("heading", name="Not paused").wait_for()
    page.get_by_role("button", name="Pause everything").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Everything is paused").wait_for()
    assert granting.is_paused(site.ctx, "mara")
    page.get_by_role("button", name="End the pause").press("Space")
    page.get_by_role("heading", name="Not paused").wait_for()


def test_a_request_is_approved_and_a_grant_given_without_a_script(browser: Any, site: Site) -> None:
    context = browser.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/people/mara")
    page.get_by_role("button", name=re.compile("Approve.*@theo")).click()
    page.get_by_text("@theo may use my likeness").wait_for()
    page.get_by_label("People I approve Everybody in the list above").check()
    page.get_by_label("Politics and elections").check()
    page.get_by_label("How many clips at most?").fill("2")
    page.get_by_role("button", name="Allow it").click()
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="People I approve"))
    card.get_by_text("2 in any week").wait_for()
    assert card.get_by_text("Politics and elections").count() == 1
    context.close()


def test_taking_back_shows_what_goes_first_and_ends_in_a_receipt_that_verifies(page: Any, site: Site) -> None:
    granting.grant(site.ctx, "omar", "lena")
    clip = film(site.ctx, "@omar in the rain", "lena").clip
    page.goto("/people/omar")
    page.get_by_role("link", name=re.compile("Take back.*@lena")).click()
    page.get_by_role("heading", name="Take back: @lena").wait_for()
    assert page.get_by_text("Clips withdrawn").locator("xpath=following-sibling::dd").inner_text() == "1"
    assert granting.grants_of(site.ctx, "omar")[0].status == "active"
    page.get_by_role("button", name="Take it back now").click()
    page.get_by_role("heading", name="Taken back").wait_for()
    page.get_by_text("The closing receipt is signed").wait_for()  # the page looks again by itself until it is
    with page.expect_download() as saved:
        page.get_by_role("link", name="Download the closing receipt").click()
    document = verify_receipt(json.loads(saved.value.path().read_text()), site.ctx.signer.public_key)
    assert document["how_many"]["clips"] == 1  # type: ignore[index,call-overload]
    page.goto(f"/clips/{clip}")
    page.get_by_text("took back").first.wait_for()


def test_a_passkey_is_made_and_from_then_on_signs_grants_whose_receipts_verify(page: Any, site: Site) -> None:
    _Devices(page)
    _add_passkey(page, "rosa")
    _allow(page, "lena")
    page.get_by_role("heading", name="@lena").wait_for()
    [given] = granting.grants_of(site.ctx, "rosa")
    with site.ctx.db.read() as conn:
        [key] = credentials.listing(conn, given.person)
    assert given.receipt.algorithm == "WebAuthn-ES256"
    assert verify_receipt(given.receipt, key.public_key, site.url)["pii_principal_id"] == given.person
    page.get_by_role("button", name="Pause everything").click()
    page.get_by_role("button", name="End the pause").click()  # signed
    page.get_by_role("heading", name="Not paused").wait_for()
    page.get_by_role("button", name=re.compile("Remove.*my phone")).click()
    page.get_by_text("You have no key of your own").wait_for()


def test_without_the_passkey_nothing_widens_and_the_page_says_what_to_do(page: Any, site: Site) -> None:
    devices = _Devices(page)
    _add_passkey(page, "sven")
    devices.forget_the_user()
    _allow(page, "lena")
    page.get_by_role("alert").filter(has_text="The passkey gave no answer").wait_for()
    assert granting.grants_of(site.ctx, "sven") == ()
    page.evaluate("document.querySelector('#give ~ form').submit()")  # as without a script
    page.get_by_role("heading", name="Your signature is needed").wait_for()
    assert granting.grants_of(site.ctx, "sven") == ()
    page.goto("/people/sven")
    page.get_by_role("button", name="Pause everything").click()
    page.get_by_role("heading", name="Everything is paused").wait_for()


def test_a_second_device_is_added_by_the_first_ones_signature_and_never_twice(page: Any, site: Site) -> None:
    devices = _Devices(page)
    _add_passkey(page, "tess")
    page.get_by_text("Add a passkey", exact=True).click()
    page.get_by_label("What you call it").fill("the same")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("alert").filter(has_text="This device has a passkey for you already").wait_for()
    devices.take_another()
    page.route("**/keys/prepare", devices.first_again_to_sign)
    page.get_by_label("What you call it").fill("my stick")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_text("my stick", exact=True).wait_for()
    with site.ctx.db.read() as conn:
        keys = credentials.listing(conn, people.get(conn, "tess").id)
    assert {k.label for k in keys} == {"my phone", "my stick"} and len({k.public_key for k in keys}) == 2


def test_a_number_address_says_under_which_name_passkeys_are_made(page: Any, site: Site) -> None:
    page.goto(site.url.replace("localhost", "127.0.0.1") + "/people/theo")
    link = page.get_by_role("link", name=f"{site.url}/people/theo")
    link.click()
    page.get_by_role("button", name="Make the passkey").wait_for()


def test_one_records_oneself_in_the_page_and_is_told_why_it_is_not_enough(page: Any, site: Site) -> None:
    answer = page.goto("/enrol")
    assert "camera=()" in answer.headers["permissions-policy"]
    page.get_by_label("The name you want").fill("dora")
    with page.expect_navigation() as arrived:
        page.get_by_role("button", name="Start").click()
    assert "camera=(self)" in arrived.value.headers["permissions-policy"]
    page.get_by_text(re.compile(r"\d+ seconds left")).first.wait_for()
    page.get_by_role("button", name="Start the camera and record").click()
    wait_until(page, "document.getElementById('mirror').videoWidth > 0")
    page.wait_for_timeout(700)
    page.get_by_role("button", name="Stop and send").click()
    page.get_by_role("alert").wait_for(timeout=30_000)
    assert "Nobody was heard; say the digits aloud, near the microphone." in page.get_by_role("alert").inner_text()
    assert page.get_by_role("button", name="Ask for a new challenge").is_visible()


def test_every_page_of_consent_is_free_of_what_axe_finds_in_both_languages_and_fits_a_telephone(browser: Any, site: Site) -> None:
    granting.grant(site.ctx, "theo", "everyone")
    film(site.ctx, "@theo walks", "lena")
    done = revocation.revoke(site.ctx, "theo").document["withdrawal"]
    from streams import enrolment

    asked = enrolment.challenge(site.ctx, "nina").id
    paths = (
        "/people", "/people/mara", "/people/mara/revocation", "/people/mara/erasure", "/people/mara/history",
        f"/revocations/{done}", "/enrol", f"/enrol/{asked}",
    )  # fmt: skip
    found = []
    for language, width in (("en", 1200), ("fr", 360)):
        context = browser.new_context(base_url=site.url, viewport={"width": width, "height": 800}, reduced_motion="reduce")
        page = context.new_page()
        for path in paths:
            page.goto(f"{path}?lang={language}")
            page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
            page.evaluate(AXE)
            told = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
            found += [(path, language, v["id"], [n["target"] for n in v["nodes"]]) for v in told["violations"]]
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, language)
            assert page.locator("h1").count() == 1 and page.locator("html").get_attribute("lang") == language
        context.close()
    assert found == []


def test_erasing_needs_the_name_a_second_time(page: Any, site: Site) -> None:
    admit(site.ctx, "zoe")
    page.goto("/people/zoe")
    page.get_by_role("link", name="Erase me …").click()
    page.get_by_label("To confirm, type zoe").fill("mara")
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_role("alert").wait_for()
    page.get_by_label("To confirm, type zoe").fill("@zoe")
    page.get_by_role("button", name="Erase for good").click()
    page.get_by_role("heading", name="Erased").wait_for()
    with suppress(Exception):
        page.goto("/people/zoe")
    page.get_by_text("Nobody is enrolled").first.wait_for()
