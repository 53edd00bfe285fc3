"""Files that nobody would send on purpose, and some that people do: each is read to its end or refused in one sentence."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from generator.codec import Codec, write_clip
from generator.errors import BadClip, ClipTooLarge
from safety.media import Frame, SampledClip
from tests.generator.test_codec import ffmpeg

FAST = ("-c:v", "libx264", "-preset", "ultrafast", "-threads", "1")


def moving(size: str = "64x64", rate: float = 24, seconds: float = 1) -> tuple[str, ...]:
    """A test picture that moves, as FFmpeg's own source."""
    return ("-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}")


def read(path: Path) -> list[SampledClip]:
    Codec().facts(path)
    return list(Codec().parts(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="module")
def clip(folder: Path) -> Path:
    path = folder / "whole.mp4"
    ffmpeg(
        *moving("160x96", seconds=3), "-f", "lavfi", "-i", "sine=f=300:r=48000:d=3", *FAST, "-g", "12", "-c:a", "aac", str(path)
    )
    return path


GOOD = {
    "frames two seconds apart": (moving(rate=0.5, seconds=8), FAST, "mp4"),
    "240 frames a second": (moving(rate=240, seconds=1), FAST, "mp4"),
    "one pixel": (("-f", "lavfi", "-i", "color=red:s=1x1:r=8:d=1"), ("-c:v", "ffv1", "-pix_fmt", "bgra"), "mkv"),
    "ten bits, tagged as HDR": (
        moving(), (*FAST, "-pix_fmt", "yuv420p10le", "-color_trc", "smpte2084", "-colorspace", "bt2020nc"), "mp4",
    ),
    "full colour resolution": (moving(), (*FAST, "-pix_fmt", "yuv444p"), "mp4"),
    "interlaced": (moving(), (*FAST, "-flags", "+ilme+ildct", "-vf", "setfield=tff"), "mp4"),
    "transparent": (moving(), ("-vf", "format=rgba,colorchannelmixer=aa=0.3", "-c:v", "qtrle"), "mov"),
    "stamps below zero": (moving(), (*FAST, "-output_ts_offset", "-30"), "mkv"),
    "stamps of another day": (moving(), (*FAST, "-output_ts_offset", "90000"), "ts"),
    "no stamps": (moving(), (*FAST, "-bsf:v", "setts=pts=NOPTS:dts=NOPTS"), "avi"),
    "eight channels at 192 kHz": (
        (*moving(), "-f", "lavfi", "-i", "sine=r=192000:d=1"), (*FAST, "-ac", "8", "-ar", "192000", "-c:a", "pcm_s16le"), "mkv",
    ),
    "many tracks": ((*moving(), *moving("32x32")), (*FAST, *("-map", "0", *("-map", "1") * 8)), "mkv"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_odd_clips_are_read_to_their_end(folder: Path, name: str) -> None:
    source, how, suffix = GOOD[name]
    path = folder / f"{name}.{suffix}"
    ffmpeg(*source, *how, str(path))
    frames = [f for part in read(path) for f in part.frames]
    seconds = 8 if "apart" in name else 1
    assert len(frames) >= (4 if "apart" in name else 2)
    assert 0.5 * seconds - 1e-6 <= frames[-1].time <= seconds
    assert {f.picture.shape for f in frames} == {(1, 1, 3) if "pixel" in name else (64, 64, 3)}


def test_a_stamp_that_jumps_back_does_not_stop_the_clock(folder: Path) -> None:
    """The second frame claims to stand at 500 s; a clock that never falls would never again be due."""
    path = folder / "jump.mkv"
    ffmpeg(*moving(seconds=4), *FAST, "-bf", "0", "-bsf:v", "setts=pts='if(eq(N,1),PTS+500/TB,PTS)'", str(path))
    assert len([f for part in read(path) for f in part.frames]) >= 8


def test_hundreds_of_frames_in_no_time_are_sampled_by_their_number(folder: Path) -> None:
    path = folder / "dense.mp4"
    still = np.full((16, 16, 3), 90, np.uint8)
    write_clip(path, (Frame(still, 0.0, i) for i in range(600)), None, width=16, height=16, fps=24, preset="ultrafast")
    frames = [f for part in read(path) for f in part.frames]
    assert frames[-1].time < 0.01 and len(frames) >= 600 // 121


def test_a_picture_that_grows_in_the_middle_is_read(folder: Path) -> None:
    for name, size in (("small", "64x64"), ("large", "128x96")):
        ffmpeg(*moving(size), *FAST, str(folder / f"{name}.h264"))
    both, path = folder / "both.h264", folder / "grows.ts"
    both.write_bytes((folder / "small.h264").read_bytes() + (folder / "large.h264").read_bytes())
    ffmpeg("-f", "h264", "-i", str(both), "-c", "copy", str(path))
    shapes = [f.picture.shape for part in read(path) for f in part.frames]
    assert shapes[0] == (64, 64, 3) and shapes[-1] == (96, 128, 3)


def test_a_picture_that_grows_beyond_the_limit_is_refused(folder: Path) -> None:
    ffmpeg(*moving("64x64"), *FAST, str(folder / "tiny.h264"))
    ffmpeg(*moving("4352x2304", 2), *FAST, str(folder / "vast.h264"))
    both, path = folder / "burst.h264", folder / "burst.ts"
    both.write_bytes((folder / "tiny.h264").read_bytes() + (folder / "vast.h264").read_bytes())
    ffmpeg("-f", "h264", "-i", str(both), "-c", "copy", str(path))
    with pytest.raises(BadClip):
        read(path)


def test_8k_is_refused_by_its_size_before_it_is_decoded(folder: Path) -> None:
    path = folder / "8k.mp4"
    ffmpeg("-f", "lavfi", "-i", "color=s=7680x4320:r=2:d=0.5", *FAST, str(path))
    with pytest.raises(ClipTooLarge, match="7680x4320 pixels; at most"):
        read(path)


def test_two_hours_are_refused_by_their_length(folder: Path) -> None:
    path = folder / "long.mp4"
    ffmpeg(*moving("16x16", 0.1, 7200), *FAST, str(path))
    with pytest.raises(ClipTooLarge, match="longer than 600 seconds"):
        read(path)


def test_a_track_without_a_frame_is_cut_short(folder: Path) -> None:
    path = folder / "none.mkv"
    ffmpeg(*moving(), *FAST, "-frames:v", "0", str(path))
    with pytest.raises(BadClip, match=r"cut short|cannot be decoded|neither"):
        read(path)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov"])
def test_a_hole_in_the_middle_is_never_skipped(clip: Path, folder: Path, suffix: str) -> None:
    whole, path = folder / f"hole_whole.{suffix}", folder / f"hole.{suffix}"
    ffmpeg("-i", str(clip), "-c", "copy", str(whole))
    data = bytearray(whole.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    path.write_bytes(data)
    with pytest.raises(BadClip, match=r"damaged|cut short"):
        read(path)


def test_a_frame_the_decoder_painted_over_is_damage(clip: Path, folder: Path) -> None:
    """Sixty-four foreign bytes in a frame: H.264 hides them and goes on; two places of the file, so that one is a picture's."""
    data, refused = clip.read_bytes(), 0
    for share in (0.4, 0.5, 0.6, 0.7):
        spoilt, path = bytearray(data), folder / "spoilt.mp4"
        at = int(len(data) * share)
        spoilt[at : at + 64] = np.random.default_rng(1).bytes(64)
        path.write_bytes(spoilt)
        try:
            read(path)
        except BadClip as reason:
            refused += "damaged" in reason.detail
    assert refused >= 3  # a foreign byte may by chance mean something


def test_a_live_webm_whose_clusters_do_not_say_how_long_they_are_is_read(folder: Path) -> None:
    path = folder / "live.webm"
    ffmpeg(*moving(), "-c:v", "libvpx", "-f", "webm", "-live", "1", str(path))
    assert len(read(path)) == 1


def test_a_webm_with_a_foreign_piece_between_its_clusters_is_refused(folder: Path) -> None:
    path = folder / "pieced.webm"
    ffmpeg(*moving(seconds=2), "-c:v", "libvpx", "-cluster_time_limit", "500", str(path))
    data = path.read_bytes()
    at = data.rindex(b"\x1f\x43\xb6\x75")
    path.write_bytes(data[:at] + b"\x00" * 4 + data[at + 4 :])
    with pytest.raises(BadClip, match="cut short"):
        read(path)


def test_somebody_elses_manifest_does_not_keep_a_clip_from_being_read(clip: Path, folder: Path) -> None:
    path = folder / "signed.mp4"
    data = clip.read_bytes()
    first = int.from_bytes(data[:4], "big")
    box = (
        bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
        + bytes(4)
        + b"manifest\0"
        + bytes(8)
        + b"\x00\x00\x00\x20jumb"
        + bytes(500)
    )
    data = data + (8 + len(box)).to_bytes(4, "big") + b"uuid" + box
    path.write_bytes(data)
    assert first > 0 and len(read(path)) == 1


@pytest.mark.parametrize(
    ("kind", "sentence"), [("gif", "cannot be decoded as video"), ("webp", "is an animation"), ("apng", "is an animation")]
)
def test_an_animation_is_not_read_as_its_first_picture(folder: Path, kind: str, sentence: str) -> None:
    path = folder / f"moves.{kind}"
    ffmpeg(*moving(rate=4), str(path))
    with pytest.raises(BadClip, match=sentence):
        read(path)


def test_a_picture_named_mp4_is_read_as_the_picture_it_is(folder: Path) -> None:
    path = folder / "photo.mp4"
    ffmpeg(*moving(), "-frames:v", "1", "-f", "mjpeg", str(path))
    (part,) = read(path)
    assert part.facts.video_codec == "still" and len(part.frames) == 1


def test_what_is_no_media_is_said_whatever_its_name(folder: Path, clip: Path) -> None:
    with zipfile.ZipFile(folder / "zip.mp4", "w") as archive:
        archive.write(clip, "clip.mp4")
    (folder / "page.mp4").write_text("<html><body><video src='whole.mp4'></video></body></html>")
    (folder / "list.mp4").write_text("#EXTM3U\n#EXTINF:2,\nwhole.mp4\n#EXT-X-ENDLIST\n")
    (folder / "concat.mp4").write_text("ffconcat version 1.0\nfile whole.mp4\n")
    (folder / "dash.mp4").write_text('<?xml version="1.0"?><MPD><Period><BaseURL>whole.mp4</BaseURL></Period></MPD>')
    for name in ("zip", "page", "list", "concat", "dash"):
        with pytest.raises(BadClip, match="cannot be decoded as video"):
            read(folder / f"{name}.mp4")


def test_paths_that_are_no_files_are_said_and_a_pipe_is_not_waited_for(folder: Path) -> None:
    (folder / "dir.mp4").mkdir()
    os.mkfifo(folder / "pipe.mp4")
    (folder / "loop.mp4").symlink_to(folder / "loop.mp4")
    for name, sentence in (
        ("dir", "is no file but a folder"),
        ("pipe", "is no file but a device or pipe"),
        ("loop", r"no file|opened"),
    ):
        with pytest.raises(BadClip, match=sentence):
            read(folder / f"{name}.mp4")


def test_a_file_without_permission_is_said(clip: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The administrator may open anything, so the refusal is the operating system's by proxy."""
    path = folder / "locked.mp4"
    shutil.copy(clip, path)

    def refuse(self: Path, *_args: object, **_kwargs: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(BadClip, match=r"Permission denied.*; check the path and its permissions"):
        Codec().facts(path)
