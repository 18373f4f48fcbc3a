"""Compares this tree with a commit, byte for byte: ``python -m tests.golden.compare --base COMMIT [--quick]``.

Both trees run the same commands (`tests/golden/commands.py`, this tree's copy for both); every file written and every
text printed is compared. What the commit gave is kept in the cache of csto-sim, so that it is run once.
"""

import argparse
import hashlib
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
from platformdirs import user_cache_path

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = Path(__file__).with_name("commands.py")

# What is not compared, all of it: how long it took, when, where and with what, and digests of sources.

IGNORED_KEYS = {"seconds", "created", "versions", "platform"}
"""Keys of JSON objects, at any depth."""

IGNORED_IN_FILES = {
    "manifest.json": {"files", "code"},  # sizes and digests of files that are compared themselves; digest of sources
}
"""Keys of the outermost object of JSON files by name."""

IGNORED_OF_SWEEPS = {"id"}
"""Keys of the outermost object of manifests of sweeps: their identity holds the digest of the sources."""

IGNORED_TEXT = (
    re.compile(r"\b\d+(\.\d+)? s\b"),
    re.compile(r"csto-sim \d+\.\d+\.\d+\S*"),
)
"""Patterns taken out of texts."""


def comparable(path: Path) -> bytes:
    """Return the content of a file with all that is not compared taken out."""
    content = path.read_bytes()
    if path.suffix == ".sha256":  # of a manifest that is compared itself
        return b""
    if path.suffix == ".json":
        try:
            value = json.loads(content)
        except ValueError:
            return content
        return json.dumps(without(value, path.name), indent=1, ensure_ascii=False).encode()
    if path.suffix in {".txt", ".md"}:
        text = content.decode()
        for pattern in IGNORED_TEXT:
            text = pattern.sub("*", text)
        return text.encode()
    return content


def without(value: Any, file: str = "") -> Any:
    """Return JSON data without the ignored keys."""
    if isinstance(value, list):
        return [without(each) for each in value]
    if not isinstance(value, dict):
        return value
    ignored = IGNORED_KEYS | IGNORED_IN_FILES.get(file, set())
    if file == "manifest.json" and value.get("kind") == "sweep":
        ignored = ignored | IGNORED_OF_SWEEPS
    return {key: without(each) for key, each in value.items() if key not in ignored}


def difference(before: Path, after: Path) -> str:
    """Return where two files differ first, in words; empty if they do not."""
    old, new = comparable(before), comparable(after)
    if old == new:
        return ""
    if before.suffix == ".parquet":
        return table_difference(pd.read_parquet(before), pd.read_parquet(after)) or "same table, other bytes"
    if before.suffix == ".csv":
        return table_difference(pd.read_csv(before), pd.read_csv(after)) or "same table, other text"
    try:
        lines = zip(old.decode().splitlines(), new.decode().splitlines(), strict=False)
    except UnicodeDecodeError:
        return f"{len(old)} bytes, now {len(new)}"
    for number, (one, other) in enumerate(lines, start=1):
        if one != other:
            return f"line {number}: {one.strip()[:150]!r}, now {other.strip()[:150]!r}"
    return f"{len(old.splitlines())} lines, now {len(new.splitlines())}"


def table_difference(before: pd.DataFrame, after: pd.DataFrame) -> str:
    """Return what differs between two tables, in words."""
    if list(before) != list(after):
        gone, come = [c for c in before if c not in after], [c for c in after if c not in before]
        return f"columns gone: {gone}, new: {come}" if gone or come else "columns in another order"
    if len(before) != len(after):
        return f"{len(before)} rows, now {len(after)}"
    told = []
    for name in before:
        one, other = before[name], after[name]
        same = (one == other) | (one.isna() & other.isna())
        if one.dtype != other.dtype:
            told.append(f"{name} is {one.dtype}, now {other.dtype}")
        elif not same.all():
            row = int((~same).to_numpy().argmax())
            told.append(f"{name} in {(~same).sum()} rows, first {row}: {one.iloc[row]!r}, now {other.iloc[row]!r}")
    return "; ".join(told[:4]) + (f"; and {len(told) - 4} more columns" if len(told) > 4 else "")


def differences(before: Path, after: Path) -> Iterator[tuple[str, str]]:
    """Yield each file with what differs, empty where nothing does."""
    old, new = files_of(before), files_of(after)
    for name in sorted(old | new):
        if name not in new:
            yield name, "gone"
        elif name not in old:
            yield name, "new"
        else:
            yield name, difference(before / name, after / name)


def files_of(folder: Path) -> set[str]:
    """Return the files below a folder, by relative path."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def run_commands(tree: Path, out: Path, quick: bool, label: str) -> None:
    """Run the commands with a tree, into a folder."""
    out.mkdir(parents=True)
    with subprocess.Popen(
        [sys.executable, "-P", str(COMMANDS), *(["--quick"] if quick else [])],
        cwd=out, env={**os.environ, "PYTHONPATH": str(tree)}, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr is not None
        for line in process.stderr:
            if "ended: " in line or line.startswith("csto-sim:"):
                say(f"{label} {line.rstrip()}")
    if process.returncode:
        raise SystemExit(f"the commands ended with {process.returncode} in {tree}")


def of_commit(commit: str, quick: bool) -> Path:
    """Return the folder of what a commit gives, run now if it is not kept."""
    full = git("rev-parse", "--verify", f"{commit}^{{commit}}")
    made_with = hashlib.sha256(COMMANDS.read_bytes() + f"{quick} {platform.python_version()}".encode()).hexdigest()[:8]
    kept = user_cache_path("csto-sim") / "golden" / f"{full[:12]}-{made_with}"
    if kept.is_dir():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="golden-", dir=kept.parent) as folder:
        tree = Path(folder, "tree")
        git("worktree", "add", "--detach", "--quiet", str(tree), full)
        try:
            run_commands(tree, Path(folder, "out"), quick, "before")
        finally:
            git("worktree", "remove", "--force", str(tree))
        Path(folder, "out").rename(kept)
    return kept


def git(*arguments: str) -> str:
    """Run git in this tree; return what it prints."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Compare, print one line for each file that differs, and count."""
    parser = argparse.ArgumentParser(description="Compare this tree with a commit, byte for byte.")
    parser.add_argument("--base", required=True, metavar="COMMIT", help="what to compare with")
    parser.add_argument("--quick", action="store_true", help="fewer runs; no hindcast, attribution or explanations")
    asked = parser.parse_args()
    before = of_commit(asked.base, asked.quick)
    with tempfile.TemporaryDirectory(prefix="golden-") as folder:
        after = Path(folder, "out")
        run_commands(ROOT, after, asked.quick, "after ")
        found = list(differences(before, after))
    differ = [(name, what) for name, what in found if what]
    for name, what in differ:
        say(f"{name}: {what}")
    say(f"{len(found)} files, {len(differ)} differ")
    sys.exit(bool(differ))


if __name__ == "__main__":
    main()
