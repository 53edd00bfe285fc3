"""Weapons, flags, blood and fights: drawn when asked for, by nothing else, and signs of hate by no prompt at all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from generator.protocol import Ancestor, GenerationRequest
from generator.world import World
from generator.world.canvas import Canvas
from generator.world.catalog import THINGS
from generator.world.direction import plan
from generator.world.grammar import HELD, understand
from generator.world.scene import Scene, compose
from generator.world.things.emblems import HARMLESS, HATE, harmless_sign, hate_sign

NEW = HELD | {"blood"}


def scene_of(prompt: str, **more: object) -> Scene:
    return compose(GenerationRequest.model_validate({"prompt": prompt, **more}))


def draw(prompt: str, seed: int = 3) -> np.ndarray:
    """Six frames at 8 a second."""
    request = GenerationRequest(prompt=prompt, fps=8, seconds=3.0, seed=seed)
    return next(iter(World().generate(request, should_stop=lambda: False, progress=lambda share, words: None))).frames


@pytest.mark.parametrize(("prompt", "holder", "held"), [
    ("a knight with a sword", "person", "sword"),
    ("un pirate avec un pistolet sur la plage", "person", "pistol"),
    ("a robot holding a red axe", "robot", "axe"),
    ("Orbo carries a bow and arrow", "cast:orbo", "bow_and_arrow"),
    ("une femme tient un couteau", "person", "dagger"),
    ("a man armed with a rifle in the city", "person", "rifle"),
    ("un ours avec une bombe", "bear", "bomb"),
])  # fmt: skip
def test_what_someone_is_with_is_in_their_hand(prompt: str, holder: str, held: str) -> None:
    (actor,) = understand(prompt).actors
    assert (actor.kind, actor.held) == (holder, held)


@pytest.mark.parametrize(("prompt", "kinds"), [
    ("a sword and a flag", ["sword", "flag"]),
    ("a ghost and a sword", ["ghost", "sword"]),
    ("une épée et un fusil", ["sword", "rifle"]),
    ("a house with a bomb", ["house", "bomb"]),
    ("a dog. A man runs with it. a pistol", ["dog", "person", "pistol"]),
    ("une flaque de sang dans la chambre", ["blood"]),
    ("du sang dans la neige et sur la route", ["blood"]),
    ("a girl sang on stage", ["person"]),
    ("un arc en ciel", []),
])  # fmt: skip
def test_what_nobody_holds_lies_there_and_other_words_are_not_taken_for_it(prompt: str, kinds: list[str]) -> None:
    wish = understand(prompt)
    assert [a.kind for a in wish.actors] == kinds
    assert all(a.held is None for a in wish.actors)


def test_the_thing_in_the_hand_is_seen_and_has_the_colour_that_was_asked_for() -> None:
    bare, armed, red = draw("a knight in a field"), draw("a knight with a sword in a field"), draw("a knight with a red sword")
    assert armed.shape == bare.shape
    assert (
        scene_of("a knight with a red sword").actors[0].held_look[0] != scene_of("a knight with a sword").actors[0].held_look[0]
    )
    assert (red[3].astype(int) - armed[3])[..., 0].max() > 40


def test_a_remix_puts_a_weapon_into_the_hand_that_was_empty() -> None:
    line = (Ancestor(prompt="a knight in a forest", seed=4),)
    (actor,) = scene_of("a knight with a sword", ancestors=line).actors
    assert (actor.kind, actor.held) == ("person", "sword")


@pytest.mark.parametrize(
    "prompt", ["two men fight in the street", "un chevalier se bat contre un robot", "a fight", "deux robots se battent"]
)
def test_fighters_stand_within_reach_and_strike_in_turn(prompt: str) -> None:
    scene = scene_of(prompt)
    one, two = sorted((a for a in scene.actors if a.role == "lead"), key=lambda a: a.x)
    left, right = plan(one, scene, 4.0), plan(two, scene, 4.0)
    for t in np.arange(0.0, 4.0, 0.1):
        gap = right.at(t).x - left.at(t).x
        assert 0.2 * one.height < gap < 0.5 * (one.width + two.width) + 0.2 * one.height
    fists = np.array([[left.at(t).pose.right, right.at(t).pose.left] for t in np.arange(0.0, 2.7, 0.05)])
    assert fists.min(0) == pytest.approx([1.5, 1.5], abs=0.1)
    assert np.corrcoef(fists.T)[0, 1] < -0.2
    assert {s.voice for s in left.sounds} == {"thud"}


def test_three_who_fight_are_two_and_one() -> None:
    scene = scene_of("three people fight in a field")
    assert [bool(plan(a, scene, 3.0).sounds) for a in scene.actors] == [True] * 3


@pytest.mark.parametrize("name", sorted(HARMLESS))
def test_every_harmless_sign_leaves_paint_and_ground(name: str) -> None:
    canvas = Canvas.blank(64, 64, 32, -1, -1)
    harmless_sign(canvas.pen(), name, (1.0, 1.0, 1.0))
    assert 0.05 < float(canvas.pixels.mean()) < 0.75


def test_the_signs_of_hate_differ_from_each_other_and_from_all_that_is_harmless() -> None:
    drawn = {}
    for name in (*HATE, *HARMLESS):
        canvas = Canvas.blank(64, 64, 32, -1, -1)
        (hate_sign if name in HATE else harmless_sign)(canvas.pen(), name, (1.0, 1.0, 1.0))
        drawn[name] = canvas.pixels[0] > 0.5
    for name in HATE:
        for other, shape in drawn.items():
            union, both = (drawn[name] | shape).sum(), (drawn[name] & shape).sum()
            assert other == name or float(both / union) < 0.8, (name, other)


def test_a_sign_of_hate_is_no_thing_that_a_prompt_could_name() -> None:
    assert not set(HATE) & set(THINGS)
    for word in ("hooked cross", "swastika", "croix gammée", "double runes", "thorn wheel", *HATE):
        assert not {a.kind for a in understand(f"a flag with a {word} on it").actors} - {"flag", "person"}
    with pytest.raises(KeyError):
        harmless_sign(Canvas.blank(8, 8, 4).pen(), "hooked_cross", (0.0, 0.0, 0.0))


#: Mean red, green and blue of the four quarters, as the world drew them before there were weapons in it.
BEFORE = {
    "a red ball bounces on a beach": [
        [171.68, 207.66, 209.74],
        [197.24, 223.54, 226.6],
        [160.46, 185.09, 171.93],
        [171.36, 187.24, 172.65],
    ],
    "Orbo and a knight walk in the city in the rain": [
        [136.43, 156.02, 169.61],
        [146.95, 150.03, 155.61],
        [121.16, 124.13, 135.17],
        [116.96, 127.32, 132.2],
    ],
    "deux chats noirs dansent la nuit": [
        [57.37, 73.33, 115.12],
        [37.13, 53.35, 97.18],
        [52.45, 70.72, 79.11],
        [51.67, 70.41, 77.88],
    ],
}


@pytest.mark.parametrize("prompt", sorted(BEFORE))
def test_prompts_without_the_new_words_are_drawn_as_before(prompt: str) -> None:
    assert not {a.kind for a in understand(prompt).actors} & NEW
    frame = torch.from_numpy(draw(prompt)[4]).float()
    quarters = [frame[i * 180 :][:180, j * 320 :][:, :320].mean((0, 1)).tolist() for i in (0, 1) for j in (0, 1)]
    assert np.array(quarters) == pytest.approx(np.array(BEFORE[prompt]), abs=0.05)
