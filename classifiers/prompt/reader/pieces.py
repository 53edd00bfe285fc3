"""Text into the published encoder's word pieces (a unigram model, Kudo 2018), by the tokenizers library."""

from __future__ import annotations

import re
from functools import lru_cache

from tokenizers import Tokenizer, models, pre_tokenizers

from classifiers.prompt.reader.published import published

#: Pieces a text is cut to, its two end marks included: a window of eighty words has some 110.
MOST_PIECES = 192
_SPACES = re.compile(" {2,}")


class Pieces:
    """The loaded vocabulary; safe to share between threads."""

    def __init__(self) -> None:
        file = published()
        self._begin, self._end = file.begin, file.end
        self._table = file.replaced
        self._model = Tokenizer(models.Unigram(list(file.pieces), unk_id=file.unknown, byte_fallback=False))
        self._model.pre_tokenizer = pre_tokenizers.Metaspace()

    def cut(self, text: str) -> list[int]:
        """Ids of ``text`` between its end marks, at most ``MOST_PIECES``. Lone surrogates are left out."""
        return [self._begin, *self._model.encode(self._plain(text)).ids[: MOST_PIECES - 2], self._end]

    def starts(self, text: str) -> list[int]:
        """Where each piece between the end marks begins in ``text``; near enough where the table changes lengths."""
        return [start for start, _ in self._model.encode(self._plain(text)).offsets[: MOST_PIECES - 2]]

    def _plain(self, text: str) -> str:
        return _SPACES.sub(" ", text.translate(self._table)).encode("utf-8", "ignore").decode("utf-8")


@lru_cache(maxsize=1)
def pieces() -> Pieces:
    """The vocabulary, loaded on first use."""
    return Pieces()
