"""What every generator must do; any generator can be put through it by adding a name to the registry.

``pytest tests/generator/test_contract.py`` runs all registered generators.
"""

from __future__ import annotations

import numpy as np
import pytest

from generator import registry
from generator.errors import UnknownGenerator
from generator.protocol import Chunk, GenerationRequest, Generator, Stopped
from safety.media import SOUND_RATE

REQUEST = GenerationRequest(prompt="A red ball bounces on a beach", width=320, height=320, fps=8, seconds=3.0, seed=7)


@pytest.fixture(params=registry.names())
def generator(request: pytest.FixtureRequest) -> Generator:
    return registry.get(request.param)


def run(generator: Generator, request: GenerationRequest = REQUEST, shares: list[float] | None = None) -> list[Chunk]:
    note = (lambda share, words: shares.append(share)) if shares is not None else (lambda share, words: None)
    return list(generator.generate(request, should_stop=lambda: False, progress=note))


def test_it_is_a_generator_with_a_name_a_version_and_a_kind(generator: Generator) -> None:
    assert isinstance(generator, Generator)
    assert generator.name and generator.version
    assert generator.kind in ("trainedAlgorithmicMedia", "algorithmicMedia")


def test_frames_have_the_size_and_number_that_were_asked_for(generator: Generator) -> None:
    request = REQUEST.model_copy(update={"width": 480, "height": 320, "fps": 10})
    chunks = run(generator, request)
    assert all(c.frames.dtype == np.uint8 and c.frames.shape[1:] == (320, 480, 3) and len(c.frames) for c in chunks)
    assert sum(len(c.frames) for c in chunks) == 30


def test_sound_is_as_long_as_the_picture_within_a_frame_at_every_chunk(generator: Generator) -> None:
    frames = samples = 0
    for chunk in run(generator):
        assert chunk.sound.dtype == np.float32 and chunk.sound.ndim == 1
        assert float(np.abs(chunk.sound).max(initial=0.0)) <= 1.0
        frames, samples = frames + len(chunk.frames), samples + len(chunk.sound)
        assert abs(samples / SOUND_RATE - frames / REQUEST.fps) <= 1 / REQUEST.fps


def test_progress_only_grows_and_ends_at_one(generator: Generator) -> None:
    shares: list[float] = []
    run(generator, shares=shares)
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] == 1.0


def test_it_stops_within_one_chunk_when_told(generator: Generator) -> None:
    got: list[Chunk] = []
    with pytest.raises(Stopped):
        for chunk in generator.generate(REQUEST, should_stop=lambda: len(got) >= 1, progress=lambda share, words: None):
            got.append(chunk)
    assert len(got) == 1
    assert sum(len(c.frames) for c in got) < REQUEST.fps * REQUEST.seconds


def test_it_draws_nothing_when_told_to_stop_before_it_begins(generator: Generator) -> None:
    with pytest.raises(Stopped):
        next(iter(generator.generate(REQUEST, should_stop=lambda: True, progress=lambda share, words: None)))


def test_the_same_request_gives_the_same_bits(generator: Generator) -> None:
    one, two = run(generator), run(generator)
    assert all(np.array_equal(a.frames, b.frames) and np.array_equal(a.sound, b.sound) for a, b in zip(one, two, strict=True))


def test_another_seed_gives_another_clip(generator: Generator) -> None:
    one, two = run(generator), run(generator, REQUEST.model_copy(update={"seed": 8}))
    assert any(not np.array_equal(a.frames, b.frames) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("prompt", ["", "\x00\x01\x02", "מזג אוויר יפה", "!" * 5000, "zxqv " * 3000])
def test_no_prompt_is_an_error(generator: Generator, prompt: str) -> None:
    first = next(
        iter(
            generator.generate(
                REQUEST.model_copy(update={"prompt": prompt}), should_stop=lambda: False, progress=lambda s, w: None
            )
        )
    )
    assert first.frames.std() > 5


def test_an_unknown_name_is_said_in_one_sentence() -> None:
    with pytest.raises(UnknownGenerator, match="No generator is called 'nobody'; there are world"):
        registry.get("nobody")
