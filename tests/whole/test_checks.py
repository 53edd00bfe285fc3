"""Single checks with the real parts: seal, strip, verify, inspect, screen, and a reservation that takes effect at once."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import pytest

from safety.errors import BadInput, BadMedia, NotFound
from safety.settings import Settings
from safety.verdict import Outcome
from streams import people, revocation, works
from streams.checks import inspect_file, screen_text, seal_file, verify_file
from streams.context import Context
from streams.system import close, open_context

FILM = Path(__file__).parents[1] / "provenance" / "assets" / "bunny.mp4"
PORTRAIT = Path(__file__).parents[2] / "console" / "demo" / "astronaut.jpg"


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    ctx = open_context(Settings(home=tmp_path_factory.mktemp("home")))
    yield ctx
    close(ctx)


def strip(source: Path, out: Path) -> Path:
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-v",
        "error",
        "-y",
        "-i",
        str(source),
        "-map_metadata",
        "-1",
        "-c",
        "copy",
        str(out),
    ]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, timeout=60)
    return out


def test_a_film_sealed_by_hand_is_ours_stripped_or_not_and_its_source_is_not_claimed(real: Context, tmp_path: Path) -> None:
    assert verify_file(real, FILM).answer == "not-ours"
    sealed = tmp_path / "sealed.mp4"
    clip = seal_file(real, FILM, sealed, "kim").clip
    whole, bare = verify_file(real, sealed), verify_file(real, strip(sealed, tmp_path / "bare.mp4"))
    assert (whole.answer, whole.clip, bare.answer, bare.clip) == ("ours", clip, "ours", clip)
    assert whole.consent is not None and whole.consent.status == "sealed"
    source = verify_file(real, FILM)
    assert source.answer == "cannot-tell"
    assert "may be the source of that file" in str(source.evidence["notes"])


def test_a_file_that_is_not_there_or_no_film_is_a_sentence(real: Context, tmp_path: Path) -> None:
    words = tmp_path / "words.mp4"
    words.write_text("not a film" * 30)
    for check in (inspect_file, verify_file):
        with pytest.raises(NotFound):
            check(real, tmp_path / "none.mp4")
        with pytest.raises(BadMedia):
            check(real, words)
    with pytest.raises(BadMedia):
        seal_file(real, words, tmp_path / "out.mp4")
    with pytest.raises(BadInput, match="overwrite its source"):
        seal_file(real, FILM, FILM)
    assert not (tmp_path / "out.mp4").exists()


def test_a_reservation_holds_from_the_next_prompt_on_and_a_person_from_the_next_picture_on(real: Context) -> None:
    text = "Vermillo Quatch dances in the rain"
    assert screen_text(real, text).outcome == Outcome.ALLOW
    filing = works.simple_filing(holder="Quatch Films", title="Vermillo Quatch", kind="character")
    reserved = works.add(real, filing)
    assert screen_text(real, text).clause == "WORK-1"
    works.withdraw(real, reserved.id)
    assert screen_text(real, text).outcome == Outcome.ALLOW

    assert inspect_file(real, PORTRAIT).clause == "FACE-3", "a realistic face nobody vouches for"
    people.enrol(real, "ana", [PORTRAIT])
    assert inspect_file(real, PORTRAIT).clause == "FACE-1"
    revocation.erase(real, "ana")
    assert inspect_file(real, PORTRAIT).clause == "FACE-3"
