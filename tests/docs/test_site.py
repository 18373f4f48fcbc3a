"""The documentation as a site: every page in its menu, every link with a target, all of it from the file system."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.play import ROOT

DOCS = ROOT / "docs"
README = ROOT / "README.md"
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def prose(path: Path) -> str:
    return FENCE.sub("", path.read_text("utf-8"))


def anchors(path: Path) -> set[str]:
    """Return the anchors of the headings, by the rule of the hosts that show Markdown."""
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in HEADING.findall(prose(path))}


def entries(menu: Any) -> Iterator[str]:
    if isinstance(menu, str):
        yield menu
    else:
        for part in menu.values() if isinstance(menu, dict) else menu:
            yield from entries(part)


def test_every_page_is_in_the_menu_once() -> None:
    menu = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    assert sorted(entries(menu)) == sorted(["index.md", *(path.name for path in DOCS.glob("*.md"))])


@pytest.mark.parametrize("path", [README, *sorted(DOCS.glob("*.md"))], ids=lambda path: path.stem)
def test_every_link_has_a_target(path: Path) -> None:
    links = [link for link in LINK.findall(prose(path)) if "://" not in link]
    for link in links:
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("mkdocs")
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return folder


def pages(site: Path) -> list[Path]:
    """Return all pages but the one that only a server shows."""
    return sorted(path for path in site.glob("*.html") if path.name != "404.html")


@pytest.mark.slow
def test_the_site_has_every_page_and_what_pages_link_to(site: Path) -> None:
    assert {path.with_suffix(".html").name for path in DOCS.glob("*.md")} < {path.name for path in site.iterdir()}
    for page in pages(site):
        for link in re.findall(r'(?:href|src)="(?!https?:)([^"#]+)', page.read_text("utf-8")):
            assert (site / link).is_file(), f"{page.name}: {link}"


@pytest.mark.slow
def test_pages_open_from_the_file_system_fit_a_phone_and_can_be_searched(site: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 390, "height": 844})
        asked, errors = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        for path in pages(site):
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == 390, path.name
        page.click(".navbar-toggler")
        page.click("text=Search")
        page.fill("#mkdocs-search-query", "memory half")
        first = page.locator("#mkdocs-search-results a").first
        assert "memory_half_life" in page.locator("#mkdocs-search-results").inner_text()
        first.click()
        assert Path(page.url).name.startswith("extending.html#")
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert errors == []
