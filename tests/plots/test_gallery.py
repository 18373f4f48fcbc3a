import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sim.errors import InputError
from sim.plots.gallery import KINDS, SWEEP_KINDS, draw, draw_all, draw_sweep, is_tipping, skipped
from sim.plots.style import encoded, styled_over
from sim.result import Result, Sweep
from tests.plots.drawn import faults
from tests.plots.making import NAMES, result, sweep

LONG = (
    "Had Russia, the other members of the alliance and everybody else kept their word in every single case "
    "since the treaty was signed at Tashkent: a very long counterfactual"
)

MADE_UP = [kind for kind in KINDS if kind != "moved"]
"""Kinds that can be drawn of made-up results; the others are drawn from a replay."""

CASES = {
    "usual": {},
    "far fall": {"drop": 2.5},
    "two members": {"members": ("RUS", "ARM"), "replicates": 10},
    "seventeen members": {"members": tuple(NAMES), "replicates": 6},
    "ten branches and a long title": {
        "branches": tuple(f"a-branch-with-quite-a-long-name-number-{n}-that-goes-on" for n in range(10)),
        "title": LONG,
        "replicates": 10,
    },
    "weeks": {"step": "week", "start": "2022-01-01", "end": "2023-12-31", "replicates": 10},
    "half a year": {"start": "2022-06-01", "end": "2022-12-31", "replicates": 10},
    "decades": {"start": "1992-05-01", "end": "2030-12-31", "replicates": 10},
    "signs": {"title": "Cost of $5 & 90% <b>_x_</b>, twice $", "replicates": 10},
}


def made_for(case: str) -> Result:
    keys = {k: date.fromisoformat(v) if k in ("start", "end") else v for k, v in CASES[case].items()}
    return result(**keys)


@pytest.mark.parametrize("case", CASES)
def test_nothing_overlaps_or_leaves_the_page(case: str) -> None:
    made = made_for(case)
    found = {kind: faults(draw(made, kind)) for kind in MADE_UP}
    assert found == {kind: [] for kind in MADE_UP}


def test_sweep_figures_have_no_overlaps(plane: Sweep, line: Sweep) -> None:
    assert faults(SWEEP_KINDS["tipping"](plane)) == []
    assert faults(SWEEP_KINDS["heatmap"](plane)) == []
    assert faults(SWEEP_KINDS["curve"](line)) == []


@pytest.mark.parametrize("kind", MADE_UP)
def test_equal_figures_give_equal_bytes(made: Result, kind: str) -> None:
    first, again = draw(made, kind), draw(made, kind)
    assert encoded(first, "png") == encoded(again, "png")
    assert encoded(first, "svg") == encoded(again, "svg") == encoded(first, "svg")


def test_pdf_bytes_are_equal_too(made: Result) -> None:
    assert encoded(draw(made, "network"), "pdf") == encoded(draw(made, "network"), "pdf")


def test_files_carry_no_time_and_no_software(made: Result) -> None:
    figure = draw(made, "trust")
    assert b"<dc:date>" not in encoded(figure, "svg")
    assert b"Software" not in encoded(figure, "png")[:400]
    assert b"CreationDate" not in encoded(figure, "pdf")


def test_draws_every_kind_in_every_format(made: Result, tmp_path: Path) -> None:
    paths = draw_all(made, tmp_path)
    assert sorted(path.name for path in paths) == sorted(
        f"{kind}.{form}" for kind in MADE_UP for form in ("png", "svg")
    )
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert all(path.stat().st_size > 5000 for path in paths)


def test_says_why_a_figure_is_left_out(tmp_path: Path) -> None:
    alone = result(branches=("base",), replicates=5)
    reasons = skipped(alone)
    assert set(reasons) == {"moved", "branches"}
    assert reasons["branches"] == "needs 2 branches; this result has 1"
    drawn = {path.stem for path in draw_all(alone, tmp_path, formats=("png",))}
    assert drawn == set(KINDS) - set(reasons)
    with pytest.raises(InputError, match="cannot draw 'branches': needs 2 branches"):
        draw_all(alone, tmp_path, kinds=("branches",))


def test_a_state_goes_into_the_name_of_figures_about_one(made: Result, tmp_path: Path) -> None:
    paths = draw_all(made, tmp_path, ("svg",), kinds=("trust", "network"), state="KAZ")
    assert [path.name for path in paths] == ["trust-KAZ.svg", "network.svg"]


def test_sweeps_draw_by_the_number_of_their_keys(plane: Sweep, line: Sweep, tmp_path: Path) -> None:
    assert [p.name for p in draw_sweep(line, tmp_path, ("png",))] == ["curve.png"]
    assert [p.name for p in draw_sweep(plane, tmp_path, ("png",))] == ["heatmap.png", "tipping.png"]
    three = sweep({"a.b.c": (0.1, 0.2), "a.b.d": (0.1, 0.2), "a.b.e": (0.1, 0.2)})
    assert draw_sweep(three, tmp_path) == []
    assert is_tipping(plane)
    assert not is_tipping(line)
    several = sweep(
        {"states.RUS.capability": (0.1, 0.2)}, {"ARM.trust[RUS]@end": "number", "ARM.posture@end": "number"}
    )
    assert [p.name for p in draw_sweep(several, tmp_path, ("svg",))] == ["curve-1.svg", "curve-2.svg"]


def test_kinds_of_sweep_figures_can_be_chosen(plane: Sweep, line: Sweep, tmp_path: Path) -> None:
    assert [p.name for p in draw_sweep(plane, tmp_path, ("png",), kinds=("tipping",))] == ["tipping.png"]
    with pytest.raises(InputError, match="unknown kind of figure 'trust' of a sweep; allowed: tipping"):
        draw_sweep(plane, tmp_path, kinds=("trust",))
    with pytest.raises(InputError, match="needs a sweep of two keys"):
        draw_sweep(line, tmp_path, kinds=("heatmap",))


def test_a_style_file_is_laid_over_ours_and_text_still_fits(made: Result, tmp_path: Path) -> None:
    style = tmp_path / "serif.mplstyle"
    style.write_text("font.family: DejaVu Serif\n")
    plain = encoded(draw(made, "branches"), "png")
    with styled_over(str(style)):
        figure = draw(made, "branches")
        assert {text.get_fontfamily()[0] for text in figure.texts} == {"DejaVu Serif"}
        assert faults(figure) == []
    assert encoded(draw(made, "branches"), "png") == plain
    with pytest.raises(InputError, match="no style 'nowhere'"), styled_over("nowhere"):
        pass


def test_unknown_kinds_and_formats_name_what_there_is(made: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'trsut'; allowed: trust, .* did you mean 'trust'"):
        draw(made, "trsut")
    with pytest.raises(InputError, match="unknown figure format 'gif'; allowed: png, svg, pdf"):
        draw_all(made, tmp_path, ("gif",))


def test_results_draw_themselves(made: Result) -> None:
    figure = made.plot.trust("KAZ", branch="agents-decide")
    assert figure.get_label() == "Kazakhstan's trust in Russia, 2020\N{EN DASH}26"
    assert figure._repr_png_().startswith(b"\x89PNG")


def test_another_process_draws_the_same_and_no_global_state_is_changed() -> None:
    code = (
        "import hashlib, sys\n"
        "import matplotlib; before = dict(matplotlib.rcParams.copy())\n"
        "from tests.plots.making import result\n"
        "from sim.plots.gallery import draw\n"
        "from sim.plots.style import encoded, styled_over\n"
        "data = encoded(draw(result(replicates=3), 'trust'), 'svg')\n"
        "assert dict(matplotlib.rcParams.copy()) == before, 'settings'\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot'\n"
        "print(hashlib.sha256(data).hexdigest())\n"
    )
    root = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    here = encoded(draw(result(replicates=3), "trust"), "svg")
    assert done.stdout.strip() == hashlib.sha256(here).hexdigest()
