"""A worker in a process of its own, to be killed: ``python -m tests.streams.run_worker HOME BOOTSTRAP PREFIX``."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from streams import worker
from streams.kafka import KafkaRunner
from tests.streams.doubles import make_context

worker.SESSION_SECONDS = 6.0
home, bootstrap, prefix = sys.argv[1:]
with KafkaRunner(make_context(Path(home), pause=0.05), bootstrap, prefix=prefix, group=prefix):
    time.sleep(120)
