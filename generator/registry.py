"""The generators by name. They load when asked for, not at import."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Literal

from generator.errors import UnknownGenerator
from generator.protocol import CameoReference, Chunk, GenerationRequest, Generator
from safety.media import Progress, ShouldStop

#: What is used when nothing is said.
DEFAULT = "world"


def _world() -> Generator:
    from generator.world import World

    return World()


_MAKERS: dict[str, Callable[[], Generator]] = {"world": _world}


def names() -> tuple[str, ...]:
    """All names ``get`` knows."""
    return tuple(_MAKERS)


def get(name: str = DEFAULT) -> Generator:
    """The generator called ``name``. Raises ``UnknownGenerator``."""
    if name not in _MAKERS:
        raise UnknownGenerator(f"No generator is called {name!r}; there are {', '.join(_MAKERS)}.")
    return _MAKERS[name]()


class LateGenerator:
    """The generator called ``name``, made when it is first asked for anything: whoever only looks pays nothing for torch."""

    def __init__(self, name: str) -> None:
        if name not in _MAKERS:
            raise UnknownGenerator(f"No generator is called {name!r}; there are {', '.join(_MAKERS)}.")
        self._called = name

    @cached_property
    def _made(self) -> Generator:
        return get(self._called)

    @property
    def name(self) -> str:
        return self._made.name

    @property
    def version(self) -> str:
        return self._made.version

    @property
    def kind(self) -> Literal["trainedAlgorithmicMedia", "algorithmicMedia"]:
        return self._made.kind

    def generate(
        self,
        request: GenerationRequest,
        *,
        cameos: tuple[CameoReference, ...] = (),
        parent: Path | None = None,
        should_stop: ShouldStop,
        progress: Progress,
    ) -> Iterator[Chunk]:
        return self._made.generate(request, cameos=cameos, parent=parent, should_stop=should_stop, progress=progress)
