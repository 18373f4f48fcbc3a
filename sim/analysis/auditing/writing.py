"""Files of an audit: the checks that are finished, then tables, figure and manifest."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sim.analysis.auditing.results import Audit
from sim.analysis.auditing.worlds import ClaimWorlds
from sim.digests import digest_sources
from sim.errors import InputError
from sim.output import manifest
from sim.output.formatting import percent, plural
from sim.output.sources import sources_text
from sim.output.staging import PARTS, check_place, clear_leftovers, content, replacing, staged_file
from sim.output.store import RESULTS
from sim.output.sweeps import code_digest
from sim.plots.audit import audit_rows
from sim.plots.caption import Caption
from sim.plots.factors import expression_label
from sim.plots.style import Sheet, save
from sim.scenario.claims import Claim
from sim.scenario.names import focus_of
from sim.scenario.schema import Scenario
from sim.version import __version__

FIGURE: Final = "audit"
KIND: Final = "audit"


def audit_identity(scenario: Scenario, claim: Claim, worlds: ClaimWorlds, checks: Sequence[str] | None = None) -> str:
    """Return a digest of all that determines what an audit finds.

    Parameters
    ----------
    scenario, claim, worlds
        What is audited.
    checks : sequence of str, optional
        Names of the checks, if not all are made.
    """
    drawn = "defaults" if worlds.draws is None else worlds.draws.digest
    return manifest.digest(
        {
            "scenario": manifest.scenario_inputs(scenario),
            "claim": claim.text,
            "draws": [worlds.seed, worlds.replicates, drawn], "engine": worlds.engine,
            "checks": sorted(checks or ()),
            "code": [code_digest(), digest_sources(["analysis/auditing"])],
        }
    )  # fmt: skip


class FinishedChecks:
    """The findings of an audit in a hidden folder inside that of the audit; each file is complete or absent.

    Parameters
    ----------
    name : str
        Short name of the scenario.
    identity : str
        From `audit_identity`.
    out : Path, optional
        Folder of the audit: new, empty, or with an earlier audit of the same identity; default:
        ``results/<scenario>/audit-<identity>``.

    Raises
    ------
    InputError
        If something else lies in the folder, or nothing can be written there.
    """

    def __init__(self, name: str, identity: str, out: Path | None = None) -> None:
        self.name, self.identity = name, identity
        self.target = out or RESULTS / name / f"audit-{identity}"
        check_place(self.target)
        held = content(self.target) if self.target.is_dir() else []
        if held and not self._is_ours():
            raise InputError(f"{self.target}: the folder exists and holds something else; give a new or empty folder")
        self.folder = self.target / PARTS

    def _is_ours(self) -> bool:
        try:
            stored = manifest.read(self.target)
        except InputError:
            return False
        return bool(stored["kind"] == KIND and stored["id"] == self.identity)

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the finding of a check as plain data, None if no whole file has it."""
        try:
            data = json.loads((self.folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        finding = data.get("found") if isinstance(data, dict) and data.get("id") == self.identity else None
        return finding if isinstance(finding, dict) else None

    def write(self, name: str, data: Mapping[str, Any]) -> None:
        """Keep what a check found."""
        self.folder.mkdir(parents=True, exist_ok=True)
        clear_leftovers(self.folder)
        with staged_file(self.folder / f"{name}.json", replace=True) as hidden:
            hidden.write_text(json.dumps({"id": self.identity, "found": data}) + "\n", encoding="utf-8")


def save_audit(audit: Audit, finished: FinishedChecks, *, draws: bool = True) -> Path:
    """Write table, figure, JSON and manifest of an audit, in place of those of an earlier part of it.

    Parameters
    ----------
    audit : Audit
        What to write.
    finished : FinishedChecks
        The folder.
    draws : bool
        Whether to draw the figure.
    """
    with replacing(finished.target) as folder:
        audit.table().drop(columns="seconds").to_csv(
            folder / "checks.csv", index=False, lineterminator="\n", float_format="%.6g"
        )
        inputs = manifest.scenario_inputs(audit.scenario)
        for name, data in (("audit", audit.report()), ("scenario", inputs)):
            text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
            (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
        (folder / "DATA-SOURCES.txt").write_text(sources_text(audit.scenario), encoding="utf-8", newline="\n")
        if draws:
            save(audit_figure(audit), folder / FIGURE)
        manifest.write(
            folder,
            KIND,
            {
                "id": finished.identity, "name": finished.name, "title": f"Audit: {audit.claim.text}",
                "claim": audit.claim.text, "verdict": audit.verdict.word, "whole": audit.whole,
                "seed": audit.seed, "replicates": audit.replicates, "seconds": round(audit.seconds, 3),
                "branches": [audit.claim.higher, audit.claim.lower], "metrics": [audit.claim.metric],
                "engine": audit.engine, "parameters": audit.draws, "focus": focus_of(audit.scenario),
            },
        )  # fmt: skip
    return finished.target


def audit_figure(audit: Audit) -> Sheet:
    """Draw the difference under every check that was made."""
    table = audit.table()
    unmoved = {result.name for result in audit.unmoved}
    label = expression_label(audit.scenario, audit.claim.metric)
    note = (
        f"{label[:1].upper()}{label[1:]}: {audit.claim.higher} minus {audit.claim.lower}, {audit.replicates} pairs of "
        f"runs for each check. Line: {percent(audit.level, 2)} interval, that of the baseline 95 %. Dashed: what the "
        "claim says the difference exceeds."
    )
    if unmoved:
        note += f" Left out: {plural(len(unmoved), 'check')} that leave the difference as it is."
    settings = (f"Scenario: {audit.scenario.title}", f"seed {audit.seed}", f"parameters '{audit.draws}'")
    caption = Caption(
        title=f"{audit.verdict.word.capitalize()}: {audit.claim.text}",
        note=note,
        measure=f"difference: {label}",
        footer=("Sources: model runs", " · ".join((*settings, f"csto-sim {__version__}"))),
    )
    known = table[table["difference"].notna() & table["low"].notna() & ~table["check"].isin(unmoved)]
    return audit_rows(known, audit.claim.least, audit.kind, caption)
