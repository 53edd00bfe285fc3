"""The world: what a prompt asks for is what is drawn, in English and in French, and nobody else appears."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import GeneratorError
from generator.protocol import Ancestor, CameoReference, GenerationRequest
from generator.world import CHARACTERS, World, portrait
from generator.world.backdrops import BACKDROPS
from generator.world.catalog import THINGS
from generator.world.direction import plan
from generator.world.grammar import MAX_WORDS, understand
from generator.world.scene import CAST_LEAST, Scene, compose
from generator.world.soundtrack import compose_sound
from safety import weights
from safety.errors import NotFound
from safety.media import SOUND_RATE, Picture


def draw(prompt: str, cameos: tuple[CameoReference, ...] = (), **more: object) -> np.ndarray:
    """The last chunk but a few: enough frames to look at, few enough to be quick."""
    request = GenerationRequest.model_validate({"prompt": prompt, "fps": 8, "seconds": 3.0, **more})
    chunks = World().generate(request, cameos=cameos, should_stop=lambda: False, progress=lambda share, words: None)
    return np.concatenate([c.frames for c in chunks])


def scene_of(prompt: str, **more: object) -> Scene:
    return compose(GenerationRequest.model_validate({"prompt": prompt, **more}))


def kinds(prompt: str) -> list[str]:
    return [a.kind for a in understand(prompt).actors]


def faces(picture: Picture) -> list[float]:
    """Heights in pixels of the faces that YuNet finds."""
    height, width = picture.shape[:2]
    detector = cv2.FaceDetectorYN.create(str(weights.find("yunet-face-detector.onnx")), "", (width, height), 0.7, 0.3, 50)
    _, found = detector.detect(picture[:, :, ::-1].copy())
    return [] if found is None else [float(f[3]) for f in found]


@pytest.mark.parametrize(("prompt", "kind", "colour", "action", "place"), [
    ("A red ball bounces on a beach", "ball", "red", "bounce", "beach"),
    ("Un ballon rouge rebondit sur la plage", "ball", "red", "bounce", "beach"),
    ("a tiny green boat sailing on a lake", "boat", "green", "sail", "lake"),
    ("Une petite voiture bleue roule dans la rue", "car", "blue", "roll", "city"),
    ("A black cat dances on stage", "cat", "black", "dance", "stage"),
    ("Un chat noir danse sur scène", "cat", "black", "dance", "stage"),
    ("a pink fish swims under the sea", "fish", "pink", "swim", "underwater"),
    ("Un poisson rose nage sous la mer", "fish", "pink", "swim", "underwater"),
    ("A yellow rocket blasts off in outer space", "rocket", "yellow", "launch", "space"),
    ("Un oiseau jaune vole au-dessus des montagnes", "bird", "yellow", "fly", "mountains"),
])  # fmt: skip
def test_prompts_in_two_languages_are_understood(prompt: str, kind: str, colour: str, action: str, place: str) -> None:
    wish = understand(prompt)
    (actor,) = wish.actors
    assert (actor.kind, actor.colour, actor.action, wish.place) == (kind, colour, action, place)


@pytest.mark.parametrize(
    ("prompt", "count"), [("three cats", 3), ("deux chats", 2), ("a cat", 1), ("seven cats", 7), ("cats", 3)]
)
def test_counts_are_drawn_as_many(prompt: str, count: int) -> None:
    assert [a.kind for a in scene_of(prompt).actors] == ["cat"] * count


def test_hour_weather_and_camera_are_heard() -> None:
    wish = understand("A dog runs in a snowy forest at night, zoom in")
    assert (wish.time, wish.weather, wish.camera) == ("night", "snow", "zoom_in")
    wish = understand("Un chien court dans la forêt sous la pluie au coucher du soleil, plan fixe")
    assert (wish.time, wish.weather, wish.camera) == ("sunset", "rain", "static")


def test_adjectives_stay_with_their_nouns() -> None:
    red, blue = understand("a red ball and a blue car").actors
    assert (red.colour, blue.colour) == ("red", "blue")
    noir, blanc = understand("un chat noir et un chien blanc").actors
    assert (noir.colour, blanc.colour) == ("black", "white")


@pytest.mark.parametrize("key", CHARACTERS)
def test_a_character_is_found_by_every_name_and_by_its_description_in_two_languages(key: str) -> None:
    who = CHARACTERS[key]
    for text in (*who.names, who.description, who.description_fr):
        assert f"cast:{key}" in kinds(f"{text} walks on a beach"), text


def test_a_plain_creature_is_not_a_character() -> None:
    assert kinds("a blue robot") == ["robot"]
    assert kinds("a green cactus in the desert") == ["cactus"]
    assert not [k for k in kinds("a white cloud, a purple owl and a pink axolotl") if k.startswith("cast:")]


@pytest.mark.parametrize("size", [(640, 360), (360, 640), (1280, 720)])
def test_characters_are_large_enough_to_be_recognised(size: tuple[int, int]) -> None:
    for key in CHARACTERS:
        (actor,) = scene_of(CHARACTERS[key].name, width=size[0], height=size[1]).actors
        assert actor.height >= 0.35
    for actor in scene_of("Orbo, Mimsy and Tavi", width=640, height=360).actors:
        assert actor.height >= CAST_LEAST - 1e-9


def test_portraits_differ_from_each_other_and_fill_the_picture() -> None:
    small = {k: cv2.resize(portrait(k), (32, 32), interpolation=cv2.INTER_AREA).astype(float) for k in CHARACTERS}
    assert len(small) >= 6
    for key, picture in small.items():
        ground = np.abs(picture - picture[0, 0]).max(axis=2) > 12
        assert np.ptp(np.nonzero(ground)[0]) > 24, key
        assert all(np.abs(picture - other).mean() > 8 for k, other in small.items() if k != key)


def test_an_unknown_portrait_is_said() -> None:
    with pytest.raises(NotFound, match="No character is called 'mickey'"):
        portrait("mickey")


def test_the_colour_that_was_asked_for_is_in_the_picture() -> None:
    def redness(prompt: str) -> float:
        frame = draw(prompt, seed=3)[8].astype(int)
        return float(((frame[..., 0] > 150) & (frame[..., 1] < 90) & (frame[..., 2] < 90)).mean())

    assert redness("a big red car in a field") > 5 * max(1e-4, redness("a big blue car in a field"))


def test_things_move_and_the_frame_is_never_flat() -> None:
    frames = draw("a red ball bounces on a beach").astype(int)
    changes = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert changes.min() > 0.05
    assert frames[0].std() > 20


def test_a_bounce_is_heard_when_it_is_seen() -> None:
    """The sound rises within 25 ms of the moments at which the ball touches the ground."""
    scene = scene_of("a ball bounces in a room")
    motion = plan(scene.actors[0], scene, 4.0)
    hits = [s.time for s in motion.sounds if s.voice == "thud"]
    assert len(hits) >= 2
    for hit in hits:
        around = [motion.at(hit + d).lift or 0.0 for d in (-0.05, 0.0, 0.05)]
        assert around[1] < 1e-3 < min(around[0], around[2])
    sound = compose_sound(scene, (motion,), 4 * SOUND_RATE)
    window = SOUND_RATE // 40
    for hit in hits:
        at = int(hit * SOUND_RATE)
        assert np.abs(sound[at : at + window]).mean() > 2 * np.abs(sound[at - 2 * window : at - window]).mean()


def test_every_place_and_every_thing_can_be_drawn() -> None:
    places, things = list(BACKDROPS), list(THINGS)
    for i in range(0, len(things), 4):
        name = {"room": "bedroom", "city": "city", "field": "meadow"}.get(
            places[i // 4 % len(places)], places[i // 4 % len(places)]
        )
        wanted = " and ".join("a " + t.replace("_", " ") for t in things[i : i + 4])
        prompt = f"{wanted} in the {name} in the rain at sunset"
        scene = scene_of(prompt)
        assert {a.kind for a in scene.actors} == set(things[i : i + 4]), prompt
        request = GenerationRequest(prompt=prompt, width=320, height=320, fps=8, seconds=3.0)
        chunk = next(iter(World().generate(request, should_stop=lambda: False, progress=lambda share, words: None)))
        assert chunk.frames.std() > 10


def test_words_are_written_on_a_board() -> None:
    plain, written = draw("a forest", seed=1)[0].astype(int), draw('a forest "BONJOUR TOUT LE MONDE"', seed=1)[0].astype(int)
    assert understand("a sign « Bonjour »").lettering == "Bonjour"
    dark = (written.max(axis=2) < 80) & (plain.max(axis=2) > 0)
    assert dark.mean() > 0.005


ASTRONAUT = CameoReference("person-1", "Eileen Collins", skimage.data.astronaut())


@pytest.mark.parametrize("action", ["dances", "walks", "jumps", "flies", "stands"])
def test_a_guest_appears_with_a_face_of_at_least_110_pixels(action: str) -> None:
    frames = draw(f"Eileen {action} on the beach", (ASTRONAUT,))
    for frame in frames[::6]:
        heights = faces(frame)
        assert len(heights) == 1 and heights[0] >= 110


def test_guests_stand_side_by_side() -> None:
    other = CameoReference("person-2", "Ana", np.ascontiguousarray(skimage.data.astronaut()[:, ::-1]))
    for frame in draw("Eileen and Ana in the city", (ASTRONAUT, other))[::8]:
        assert len(faces(frame)) == 2


def test_a_guest_appears_also_when_the_prompt_does_not_say_the_name() -> None:
    assert len(faces(draw("a red ball", (ASTRONAUT,))[0])) == 1


@pytest.mark.parametrize(
    "prompt",
    ["Eileen Collins on a beach", "a man and a woman in a kitchen", "Orbo and Mimsy in a room", "two children in a park"],
)
def test_nobody_appears_who_was_not_handed_in(prompt: str) -> None:
    assert [faces(f) for f in draw(prompt)[::8]] == [[], [], []]


def test_a_tight_crop_of_a_face_works_too() -> None:
    crop = skimage.data.astronaut()[60:200, 165:285]
    assert len(faces(draw("Eileen waves", (CameoReference("p", "Eileen", np.ascontiguousarray(crop)),))[4])) == 1


def test_a_picture_without_a_face_is_refused_in_one_sentence() -> None:
    with pytest.raises(GeneratorError, match="No face was found in the picture of Nobody"):
        draw("Nobody", (CameoReference("p", "Nobody", skimage.data.coffee()),))


def test_a_remix_keeps_the_scene_and_changes_what_it_names() -> None:
    line = (Ancestor(prompt="a red ball bounces on a beach", seed=5),)
    parent = compose(GenerationRequest(prompt=line[0].prompt, seed=5))
    remix = compose(GenerationRequest(prompt="make it night and make the ball blue", seed=9, ancestors=line))
    assert remix.backdrop is parent.backdrop and remix.seed == parent.seed
    assert (parent.mood.time, remix.mood.time) == ("day", "night")
    assert [a.kind for a in remix.actors] == ["ball"] and remix.actors[0].colour != parent.actors[0].colour
    assert remix.actors[0].action == "bounce"


def test_a_remix_adds_removes_and_goes_on_from_a_remix() -> None:
    line = (Ancestor(prompt="a cat and a dog in a field"), Ancestor(prompt="add a red balloon"))
    remix = compose(GenerationRequest(prompt="without the dog, in the city", ancestors=line))
    assert sorted(a.kind for a in remix.actors) == ["balloon", "cat"]
    assert remix.backdrop.name == "city"


def test_a_revoked_guest_of_the_parent_is_not_in_the_remix() -> None:
    line = (Ancestor(prompt="Eileen dances on a beach"),)
    request = {"ancestors": line, "seed": 1}
    assert len(faces(draw("at sunset", (ASTRONAUT,), **request)[4])) == 1
    assert faces(draw("at sunset", **request)[4]) == []


def test_a_megabyte_of_words_is_read_only_so_far() -> None:
    assert len(understand("cat " * 250_000).actors) <= MAX_WORDS


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_no_text_is_an_error(text: str) -> None:
    scene = scene_of(text)
    assert scene.actors or scene.lettering


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(sorted(THINGS)),
    st.sampled_from(["bounces", "flies", "swims", "dances", "falls", "spins", "drives", "jumps"]),
    st.floats(0, 10),
)
def test_whatever_moves_stays_where_it_can_be_seen(thing: str, verb: str, share: float) -> None:
    scene = scene_of(f"a {thing.replace('_', ' ')} {verb} in a field")
    state = plan(scene.actors[0], scene, 10.0).at(share)
    actor = scene.actors[0]
    leaves = actor.kind == "rocket" or actor.action == "fall"  # these come from above or go there
    assert -0.4 * actor.width <= state.x <= scene.aspect + 0.4 * actor.width
    assert leaves or -0.05 <= state.y <= 1.35
