"""State codes in three schemes: ISO 3166-1, Correlates of War, Gleditsch and Ward.

The table is ``sim/data/codes.csv``: the states of today. Numbers of COW after its list of states (Correlates of War
Project, State System Membership), numbers of GW after Gleditsch and Ward (1999, Interstate system membership,
International Interactions 25(4), 393-413) with their list of micro-states. Letters of COW are no ISO codes (``SLV``
is Slovenia there and El Salvador here), so data are matched by number. COW and GW differ for Germany, Serbia, Yemen
and four islands. Kosovo has the code that V-Dem gives it, ``XKX``.
"""

import csv
from dataclasses import dataclass
from functools import cache

from sim.errors import InputError
from sim.scenario.files import SHIPPED
from sim.scenario.problems import closest


@dataclass(frozen=True)
class StateCode:
    """The codes and name of one state in every scheme.

    Attributes
    ----------
    iso3, name : str
        ISO 3166-1 alpha-3 code, as used in scenarios, and short English name.
    cow, gw : int
        Numbers of the Correlates of War project and of Gleditsch and Ward.
    sipri : str
        Name in SIPRI's files.
    """

    iso3: str
    name: str
    cow: int
    gw: int
    sipri: str

    def __str__(self) -> str:
        """Return the state's code and number, for messages.

        Examples
        --------
        >>> str(state_codes()["ARM"])
        'ARM (COW 371)'
        """
        return f"{self.iso3} (COW {self.cow})"


@cache
def state_codes() -> dict[str, StateCode]:
    """Return the codes of every state, by ISO code.

    Examples
    --------
    >>> germany = state_codes()["DEU"]
    >>> germany.cow, germany.gw
    (255, 260)
    """
    with (SHIPPED / "codes.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["iso3"]: StateCode(
                row["iso3"], row["name"], int(row["cow"]), int(row["gw"]), row["sipri"] or row["name"]
            )
            for row in csv.DictReader(file)
        }


def states_named(text: str) -> tuple[StateCode, ...]:
    """Return the states in a comma-separated list such as ``RUS,ARM``.

    Parameters
    ----------
    text : str
        ISO codes with commas.

    Raises
    ------
    InputError
        If one is unknown or stands there twice, or there is none.

    Examples
    --------
    >>> [state.cow for state in states_named("RUS,ARM")]
    [365, 371]
    """
    given = [part.strip() for part in text.split(",") if part.strip()]
    if not given:
        raise InputError("--states: no state given; allowed: ISO 3166-1 alpha-3 codes with commas, such as RUS,ARM")
    return tuple(_state(code, given) for code in given)


def _state(code: str, given: list[str]) -> StateCode:
    known = state_codes()
    if code not in known:
        by_name = {state.name: state.iso3 for state in known.values()}
        near = by_name.get(closest(code, by_name)) or closest(code, known)
        hint = f"; did you mean '{near}'?" if near else ""
        raise InputError(f"--states: unknown state '{code}'; allowed: ISO 3166-1 alpha-3 codes, such as ARM{hint}")
    if given.count(code) > 1:
        raise InputError(f"--states: {code} stands there twice; allowed: each state once")
    return known[code]
