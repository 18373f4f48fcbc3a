import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.cli.main import main

SMALL = Path(__file__).parents[1] / "experiments" / "small.toml"


@dataclass
class Done:
    """What a command did: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Command = Callable[..., Done]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with a scenario file in it."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(SMALL, tmp_path / "small.toml")
    return tmp_path


@pytest.fixture
def command(place: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Return a function that runs csto-sim in that folder."""
    del place

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return run
