"""Writes the goldens anew: ``python -m tests.golden.renew``, or ``make goldens``; `git diff` shows what changed."""

from tests.golden.made import FOLDER, WORLDS, made, text_of


def main() -> None:
    """Write one file for each world, and remove those of worlds that are no more."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.glob("*.json"):
        path.unlink()
    for name in WORLDS:
        (FOLDER / f"{name}.json").write_text(text_of(made(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
