"""Takes the pictures of this folder from a running system: ``python docs/pictures/take.py http://127.0.0.1:8420``.

It submits nothing: run ``STAY=1 make demo`` or ``clearance up`` first and make some clips. Needs Chromium.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
#: Most bytes of a picture: a README must open at once.
MOST = 200_000
SIZE = {"width": 1200, "height": 860}


def take(url: str) -> None:
    """Write every picture that the system at ``url`` has something to show for."""
    clips = httpx.get(f"{url}/v1/clips").raise_for_status().json()
    cases = httpx.get(f"{url}/v1/cases", params={"status": "all"}).raise_for_status().json()
    pages = {"home": "/", "submit": "/submit", "works": "/works", "people": "/people"}
    if clips:
        pages |= {"clip": f"/clips/{clips[0]['clip']}", "submission": f"/submissions/{clips[0]['submission']}"}
    if cases:
        pages["case"] = f"/cases/{max(cases, key=lambda c: (c['gate'] == 'clip', c['status'] == 'open'))['id']}"
    granted = next((p["handle"] for p in _get(url, "/v1/people") if _get(url, f"/v1/people/{p['handle']}/grants")), None)
    if granted:
        pages |= {"person": f"/people/{granted}", "revoke": f"/people/{granted}/revocation"}
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_context(viewport=SIZE, locale="en-GB").new_page()
        for name, path in pages.items():
            page.goto(url + path)
            page.wait_for_timeout(2_000)  # first frames of the videos
            save(name, page.screenshot(full_page=name in ("clip", "case", "revoke")))
        if clips:
            _verified(page, url, clips[0]["clip"])
        browser.close()


def _get(url: str, path: str) -> Any:
    return httpx.get(url + path).raise_for_status().json()


def _verified(page: Any, url: str, clip: str) -> None:
    page.goto(f"{url}/clips/{clip}")
    page.get_by_role("button", name="Check its marks now").click(no_wait_after=True)
    page.locator("#answer").wait_for(timeout=300_000)
    save("verify", page.screenshot())


def save(name: str, png: bytes) -> None:
    """Write a picture with as many colours as ``MOST`` bytes allow."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    for colours in (256, 128, 64, 32):
        out = io.BytesIO()
        whole.quantize(colours).save(out, "PNG", optimize=True)
        if out.tell() <= MOST:
            break
    (HERE / f"{name}.png").write_bytes(out.getvalue())


if __name__ == "__main__":
    take(sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8420")
