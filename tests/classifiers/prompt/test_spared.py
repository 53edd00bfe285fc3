"""A library that looks for a package we spare does not get it, and nobody else notices."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from classifiers.prompt.spared import spared


def test_the_importing_thread_is_told_that_the_package_is_absent_and_another_thread_is_not() -> None:
    sys.modules.pop("colorsys", None)
    got: list[bool] = []

    def other() -> None:
        import colorsys

        got.append(bool(colorsys))

    with spared("colorsys"):
        with pytest.raises(ModuleNotFoundError):
            import colorsys
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        sys.modules.pop("colorsys", None)
    assert got == [True]
    import colorsys

    assert colorsys.hsv_to_rgb(0, 0, 1) == (1, 1, 1)


def test_personal_data_is_found_without_loading_torch() -> None:
    code = (
        "import sys\n"
        "from classifiers.prompt import read_prompt\n"
        "from classifiers.prompt.presidio import PresidioPersonalData\n"
        "from safety.prompt import Prompt\n"
        "found = PresidioPersonalData().detect(read_prompt(Prompt(text='write to jane.doe@example.org')))\n"
        "print('torch' in sys.modules, len(found.signals))\n"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["False", "1"], done.stderr
