"""The generators by name. They load when asked for, not at import."""

from __future__ import annotations

from collections.abc import Callable

from generator.errors import UnknownGenerator
from generator.protocol import Generator

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
