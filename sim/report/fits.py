"""What a report says of its parameters: the fit that they come from, and whether it was tested on this alliance."""

from typing import Final

from sim.experiments.parameters.posteriors import PRIOR
from sim.experiments.parameters.sources import GENERAL, OWN_FITS
from sim.output.result import ResultData

FITTED_TO: Final = {
    GENERAL: "a library of other alliances and facts about alliances in general",
    "posterior-full": "the record of the CSTO to June 2026 and a library of other alliances",
    "posterior-2019": "the record of the CSTO to December 2019 and a library of other alliances to then",
    "reference-class": "facts about alliances in general",
}
"""The data of each fit that ships, by name. Facts about alliances in general bear on all but those of explanations."""

_WITHOUT: Final = "without-"
_EXPLANATION: Final = "explanation-"
_ENDS_2019: Final = "-2019"


def fitted_to(name: str) -> str:
    """Return the data that a fit was fitted to, in words; empty for a fit that does not ship.

    Examples
    --------
    >>> fitted_to("without-ARM")
    'the record of the CSTO to June 2026 and a library of other alliances, without the decisions of ARM'
    """
    if name.startswith(_WITHOUT):
        return f"{FITTED_TO['posterior-full']}, without the decisions of {name.removeprefix(_WITHOUT)}"
    if name.startswith(_EXPLANATION):
        known = FITTED_TO["posterior-2019" if name.endswith(_ENDS_2019) else "posterior-full"]
        return f"{known}, under the explanation {name.removeprefix(_EXPLANATION).removesuffix(_ENDS_2019)}"
    return FITTED_TO.get(name, "")


def is_tested(result: ResultData) -> bool:
    """Return whether the model was scored against the record of the result's alliance."""
    return result.focus in OWN_FITS


def alliance(result: ResultData) -> str:
    """Return the name of the alliance: its treaty's full name, else its key."""
    return result.scenario.treaties[result.focus].name or result.focus


def not_scored(name: str) -> str:
    """Return the statement that the model was not tested for the alliance of a name."""
    return f"Not tested for this alliance ({name}): its record was not used to score the model."


def not_tested(result: ResultData) -> str:
    """Return the statement that the model was not tested for an alliance, with the fit and what it was fitted to."""
    start = not_scored(alliance(result))
    name = "" if result.posterior is None else str(result.posterior["name"])
    if not name:
        return f"{start} Nothing was fitted to it either: the parameters stand at their defaults, from the literature."
    if name == PRIOR:
        return f"{start} Nothing was fitted to it either: the parameters are drawn from priors, from the literature."
    data = fitted_to(name)
    return f"{start} The parameters come from the fit \u2018{name}\u2019" + (
        f", which was fitted to {data}." if data else ", which does not ship with csto-sim."
    )


def counted(result: ResultData) -> str:
    """Return the sources of doubt that the intervals of a report count: one statement for all of its places."""
    if result.posterior is None:
        return "chance between runs alone"
    return f"chance between runs and the uncertainty of the {'priors' if _from_priors(result) else 'fit'}"


def origin(result: ResultData) -> str:
    """Return where the parameters come from that the scenario does not set, such as ``drawn from the fit``."""
    if result.posterior is None:
        return "at their defaults"
    if _from_priors(result):
        return "drawn from the priors"
    older = ", which is older than the present equations" if result.posterior.get("filled") else ""
    data = fitted_to(str(result.posterior["name"])) if is_tested(result) else ""
    return f"drawn from the fit{f' to {data}' if data else ''}{older}"


def _from_priors(result: ResultData) -> bool:
    return result.posterior is not None and result.posterior["name"] == PRIOR
