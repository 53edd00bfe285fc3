"""The CLIP: loaded by digest, ours and anybody's by the same lines, and what it reads off scenes it was not trained on."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifiers.clip.scene import bank
from classifiers.clip.scene.calibration import Calibration, Curve, calibration_of, fit
from classifiers.clip.scene.choice import Choice, chosen, ours
from classifiers.clip.scene.detector import OFF_PROMPT, SceneDetector
from classifiers.clip.scene.eyes import Eyes, eyes, of_shots
from classifiers.clip.scene.loading import load
from classifiers.clip.scene.reader import SceneReader
from classifiers.contract import check_clip_detector
from console.bench.scene import Drawn, draw
from safety.errors import BadInput
from safety.media import ClipFacts, Frame, SampledClip
from safety.signal import Report
from safety.weights import WeightsError, sha256_of
from tests.classifiers.clip.drawings import PHOTOGRAPHS, photograph

#: Seeds that neither training, calibration nor the published figures use.
FRESH = range(900_000, 900_016)


@pytest.fixture(scope="module")
def drawn() -> list[Drawn]:
    return [draw(seed) for seed in FRESH]


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Choice:
    """A checkpoint of somebody else's: another architecture, random weights, the published vocabulary."""
    import open_clip
    import torch

    folder = tmp_path_factory.mktemp("stranger")
    config = {
        "embed_dim": 16,
        "vision_cfg": {"image_size": 32, "layers": 1, "width": 32, "head_width": 16, "patch_size": 16},
        "text_cfg": {"context_length": 16, "vocab_size": 49408, "width": 16, "heads": 2, "layers": 1},
    }
    (folder / "tiny-stranger.json").write_text(json.dumps(config))
    torch.manual_seed(1)
    torch.save(open_clip.CLIP(**config).state_dict(), folder / "weights.pt")
    return Choice(
        model=str(folder / "tiny-stranger.json"), checkpoint=folder / "weights.pt", sha256=sha256_of(folder / "weights.pt")
    )


def settings(choice: Choice) -> dict[str, str]:
    return {
        "CLEARANCE_CLIP_MODEL": choice.model,
        "CLEARANCE_CLIP_CHECKPOINT": str(choice.checkpoint),
        "CLEARANCE_CLIP_SHA256": choice.sha256,
    }


def photographed(prompt: str | None = None) -> SampledClip:
    frames = tuple(Frame(photograph(name), i * 0.5, i) for i, name in enumerate(PHOTOGRAPHS))
    return SampledClip("sha256:photographs", ClipFacts(640, 360, 24, 5, "h264", None), frames, None, prompt=prompt)


def off_prompt(report: Report) -> float | None:
    assert report.failure is None
    return next((s.score for s in report.signals if s.label == OFF_PROMPT), None)


def test_a_checkpoint_with_other_bytes_than_the_named_ones_is_refused_in_one_sentence() -> None:
    wrong = ours().model_copy(update={"sha256": "0" * 64})
    with pytest.raises(WeightsError, match=r"has digest \w{12}… but 000000000000… was named; [^.]*\.$"):
        load(wrong)


def test_a_checkpoint_that_is_gone_is_said_to_be_gone(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not on this machine"):
        load(ours().model_copy(update={"checkpoint": tmp_path / "gone.pt"}))


def test_without_settings_it_is_ours_and_open_clip_built_it() -> None:
    import open_clip

    assert chosen({}) == ours()
    loaded = load(chosen({}))
    assert isinstance(loaded.model, open_clip.CLIP)
    assert isinstance(loaded.tokenize, open_clip.SimpleTokenizer)
    assert not loaded.model.training


def test_a_checkpoint_of_ones_own_works_by_settings_alone(stranger: Choice, drawn: list[Drawn]) -> None:
    choice = chosen(settings(stranger))
    assert choice == stranger
    seen = SceneReader(choice).look(drawn[0].clip)
    assert seen[0].embedding.shape == (16,)
    assert all(s.known == 0 and s.follows is None for s in seen), "nothing was measured for it, so it knows nothing"


def test_a_name_of_open_clip_s_own_list_is_looked_up_there(tmp_path: Path) -> None:
    file = tmp_path / "b32.pt"
    file.write_bytes(b"not a checkpoint")
    with pytest.raises(BadInput, match="has no configuration called 'no-such-model'"):
        load(Choice(model="no-such-model", checkpoint=file, sha256=sha256_of(file)))


def test_a_model_whose_words_live_on_a_hub_is_refused_and_not_fetched(tmp_path: Path) -> None:
    file = tmp_path / "siglip.pt"
    file.write_bytes(b"not a checkpoint")
    with pytest.raises(BadInput, match="nothing is ever downloaded"):
        load(Choice(model="ViT-B-16-SigLIP", checkpoint=file, sha256=sha256_of(file)))


def test_a_checkpoint_of_another_architecture_is_refused_in_one_sentence(stranger: Choice) -> None:
    crossed = stranger.model_copy(update={"model": ours().model})
    with pytest.raises(BadInput, match="name the configuration it was trained with"):
        load(crossed)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"CLEARANCE_CLIP_SHA256": ""}, "CLEARANCE_CLIP_SHA256 is not set"),
        ({"CLEARANCE_CLIP_SHA256": "12"}, "64 hex digits"),
        ({"CLEARANCE_CLIP_CHECKPOINT": "/no/such/file"}, "There is no checkpoint /no/such/file"),
        ({"CLEARANCE_CLIP_MODEL": "/no/such.json"}, "There is no configuration /no/such.json"),
    ],
)
def test_half_a_setting_is_refused_by_its_name(change: dict[str, str], says: str, stranger: Choice) -> None:
    with pytest.raises(BadInput, match=says):
        chosen(settings(stranger) | change)


def test_things_and_places_it_never_saw_together_are_read_in_both_languages(drawn: list[Drawn]) -> None:
    seen = eyes()
    middle = np.stack([seen.clip(d.clip)[2] for d in drawn])
    for language in ("en", "fr"):
        things, places = bank.read(seen, middle, "things", language), bank.read(seen, middle, "places", language)
        assert sum(things.best(i)[0] == d.thing for i, d in enumerate(drawn)) >= 3
        assert sum(places.best(i)[0] == d.place for i, d in enumerate(drawn)) >= 11


def test_a_french_prompt_finds_its_clip_as_an_english_one_does(drawn: list[Drawn]) -> None:
    seen = eyes()
    middle = np.stack([seen.clip(d.clip)[2] for d in drawn])
    for language in ("en", "fr"):
        near = middle @ seen.words([d.prompts[language] for d in drawn]).T
        assert sum(int(row.argmax()) == i for i, row in enumerate(near)) >= 7


def test_a_clip_of_what_was_asked_for_is_never_held_and_most_others_are(drawn: list[Drawn]) -> None:
    detector = SceneDetector()
    true = [off_prompt(detector.detect(d.clip)) for d in drawn]
    swapped = [
        off_prompt(detector.detect(replace(d.clip, prompt=other.prompts["fr"])))
        for d, other in zip(drawn, drawn[1:] + drawn[:1], strict=True)
    ]
    assert all(t is None or t < 0.5 for t in true)
    assert sum(t is not None for t in true) >= 10
    assert sum(s is not None and s >= 0.5 for s in swapped) >= 9


def test_of_photographs_it_says_that_it_does_not_know() -> None:
    seen = SceneReader().look(photographed("a red car in the desert at night"))
    assert all(s.known < 0.5 and s.follows is None for s in seen)
    assert off_prompt(SceneDetector().detect(photographed("a red car in the desert at night"))) is None


def test_of_the_drawn_world_it_says_that_it_knows(drawn: list[Drawn]) -> None:
    known = [s.known for d in drawn for s in SceneReader().look(d.clip)]
    assert np.mean(np.array(known) > 0.5) >= 0.6


@pytest.mark.parametrize(
    "prompt", [None, "", "quantum flux of forgotten meanings", "a dog on a beach without a hat", '"a red car in a city"']
)
def test_a_prompt_without_known_words_is_not_judged(prompt: str | None, drawn: list[Drawn]) -> None:
    assert all(s.follows is None for s in SceneReader().look(replace(drawn[0].clip, prompt=prompt)))


def test_captions_name_the_place_and_a_thing_only_when_it_can_be_told(drawn: list[Drawn]) -> None:
    seen = eyes()
    middle = np.stack([seen.clip(d.clip)[2] for d in drawn])
    captions = bank.captions(seen, middle)
    things = bank.read(seen, middle, "things")
    assert sum(bank.texts("places", d.place)[0] in text for d, (text, _) in zip(drawn, captions, strict=True)) >= 11
    for i, (text, probability) in enumerate(captions):
        assert text.startswith(bank.SOMETHING) == (things.best(i)[1] < bank.TELLING)
        assert 0 < probability <= 1


def test_looking_twice_or_in_another_process_s_copy_gives_the_same(drawn: list[Drawn]) -> None:
    reader = pickle.loads(pickle.dumps(SceneReader()))
    for once, again in zip(reader.look(drawn[1].clip), SceneReader().look(drawn[1].clip), strict=True):
        assert once.embedding.tobytes() == again.embedding.tobytes()
        assert (once.caption, once.probability, once.known, once.follows) == (
            again.caption, again.probability, again.known, again.follows,
        )  # fmt: skip
    fresh = Eyes(ours())
    assert fresh.clip(drawn[1].clip).tobytes() == eyes().clip(drawn[1].clip).tobytes()


def test_parts_of_one_clip_are_not_taken_for_each_other(drawn: list[Drawn]) -> None:
    first, second = (replace(drawn[i].clip, digest="sha256:one") for i in (0, 1))
    seen = eyes()
    assert not np.allclose(seen.clip(first), seen.clip(second))


def test_observer_and_detector_look_at_each_clip_once(drawn: list[Drawn], monkeypatch: pytest.MonkeyPatch) -> None:
    seen, looks = eyes(), []
    plain = seen.pictures
    monkeypatch.setattr(seen, "pictures", lambda pictures: looks.append(len(pictures)) or plain(pictures))
    SceneReader().look(drawn[3].clip)
    SceneDetector().detect(drawn[3].clip)
    assert looks == [5]


def test_up_to_three_frames_of_each_shot_are_described() -> None:
    black = np.zeros((8, 8, 3), np.uint8)
    frames = [Frame(black, i * 0.5, i, shot) for i, shot in enumerate([0] * 7 + [1] + [2] * 2)]
    assert of_shots(frames, 3) == [1, 3, 5, 7, 8, 9]
    assert of_shots(frames, 1) == [3, 7, 9]


def test_the_detector_keeps_the_contract() -> None:
    check_clip_detector(SceneDetector())


def test_a_label_is_answered_for_only_where_its_curve_was_measured(stranger: Choice, drawn: list[Drawn]) -> None:
    assert SceneDetector().labels == {OFF_PROMPT}
    curves = {"weapon": Curve(slope=1, offset=0), "not-in-the-list": Curve(slope=1, offset=0)}
    measured = Calibration(checkpoint=stranger.sha256, labels=curves)
    stranger.calibration.write_text(measured.model_dump_json())
    try:
        detector = SceneDetector(stranger)
        assert detector.labels == {OFF_PROMPT, "weapon"}
        eyes(stranger).__dict__.pop("calibration", None)
        report = detector.detect(drawn[0].clip)
        assert [s.label for s in report.signals] == ["weapon"]
    finally:
        stranger.calibration.unlink()


def test_the_calibration_of_another_checkpoint_is_refused(stranger: Choice) -> None:
    stranger.calibration.write_text(Calibration(checkpoint="0" * 64).model_dump_json())
    try:
        with pytest.raises(BadInput, match="was measured for another checkpoint"):
            calibration_of(stranger)
    finally:
        stranger.calibration.unlink()


def test_a_fitted_curve_says_one_half_between_what_is_true_and_what_is_not() -> None:
    curve = fit([*range(10), *range(20, 30)], [False] * 10 + [True] * 10)
    assert curve.of(9) < 0.3
    assert curve.of(20) > 0.7
    assert abs(curve.of(14.5) - 0.5) < 0.1
