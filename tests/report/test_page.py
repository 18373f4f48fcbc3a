"""The page and its Markdown twin: whole, closed in themselves, and deaf to markup in a scenario."""

import re
from base64 import b64decode
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

import sim
from sim.errors import InputError
from sim.report.answer import answer
from sim.report.blocks import Figure, Grid
from sim.report.making import Report, make_report
from sim.report.markdown import escaped
from sim.result import Result
from sim.scenario.schema import Branch
from tests.plots.making import as_answers

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> {{ 7*7 }} [x](javascript:alert(1)) `|` ** <b>'


class Parsed(HTMLParser):
    """Tags with their attributes, and all text outside style."""

    VOID = ("meta", "img", "br", "hr", "link", "input")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def report(small: Result) -> Report:
    return make_report(small)


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return report.html()


@pytest.fixture(scope="module")
def hostile(small: Result) -> Report:
    told = small.scenario
    events = {
        name: event.model_copy(update={"note": HOSTILE, "source": HOSTILE}) for name, event in told.events.items()
    }
    states = {code: state.model_copy(update={"name": f"{HOSTILE}{code}"}) for code, state in told.states.items()}
    branches = {
        name: Branch.model_validate(
            {**branch.model_dump(exclude_unset=True), "title": f"{HOSTILE}{name}", "note": HOSTILE}
        )
        for name, branch in told.branches.items()
    }
    update = {"title": HOSTILE, "description": HOSTILE, "events": events, "states": states, "branches": branches}
    return make_report(replace(small, scenario=told.model_copy(update=update)))


def test_the_page_is_well_formed_and_asks_for_nothing(page: str):
    parsed = Parsed(page)
    assert parsed.open == []
    for attributes in (attributes for _, attributes in parsed.tags):
        for key in ("src", "href", "srcset", "action", "data"):
            given = attributes.get(key) or ""
            assert given.startswith(("#", "data:image/svg+xml;base64,")) or not given
    style = page[page.index("<style>") : page.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"script", "link", "iframe", "object", "form"})


def test_the_policy_stands_before_all_else_and_allows_no_script(page: str):
    _, policy, referrer = Parsed(page.partition("<title>")[0]).named("meta")[:3]
    assert policy["http-equiv"] == "Content-Security-Policy"
    allowed = dict(part.strip().split(" ", 1) for part in (policy["content"] or "").split(";"))
    assert allowed == {
        "default-src": "'none'", "img-src": "data:", "style-src": "'unsafe-inline'", "base-uri": "'none'",
        "form-action": "'none'",
    }  # fmt: skip
    assert referrer == {"name": "referrer", "content": "no-referrer"}


def test_links_lead_to_sections_and_names_are_used_once(page: str):
    parsed = Parsed(page)
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    assert {(a["href"] or "").lstrip("#") for a in parsed.named("a")} <= set(ids)


def test_figures_are_whole_pictures_with_words_for_those_who_cannot_see_them(page: str):
    images = Parsed(page).named("img")
    assert len(images) >= 5
    for image in images:
        drawn = b64decode((image["src"] or "").partition(",")[2])
        assert ElementTree.fromstring(drawn).tag.endswith("svg")  # noqa: S314 (our own figure)
        assert len(image["alt"] or "") > 40


def test_equal_results_give_equal_pages(small: Result, page: str):
    assert make_report(small).html() == page


def test_text_of_a_scenario_never_becomes_markup(hostile: Report, page: str):
    parsed = Parsed(hostile.html())
    assert {tag for tag, _ in parsed.tags} == {tag for tag, _ in Parsed(page).tags}
    assert not any(key.startswith("on") for _, attributes in parsed.tags for key in attributes)
    assert HOSTILE in "".join(parsed.words)


def test_text_of_a_scenario_never_becomes_markup_in_markdown(hostile: Report, report: Report):
    rendered = [MarkdownIt("commonmark").enable("table").render(each.markdown()) for each in (hostile, report)]
    told, plain = (Parsed(text) for text in rendered)
    assert {tag for tag, _ in told.tags} == {tag for tag, _ in plain.tags}
    assert all((image["src"] or "").startswith("figures/") for image in told.named("img"))
    assert told.named("a") == []
    cells = [sum(tag == "td" for tag, _ in parsed.tags) for parsed in (told, plain)]
    assert cells[0] == cells[1]


def test_a_notebook_shows_the_answer_and_no_markup_of_a_scenario(hostile: Report):
    shown = hostile._repr_html_()
    assert "<script" not in shown
    assert "In the model" in shown


def test_markdown_has_the_same_content(report: Report):
    rendered = Parsed(MarkdownIt("commonmark").enable("table").render(report.markdown("beside")))
    words = " ".join("".join(rendered.words).split())
    for section in report.content.sections:
        assert section.title in words
        for block in section.blocks:
            if isinstance(block, Grid):
                assert all(" ".join(cell.split()) in words for row in block.rows for cell in row)
            elif isinstance(block, Figure):
                assert any(image["src"] == f"beside/{block.name}.png" for image in rendered.named("img"))
    for sentence in report.sentences[:2]:
        assert sentence in words
    for part in answer(report.question).changes:
        assert f"{part[:1].upper()}{part[1:]}." in words


SPECIAL = ("# head", "- item", "1. item", "2) item", "> quoted", "a | b", "<b>", "*x*", "_y_", "&lt;", "~~~")


@pytest.mark.parametrize("text", SPECIAL)
def test_escaped_text_shows_as_it_was(text: str):
    rendered = MarkdownIt("commonmark").enable("table").render(escaped(text))
    assert "".join(Parsed(rendered).words).strip() == text
    assert {tag for tag, _ in Parsed(rendered).tags} == {"p"}


def test_saving_writes_the_page_or_markdown_with_figures_beside(report: Report, page: str, tmp_path: Path):
    assert report.save(tmp_path / "brief.html").read_text("utf-8") == page
    written = report.save(tmp_path / "brief.md").read_text("utf-8")
    linked = re.findall(r"\]\((\S+?\.png)\)", written)
    assert linked
    assert {path.split("/")[0] for path in linked} == {"brief-figures"}
    for path in linked:
        assert (tmp_path / path).read_bytes().startswith(b"\x89PNG")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["brief-figures", "brief.html", "brief.md"]


def test_what_cannot_be_written_is_refused(report: Report, tmp_path: Path):
    with pytest.raises(InputError, match="unknown format 'txt'"):
        report.save(tmp_path / "brief", "txt")
    for ending in (".txt", ".doc", ".xls"):
        with pytest.raises(InputError, match=rf"do not end in '\{ending}'; allowed: .html, .htm, .pdf, .docx, .md"):
            report.save(tmp_path / f"brief{ending}")
    with pytest.raises(InputError, match="unknown paper 'A3'; allowed: A4, letter"):
        report.save(tmp_path / "brief.pdf", paper="A3")
    with pytest.raises(InputError, match="ends as a report of format 'md', not 'html'"):
        report.save(tmp_path / "brief.md", "html")
    with pytest.raises(InputError, match="is a folder"):
        report.save(tmp_path)
    with pytest.raises(InputError, match="there is no folder"):
        report.save(tmp_path / "nowhere" / "brief.html")
    assert list(tmp_path.iterdir()) == []


def test_the_short_form_is_the_first_pages_alone(report: Report, page: str):
    ids = {attributes.get("id") for _, attributes in Parsed(report.html(short=True)).tags}
    assert {"question", "answer", "sure", "change"} <= ids
    assert {"numbers", "parameters"}.isdisjoint(ids)
    assert {"numbers", "parameters"} <= {attributes.get("id") for _, attributes in Parsed(page).tags}
    assert "The numbers" not in report.markdown(short=True)


def test_results_report_on_themselves(small: Result):
    made = small.report("as-it-was", "they-decide", ["BBB.trust[AAA]@end"])
    assert str(made).startswith("How high is Bria's trust in Alda at the end (Dec 2021) under")
    assert isinstance(small, sim.Result)


def test_a_result_of_one_branch_has_a_report_too(small: Result):
    alone = replace(
        small,
        branches=("as-it-was",),
        data=small.data.sel(branch=["as-it-was"]),
        answers=as_answers(small.responses[small.responses["branch"] == "as-it-was"]),
    )
    words = "".join(Parsed(make_report(alone).html()).words)
    assert "nothing is compared with its 6 runs" in words
    assert "pairs that differ" not in words


def test_the_report_shows_what_moved_trust(report: Report):
    names = [block.name for section in report.content.sections for block in section.blocks if isinstance(block, Figure)]
    assert names.count("moved") == 1
