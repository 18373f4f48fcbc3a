"""What the site has beyond docs/: the README as its first page, files that pages link to, a search without a server."""

import re
from pathlib import Path

from markdown.extensions.toc import slugify
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
LINK = re.compile(r"(?<=\]\()[^)#\s:]+(?=[)#])")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Leave out the search that needs a server, and begin anchors with a letter, as the theme wants them."""
    config.extra_javascript.remove("search/main.js")
    config.mdx_configs["toc"] = {**config.mdx_configs.get("toc", {}), "slugify": _anchor}
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the README and the files outside docs/ that pages link to."""
    files.append(File.generated(config, "index.md", abs_src_path=str(README)))
    linked = {
        target for path in (README, *DOCS.glob("*.md")) for target in _targets(path) if not target.is_relative_to(DOCS)
    }
    for target in sorted(linked):
        files.append(File.generated(config, target.relative_to(ROOT).as_posix(), abs_src_path=str(target)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to where their targets lie in the site."""
    folder = ROOT if page.file.src_uri == "index.md" else DOCS
    return LINK.sub(lambda found: _place(_target(folder, found[0])), markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let a wide table scroll by itself, so that the page stays as wide as the screen."""
    opened = '<div class="table-responsive"><table class="table table-striped">'
    return html.replace("<table>", opened).replace("</table>", "</table></div>")


def on_post_build(config: MkDocsConfig) -> None:
    """Write the index of the search as a script, which a page may load from the file system."""
    folder = Path(config.site_dir, "search")
    index = (folder / "search_index.json").read_text("utf-8")
    (folder / "search_index.js").write_text(f"const searchIndex = {index};\n", "utf-8")


def _anchor(title: str, separator: str) -> str:
    return slugify(title, separator).lstrip("0123456789-")


def _targets(path: Path) -> list[Path]:
    return [_target(path.parent, link) for link in LINK.findall(path.read_text("utf-8"))]


def _target(folder: Path, link: str) -> Path:
    return (folder / link).resolve()


def _place(target: Path) -> str:
    return target.relative_to(DOCS if target.is_relative_to(DOCS) else ROOT).as_posix()
