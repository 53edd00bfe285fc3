"""Reading and writing clips: what goes in comes out, and every bad file is one sentence."""

from __future__ import annotations

import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest

from generator import codec, sampling, sources
from generator.codec import Codec, write_clip
from generator.errors import BadClip, ClipTooLarge, GeneratorError
from safety.errors import BadMedia
from safety.media import SOUND_RATE, Frame, MediaReader, Picture

W, H = 320, 180


def scene(i: int, width: int = W, height: int = H) -> Picture:
    """A gradient whose red square moves three pixels a frame."""
    y, x = np.mgrid[:height, :width]
    out = np.stack([x * 200 // width, y * 200 // height, np.full_like(x, 90)], -1).astype(np.uint8)
    out[40:80, 10 + 3 * i : 50 + 3 * i] = (220, 40, 40)
    return out


def clicks(seconds: float, *at: float) -> np.ndarray:
    out = np.zeros(int(seconds * SOUND_RATE), np.float32)
    for t in at:
        out[int(t * SOUND_RATE) : int(t * SOUND_RATE) + 60] = 0.9
    return out


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    write_clip(path, (scene(i) for i in range(48)), clicks(2.0, 1.0), width=W, height=H, fps=24)
    return path


def ffmpeg(*args: str) -> None:
    subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error", *args], check=True)


def test_the_codec_is_a_media_reader() -> None:
    reader: MediaReader = Codec()
    assert reader


def test_facts_say_size_rate_length_and_codecs(clip: Path) -> None:
    facts = Codec().facts(clip)
    assert (facts.width, facts.height, facts.fps) == (W, H, 24.0)
    assert abs(facts.seconds - 2.0) < 0.05
    assert (facts.video_codec, facts.audio_codec) == ("h264", "aac")


def test_pictures_come_back_as_they_were_within_a_few_levels(clip: Path) -> None:
    frames = list(Codec().frames(clip))
    assert len(frames) == 48
    assert [f.index for f in frames] == list(range(48))
    assert np.allclose([f.time for f in frames], np.arange(48) / 24, atol=1e-3)
    errors = [np.abs(f.picture.astype(int) - scene(f.index)).mean() for f in frames]
    assert max(errors) < 3.0


def test_sound_comes_back_in_its_place_within_five_milliseconds(clip: Path) -> None:
    sound = Codec().sound(clip)
    assert sound is not None and sound.dtype == np.float32
    assert abs(int(np.abs(sound).argmax()) - SOUND_RATE) < 0.005 * SOUND_RATE


def test_a_clip_without_sound_has_none(tmp_path: Path) -> None:
    path = tmp_path / "quiet.mp4"
    write_clip(path, (scene(i) for i in range(12)), None, width=W, height=H, fps=12)
    assert Codec().sound(path) is None
    assert Codec().facts(path).audio_codec is None
    assert Codec().sample(path).sound is None


def test_the_same_input_gives_the_same_bytes(clip: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.mp4"
    for _ in range(6):
        write_clip(again, (scene(i) for i in range(48)), clicks(2.0, 1.0), width=W, height=H, fps=24)
        assert again.read_bytes() == clip.read_bytes()


def test_the_index_stands_before_the_media_so_that_it_plays_at_once(clip: Path) -> None:
    data = clip.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_frames_pass_through_a_change_and_are_written_again_in_one_pass(clip: Path, tmp_path: Path) -> None:
    out, reader = tmp_path / "sealed.mp4", Codec()

    def badge(frames: Iterator[Frame]) -> Iterator[Frame]:
        for f in frames:
            picture = f.picture.copy()
            picture[:20, :20] = 255
            yield Frame(picture, f.time, f.index)

    facts = reader.facts(clip)
    write_clip(out, badge(reader.frames(clip)), reader.sound(clip), width=facts.width, height=facts.height, fps=facts.fps)
    sealed = list(reader.frames(out))
    assert len(sealed) == 48
    assert min(f.picture[4:16, 4:16].mean() for f in sealed) > 245


def test_variable_frame_times_are_kept(tmp_path: Path) -> None:
    times = [0.0, 0.1, 0.15, 0.5, 0.9, 1.0]
    path = tmp_path / "vfr.mp4"
    write_clip(path, (Frame(scene(i), t, i) for i, t in enumerate(times)), None, width=W, height=H, fps=20)
    assert np.allclose([f.time for f in Codec().frames(path)], times, atol=1e-3)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_phone_video_is_read_upright(clip: Path, tmp_path: Path, degrees: int) -> None:
    """FFmpeg's own automatic rotation is the reference."""
    turned, upright = tmp_path / "turned.mp4", tmp_path / "upright.mp4"
    ffmpeg("-display_rotation", str(degrees), "-i", str(clip), "-c", "copy", str(turned))
    ffmpeg("-i", str(turned), "-c:v", "libx264", "-crf", "10", str(upright))
    facts = Codec().facts(turned)
    assert (facts.width, facts.height) == ((H, W) if degrees % 180 else (W, H))
    one, two = next(iter(Codec().frames(turned))).picture, next(iter(Codec().frames(upright))).picture
    assert one.shape == two.shape
    assert np.abs(one.astype(int) - two).mean() < 4


def test_webm_is_read_too(clip: Path, tmp_path: Path) -> None:
    path = tmp_path / "clip.webm"
    ffmpeg("-i", str(clip), "-c:v", "libvpx", "-c:a", "libopus", str(path))
    assert Codec().facts(path).video_codec == "vp8"
    assert len(list(Codec().frames(path))) == 48


def test_a_sample_has_two_frames_a_second_and_a_digest(clip: Path) -> None:
    sample = Codec().sample(clip)
    gaps = np.diff([f.time for f in sample.frames])
    assert sample.frames[0].index == 0 and gaps.max() <= 0.5 + 1 / 24
    assert sample.digest.startswith("sha256:") and len(sample.digest) == 71
    assert sample.sound is not None


def test_a_single_foreign_frame_is_sampled(tmp_path: Path) -> None:
    flash = np.full((H, W, 3), 250, np.uint8)
    path = tmp_path / "flash.mp4"
    write_clip(path, (flash if i == 31 else scene(i) for i in range(72)), None, width=W, height=H, fps=24)
    assert 31 in [f.index for f in Codec().sample(path).frames]


def test_every_cut_between_shots_is_sampled(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    shots = [np.full((H, W, 3), rng.integers(0, 255, 3), np.uint8) for _ in range(9)]
    for shot in shots:
        shot[: int(rng.integers(40, 140))] //= 3
    path = tmp_path / "cuts.mp4"
    write_clip(path, (shots[i // 5] for i in range(45)), None, width=W, height=H, fps=30)
    seen = [f.index for f in Codec().sample(path).frames]
    assert {i * 5 for i in range(9)} <= set(seen)


def test_large_frames_are_sampled_at_most_1280_wide(tmp_path: Path) -> None:
    path = tmp_path / "large.mp4"
    write_clip(path, (scene(0, 1600, 900) for _ in range(4)), None, width=1600, height=900, fps=8, preset="ultrafast")
    assert Codec().sample(path).frames[0].picture.shape == (720, 1280, 3)


def test_a_long_clip_is_sampled_within_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "MAX_FRAMES", 20)
    path = tmp_path / "long.mp4"
    write_clip(path, (scene(i % 60) for i in range(240)), None, width=W, height=H, fps=8, preset="ultrafast")
    frames = Codec().sample(path).frames
    assert 10 <= len(frames) <= 20
    assert frames[-1].time > 25


def test_frames_are_read_lazily(clip: Path) -> None:
    tracemalloc.start()
    for _ in Codec().frames(clip):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * W * H * 3


BAD = {
    "missing.mp4": "There is no file at",
    "empty.mp4": "empty.mp4 is empty (0 bytes)",
    "words.mp4": "words.mp4 cannot be decoded as video",
    "playlist.mp4": "playlist.mp4 cannot be decoded as video",
    "cut.mp4": "cut.mp4 is cut short",
    "head.mp4": "head.mp4 is cut short",
    "song.m4a": "song.m4a holds only sound",
    "noise.mp4": "noise.mp4 cannot be decoded as video",
}


@pytest.fixture(scope="module")
def bad(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One small file for each way to fail."""
    folder = tmp_path_factory.mktemp("bad")
    data = clip.read_bytes()
    shutil.copy(clip, folder / "secret.mp4")
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "words.mp4").write_text("this is not a film\n" * 50)
    (folder / "playlist.mp4").write_text(f"#EXTM3U\n#EXTINF:2,\n{folder / 'secret.mp4'}\n#EXT-X-ENDLIST\n")
    (folder / "cut.mp4").write_bytes(data[: len(data) * 2 // 3])
    (folder / "head.mp4").write_bytes(data[:600])
    (folder / "noise.mp4").write_bytes(np.random.default_rng(1).bytes(20_000))
    ffmpeg("-i", str(clip), "-vn", "-c:a", "copy", str(folder / "song.m4a"))
    return folder


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("way", ["facts", "frames", "sound", "sample"])
def test_a_bad_file_gives_one_clear_sentence(bad: Path, name: str, way: str) -> None:
    with pytest.raises(BadMedia) as caught:
        answer = getattr(Codec(), way)(bad / name)
        if way == "frames":
            list(answer)
    assert isinstance(caught.value, BadClip)
    assert BAD[name] in caught.value.detail
    assert caught.value.detail.count("\n") == 0 and caught.value.detail.endswith(".")


def test_a_truncated_matroska_file_is_found_out_while_reading(clip: Path, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole.mkv", tmp_path / "part.mkv"
    ffmpeg("-stream_loop", "2", "-i", str(clip), "-c", "copy", str(whole))
    part.write_bytes(whole.read_bytes()[: whole.stat().st_size // 3])
    with pytest.raises(BadMedia, match=r"cut short|damaged|cannot be decoded"):
        list(Codec().frames(part))


def test_limits_are_named_and_kept(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MAX_SECONDS", 1.0)
    with pytest.raises(ClipTooLarge, match="longer than 1 seconds"):
        Codec().facts(clip)
    monkeypatch.setattr(sources, "MAX_SECONDS", codec.MAX_SECONDS)
    monkeypatch.setattr(sources, "MAX_PIXELS", 1000)
    with pytest.raises(BadClip):
        Codec().facts(clip)


def test_a_writer_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    def frames() -> Iterator[Picture]:
        yield scene(0)
        raise RuntimeError("the camera broke")

    with pytest.raises(RuntimeError, match="the camera broke"):
        write_clip(tmp_path / "half.mp4", frames(), None, width=W, height=H, fps=24)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("frames", "size", "words"), [
    ([], (W, H), "without a single frame"),
    ([scene(0)], (W + 2, H), "does not fit a clip"),
    ([scene(0)], (W + 1, H), "both sides must be even"),
])  # fmt: skip
def test_what_cannot_be_written_is_said(tmp_path: Path, frames: list[Picture], size: tuple[int, int], words: str) -> None:
    with pytest.raises(GeneratorError, match=words):
        write_clip(tmp_path / "no.mp4", frames, None, width=size[0], height=size[1], fps=24)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="could not be written"):
        write_clip(tmp_path / "nowhere" / "no.mp4", [scene(0)], None, width=W, height=H, fps=24)


def test_written_clips_carry_no_dates_and_no_program_names(clip: Path) -> None:
    with av.open(str(clip)) as box:
        told = {**box.metadata, **box.streams.video[0].metadata}
    assert not {"creation_time", "encoder"} & set(told)
