import hashlib
import os
import re
import struct
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

MADE_UP = [kind for kind in KINDS if kind not in ("metric", "moved")]
"""Kinds that can be drawn of made-up results; the others need a question or a replay."""

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
    pictures = [f"{kind}.{form}" for kind in MADE_UP for form in ("png", "svg")]
    assert sorted(path.name for path in paths) == sorted([*pictures, "map.csv"])
    assert sorted(tmp_path.iterdir()) == sorted(paths)
    assert all(path.stat().st_size > 5000 for path in paths if path.suffix != ".csv")


def test_says_why_a_figure_is_left_out(tmp_path: Path) -> None:
    alone = result(branches=("base",), replicates=5)
    reasons = skipped(alone)
    assert set(reasons) == {"metric", "moved", "branches"}
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
    assert [p.name for p in draw_sweep(plane, tmp_path, ("png",))] == ["tipping.png"]
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


def test_a_style_sets_width_resolution_and_size_of_type(made: Result, tmp_path: Path) -> None:
    style = tmp_path / "journal.mplstyle"
    style.write_text("figure.figsize: 5, 3\nsavefig.dpi: 100\nfont.size: 6\n")
    with styled_over(str(style)):
        figure = draw(made, "branches")
    assert (figure.look.width, figure.look.dpi, figure.look.size) == (5.0, 100.0, 6.0)
    assert pixels(encoded(figure, "png"))[0] == 500
    with styled_over(str(style), size=7, dpi=200):
        assert pixels(encoded(draw(made, "branches"), "png"))[0] == 1000


def test_a_style_that_figures_do_not_follow_is_refused(tmp_path: Path) -> None:
    style = tmp_path / "lines.mplstyle"
    style.write_text("lines.linewidth: 4\nfont.size: 8\naxes.facecolor: ffeecc\n")
    with pytest.raises(InputError, match=r"sets axes\.facecolor, lines\.linewidth, which figures do not follow"):
        styled_over(str(style)).__enter__()


@pytest.mark.parametrize("kind", MADE_UP)
@pytest.mark.parametrize("size", [8, 6])
def test_figures_fit_the_column_of_a_journal(made: Result, kind: str, size: float) -> None:
    with styled_over(width=89, size=size):
        assert faults(draw(made, kind)) == []


def test_a_figure_has_the_width_and_the_size_of_type_asked_for(made: Result) -> None:
    with styled_over(width=89, size=7, dpi=300):
        figure = draw(made, "network")
    assert pixels(encoded(figure, "png"))[0] == pytest.approx(89 / 25.4 * 300, abs=1)
    svg = encoded(figure, "svg").decode()
    wide, tall, page = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt" viewBox="0 0 ([\d.]+)', svg).groups()
    assert float(wide) == pytest.approx(89 / 25.4 * 72, abs=0.01)
    assert float(page) == pytest.approx(float(wide) * 8 / 7, abs=0.01)
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", encoded(figure, "pdf"))
    assert float(box[1]) == pytest.approx(float(wide), abs=0.01)
    assert float(box[2]) == pytest.approx(float(tall), abs=0.01)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"width": 50}, "50 mm wide in type of 8 points: allowed 86 to"),
        ({"dpi": 2}, "allowed 50 to"),
        ({"size": 90}, "points"),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked: dict[str, float], said: str) -> None:
    with pytest.raises(InputError, match=said), styled_over(**asked):
        pass


def test_text_of_svg_is_text(made: Result) -> None:
    svg = encoded(draw(made, "network"), "svg").decode()
    assert "falls most, from 0.61" in svg
    assert svg.count("<text") > 20


def pixels(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_unknown_kinds_and_formats_name_what_there_is(made: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'trsut'; allowed: metric, trust, .* did you mean 'trust'"):
        draw(made, "trsut")
    with pytest.raises(InputError, match="unknown figure format 'gif'; allowed: png, svg, pdf"):
        draw_all(made, tmp_path, ("gif",))


def test_results_draw_themselves(made: Result) -> None:
    figure = made.plot.trust("KAZ", branch="agents-decide")
    assert figure.get_label() == "Kazakhstan's trust in Russia, 2020\N{EN DASH}26"
    assert figure._repr_png_().startswith(b"\x89PNG")


@pytest.mark.slow
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


def test_the_figures_of_a_result_answer_the_metrics_given(made: Result, tmp_path: Path) -> None:
    trust, chance = "ARM.trust[RUS]@2023-12", "first(ARM.posture >= reduce) <= 2023-12"
    drawn = draw_all(made, tmp_path, ("svg",), kinds=("metric", "branches", "postures"), metrics=(trust, chance))
    assert [path.name for path in drawn] == ["metric-1.svg", "metric-2.svg", "branches.svg", "postures.svg"]
    assert "trust in Russia in Dec 2023: " in drawn[0].read_text("utf-8")
    assert "reduce or beyond by Dec 2023: " in drawn[3].read_text("utf-8")
    with pytest.raises(InputError, match="neither the scenario nor the run asks for a metric"):
        draw_all(made, tmp_path, kinds=("metric",))


def test_no_picture_is_drawn_twice(plane: Sweep, made: Result, tmp_path: Path) -> None:
    assert len(draw_all(made, tmp_path, ("svg",), kinds=("network", "network"))) == 1
    asked = {"ARM.trust[RUS]@end": "number", "first(ARM.posture >= freeze) <= 2024-12": "chance"}
    two = sweep({key: plane.values(key)[:3] for key in plane.factors}, asked)
    assert [path.name for path in draw_sweep(two, tmp_path, ("svg",))] == ["heatmap-1.svg", "tipping.svg"]
