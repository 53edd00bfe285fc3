"""Text into the published encoder's word pieces (a unigram model, Kudo 2018), by the sentencepiece library.

The file holds pieces and their probabilities; the model that sentencepiece reads is put together from them in memory. (The
tokenizers library gives the same pieces and takes 270 MB for them instead of 50.)
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate

from classifiers.prompt.reader.published import Published, published

#: Pieces a text is cut to, its two end marks included: a window of eighty words has some 110.
MOST_PIECES = 192
_SPACES = re.compile(" {2,}")
#: Kinds of pieces in a model file (sentencepiece_model.proto): normal, unknown, control.
_NORMAL, _UNKNOWN, _CONTROL = 1, 2, 3


class Pieces:
    """The loaded vocabulary; safe to share between threads."""

    def __init__(self) -> None:
        from sentencepiece import SentencePieceProcessor

        file = published()
        self._begin, self._end = file.begin, file.end
        self._table = file.replaced
        self._model = SentencePieceProcessor(model_proto=_model(file))

    def cut(self, text: str) -> list[int]:
        """Ids of ``text`` between its end marks, at most ``MOST_PIECES``. Lone surrogates are left out."""
        return [self._begin, *self._model.encode(self._plain(text))[: MOST_PIECES - 2], self._end]

    def starts(self, text: str) -> list[int]:
        """Where each piece between the end marks begins in ``text``; near enough where the table changes lengths."""
        plain = self._plain(text)
        found = self._model.encode(plain, return_type="proto").pieces[: MOST_PIECES - 2]
        places = {at: i for i, at in enumerate(accumulate((len(c.encode()) for c in plain), initial=0))}
        return [places[piece.begin] for piece in found]

    def _plain(self, text: str) -> str:
        return _SPACES.sub(" ", text.translate(self._table)).encode("utf-8", "ignore").decode("utf-8").removeprefix(" ")


def _model(file: Published) -> bytes:
    """The published pieces as a model of sentencepiece's own."""
    from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined]  # made when it is imported

    model = ModelProto()
    model.trainer_spec.model_type = 1  # unigram
    model.trainer_spec.unk_id, model.trainer_spec.bos_id, model.trainer_spec.eos_id = file.unknown, file.begin, file.end
    model.trainer_spec.pad_id = -1
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = model.normalizer_spec.escape_whitespaces = True
    model.normalizer_spec.remove_extra_whitespaces = False
    for number, (text, score) in enumerate(file.pieces()):
        control = number in (file.begin, file.end) or text == "<pad>"
        kind = _UNKNOWN if number == file.unknown else _CONTROL if control else _NORMAL
        model.pieces.add(piece=text, score=score, type=kind)
    return bytes(model.SerializeToString())


@lru_cache(maxsize=1)
def pieces() -> Pieces:
    """The vocabulary, loaded on first use."""
    return Pieces()
