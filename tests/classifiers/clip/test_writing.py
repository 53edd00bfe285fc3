"""Words and codes in the picture: what is read whichever way it stands, how long it stood, and that nothing is read twice."""

from __future__ import annotations

import pickle
from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from classifiers.clip.writing import WritingReader
from classifiers.clip.writing.sightings import folded
from generator.world.lettering import FONT
from safety.media import ClipFacts, Frame, Picture, SampledClip
from safety.passage import Passage

READER = WritingReader()
BLUE = (70, 110, 170)


def clip(pictures: Sequence[Picture], step: float = 0.4) -> SampledClip:
    height, width = pictures[0].shape[:2] if pictures else (0, 0)
    frames = tuple(Frame(picture, i * step, i * 3) for i, picture in enumerate(pictures))
    return SampledClip("sha256:0", ClipFacts(width, height, 30, len(pictures) * step, "h264", None), frames, None)


def board(
    *lines: str, size: int = 36, at: tuple[int, int] = (60, 60), ink: str = "white", shape: tuple[int, int] = (640, 360)
) -> Picture:
    image = Image.new("RGB", shape, BLUE)
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(str(FONT), size)
    for row, line in enumerate(lines):
        draw.text((at[0], at[1] + row * size * 1.2), line, fill=ink, font=font)
    return np.asarray(image, np.uint8)


def texts(pictures: Sequence[Picture]) -> list[str]:
    return [passage.text for passage in READER.look(clip(pictures))]


@pytest.mark.parametrize(
    "pictures",
    [
        [],
        [np.zeros((1, 1, 3), np.uint8)],
        [np.full((8, 64, 3), 90, np.uint8)],
        [np.full((64, 8, 3), 90, np.uint8)],
        [np.full((360, 640, 3), 127, np.uint8)] * 3,
        [np.zeros((1, 1, 3), np.uint8), np.full((9, 33, 3), 255, np.uint8)],
    ],
    ids=["no frame", "one pixel", "a strip", "a post", "grey", "two sizes"],
)
def test_a_picture_with_nothing_in_it_says_nothing_whatever_its_size(pictures: list[Picture]) -> None:
    assert READER.look(clip(pictures)) == ()


def test_noise_is_no_word() -> None:
    noise = np.random.default_rng(3).integers(0, 256, (96, 160, 3), np.uint8)
    assert not [text for text in texts([noise, noise[::-1].copy()]) if sum(map(str.isalpha, text)) >= 3]


def test_lines_of_one_board_are_one_passage_in_reading_order() -> None:
    (passage,) = READER.look(clip([board("meet me", "at the old", "station")]))
    assert folded(passage.text) == "meetmeattheoldstation"
    assert passage.medium == "writing"
    assert passage.confidence > 0.8
    assert passage.box is not None
    assert passage.box.x < 0.1 < passage.box.x + passage.box.w


def test_the_same_clip_is_told_in_the_same_words_twice() -> None:
    pictures = [board("buy gold", at=(60 + 20 * i, 90)) for i in range(3)]
    assert READER.look(clip(pictures)) == pickle.loads(pickle.dumps(READER)).look(clip(pictures))


def test_what_stands_still_is_looked_at_and_read_once() -> None:
    reader, chance = WritingReader(), np.random.default_rng(1)
    still = board("nothing new here")
    shaken = [np.clip(still + chance.integers(-3, 4, still.shape), 0, 255).astype(np.uint8) for _ in range(8)]
    reader.look(clip(shaken[:1]))
    once = reader.counts.readings, reader.counts.pixels
    reader.look(clip(shaken))
    assert (reader.counts.readings, reader.counts.pixels) == (2 * once[0], 2 * once[1])


def test_a_line_that_moves_is_one_passage_read_few_times_and_lasts_from_first_to_last_sight() -> None:
    reader = WritingReader()
    empty = board("")
    moving = [board("free money", at=(40 + 25 * i, 100 + 6 * i)) for i in range(6)]
    (passage,) = reader.look(clip([empty, *moving, empty]))
    assert passage.text.casefold() == "free money"
    assert passage.time == pytest.approx((0.4, 2.4))
    assert passage.frame == 3
    assert reader.counts.readings <= 3


def test_a_word_changed_in_place_is_another_passage() -> None:
    told = READER.look(clip([board("meet me now")] * 2 + [board("beat me now")] * 2))
    assert [folded(p.text) for p in told] == ["meetmenow", "beatmenow"]
    assert [p.time for p in told] == [pytest.approx((0.0, 0.4)), pytest.approx((0.8, 1.2))]


def test_letters_spelt_one_after_another_are_all_told() -> None:
    letters = [board(letter, size=150, at=(240, 80)) for letter in "NERB"]
    assert [text.upper() for text in texts(letters)] == list("NERB")


def test_a_line_missed_in_one_frame_stays_one_passage() -> None:
    seen, gone = board("exit", "this way"), board("", "this way")
    (passage,) = READER.look(clip([seen, gone, seen]))
    assert folded(passage.text) == "exitthisway"
    assert passage.time == pytest.approx((0.0, 0.8))


@pytest.mark.parametrize(
    ("way", "note"), [("mirror", "mirrored"), ("head", "upside down"), ("left", "turned"), ("right", "turned")]
)
def test_words_are_read_in_the_mirror_on_their_head_and_turned(way: str, note: str) -> None:
    upright = board("secret message", "burn this")
    held = {"mirror": upright[:, ::-1], "head": upright[::-1, ::-1], "left": np.rot90(upright), "right": np.rot90(upright, 3)}[
        way
    ]
    told = READER.look(clip([np.ascontiguousarray(held)]))
    assert [folded(p.text) for p in told] == ["secretmessageburnthis"]
    assert told[0].note == note


@pytest.mark.parametrize("ink", ["black", "yellow", "#c01818"])
def test_ink_may_have_any_colour(ink: str) -> None:
    assert [folded(text) for text in texts([board("wet paint", ink=ink)])] == ["wetpaint"]


def test_thin_small_print_of_14_pixels_in_a_720p_frame_is_read() -> None:
    image = Image.new("RGB", (1280, 720), BLUE)
    ImageDraw.Draw(image).text((900, 640), "terms and conditions apply", fill="white", font=ImageFont.load_default(14))
    assert [folded(text) for text in texts([np.asarray(image, np.uint8)])] == ["termsandconditionsapply"]


def test_french_accents_may_be_lost_but_no_letter_is() -> None:
    text = folded(" ".join(texts([board("Élève reçu très tôt", "Où va ce garçon ?")])))
    assert text == folded("Élève reçu très tôt Où va ce garçon ?")


def test_an_unsure_reading_is_told_only_when_it_has_three_letters_in_a_row() -> None:
    from classifiers.clip.writing.telling import worth_telling

    assert worth_telling("hel", 0.3)
    assert worth_telling("7", 0.5)
    assert not worth_telling("a1b", 0.49)
    assert not worth_telling("", 0.9)


def _coded(turn: float, kind: str = "QRCode", payload: str = "https://example.org/a", scale: int = 4) -> Picture:
    import zxingcpp

    made = zxingcpp.create_barcode(payload, getattr(zxingcpp.BarcodeFormat, kind)).to_image(scale=scale)
    code = np.pad(np.asarray(made), 16, constant_values=255)
    picture = np.full((360, 640, 3), BLUE, np.uint8)
    matrix = cv2.getRotationMatrix2D((code.shape[1] / 2, code.shape[0] / 2), turn, 1)
    matrix[:, 2] += 320 - code.shape[1] / 2, 180 - code.shape[0] / 2
    lit = np.repeat(code[:, :, None], 3, 2)
    cv2.warpAffine(lit, matrix, (640, 360), dst=picture, borderMode=cv2.BORDER_TRANSPARENT)
    return picture


def _codes(told: Sequence[Passage]) -> list[tuple[str, str | None]]:
    return [(p.text, p.note) for p in told if p.note and p.note.endswith("code")]


@pytest.mark.parametrize("turn", [0, 30, 90, 180])
def test_a_qr_code_is_a_passage_however_it_is_turned(turn: float) -> None:
    told = READER.look(clip([_coded(turn)] * 2))
    assert _codes(told) == [("https://example.org/a", "qr code")]
    (passage,) = [p for p in told if p.note == "qr code"]
    assert passage.time == pytest.approx((0.0, 0.4))
    assert passage.box is not None
    assert abs(passage.box.x + passage.box.w / 2 - 0.5) < 0.02


@pytest.mark.parametrize(
    ("kind", "payload"), [("DataMatrix", "meet at 9"), ("Aztec", "meet at 9"), ("PDF417", "meet at 9"), ("EAN13", "590123412345")]
)
def test_other_codes_are_read_too(kind: str, payload: str) -> None:
    ((text, note),) = _codes(READER.look(clip([_coded(0, kind, payload, scale=3)])))
    assert text.startswith(payload)
    assert note not in (None, "qr code")
