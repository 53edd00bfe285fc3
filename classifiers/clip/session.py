"""One ONNX model, loaded when it is first asked and never before, by digest.

It exists so that no detector loads anything at import, every session is bounded to one core (the pipeline runs several side by
side), and a missing or altered file is the weights error a person can act on. It must never fetch: that is
``clearance models fetch``.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from safety import weights

if TYPE_CHECKING:
    import onnxruntime

#: Threads inside one session. More would make detectors that run side by side fight over the same cores.
THREADS = 1
#: Pictures a run; bounds memory whatever the length of the clip (the largest input here is 320x320x3 floats, 1.2 MB each).
BATCH = 8


class Model:
    """The model ``name`` of ``safety/weights.yaml``. Safe to share between threads, and to pickle (the session stays behind)."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._session: onnxruntime.InferenceSession | None = None

    def __reduce__(self) -> tuple[type[Model], tuple[str]]:
        return type(self), (self.name,)

    def run(self, pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        """First output for ``pictures``, whose first axis is the batch; at most ``BATCH`` of them are computed at a time.

        Raises ``safety.weights.WeightsError`` when the file is missing or has other bytes.
        """
        session = self._loaded()
        entrance = session.get_inputs()[0].name
        parts = [session.run(None, {entrance: pictures[i : i + BATCH]})[0] for i in range(0, len(pictures), BATCH)]
        return np.concatenate(parts).astype(np.float32, copy=False)

    def _loaded(self) -> Any:
        with self._lock:
            if self._session is None:
                import onnxruntime

                options = onnxruntime.SessionOptions()
                options.intra_op_num_threads = THREADS
                options.inter_op_num_threads = 1
                options.log_severity_level = 3
                options.enable_cpu_mem_arena = False  # the arena keeps what the largest batch needed for ever
                self._session = onnxruntime.InferenceSession(
                    str(weights.find(self.name)), options, providers=["CPUExecutionProvider"]
                )
            return self._session
