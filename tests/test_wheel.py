"""The wheel runs from anywhere, with nothing of the checkout around it."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.process
def test_the_wheel_installs_into_an_empty_environment_and_runs_from_the_root(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("wanglou-*.whl")
    venv.create(tmp_path / "env", with_pip=True)
    python = tmp_path / "env/bin/python"
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", str(wheel)], check=True, capture_output=True)
    libraries = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"PYTHONPATH": str(libraries)}

    done = subprocess.run(
        [tmp_path / "env/bin/wanglou", "check"], cwd="/", env=clean, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "演示信源" in done.stdout
    where = subprocess.run(
        [python, "-c", "import bot; print(bot.__file__)"], cwd="/", env=clean, capture_output=True, text=True, check=True
    )
    assert str(tmp_path) in where.stdout
