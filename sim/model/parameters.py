"""The table of parameters: name, symbol, unit, default, range, prior, meaning and source of each.

A parameter is declared once, as a field of `Parameters`; everything else that needs its unit, range or prior
(the file schema, `csto-sim list`, the ODD table, sweeps) reads `PARAMETERS`. Defaults are the medians of the
priors; where one is not, `Parameter.departure` says why.

Priors are written as in the literature notes: ``LN(m, s)`` lognormal with median m and log-sd s, ``N(m, s)``
normal, ``N(m, s)+`` the same cut at zero, ``HalfN(s)`` half-normal, ``Beta(a, b)``, ``Exp(m)``, ``U(a, b)``,
``fixed`` for constants that are not fitted.
"""

from dataclasses import dataclass
from math import inf
from typing import Annotated, Final, NamedTuple, get_type_hints

FIXED: Final = "fixed"
"""The prior of a constant that is not fitted."""


@dataclass(frozen=True)
class Spec:
    """Declaration of a parameter, without its name and default."""

    symbol: str
    unit: str
    low: float
    high: float
    prior: str
    group: str
    meaning: str
    source: str = "judgement"
    departure: str = ""
    off: float | None = None

    @property
    def fitted(self) -> bool:
        """Whether the parameter has a prior, so that posteriors may contain values of it."""
        return self.prior != FIXED


@dataclass(frozen=True)
class Parameter(Spec):
    """One row of the table of parameters.

    Attributes
    ----------
    name, symbol, unit : str
        The word used in files, the symbol used in equations, and the unit.
    default, low, high : float
        Default and range; a value outside the range is refused.
    prior, group, meaning, source, departure : str
        Prior distribution, mechanism, one line of meaning, source (author, year), and why the default is not
        the prior's median, if it is not.
    off : float or None
        The value at which the parameter has no effect, even where a scenario may not give that value; None if there
        is no such value.
    """

    name: str = ""
    default: float = 0.0


# fmt: off
class Parameters(NamedTuple):
    """The parameters of one run, as numbers; their annotations are the table of parameters."""

    # beliefs
    initial_trust: Annotated[float, Spec(
        "r0", "probability", 0.3, 0.85, "Beta(6, 4)", "beliefs",
        "members' initial belief that another does what its treaty owes")] = 0.607
    initial_confidence: Annotated[float, Spec(
        "n0", "observations", 2, 20, "LN(6, 0.6)", "beliefs", "strength of the initial belief")] = 6.0
    evidence_weight: Annotated[float, Spec(
        "kappa", "observations", 0.5, 5, "LN(1.5, 0.5)", "beliefs", "weight of one full event as evidence",
        off=0.0)] = 1.5
    memory_half_life: Annotated[float, Spec(
        "H", "months", 12, 180, "LN(60, 0.6)", "beliefs", "time in which evidence loses half its weight",
        "bounded by recovery of publics, IRI polls 2019-26", off=inf)] = 60.0
    observer_weight: Annotated[float, Spec(
        "sigma", "share", 0, 0.8, "Beta(2, 5)", "beliefs", "weight of an event for those it did not hit",
        "Kim, Byun & Ko 2023", off=0.0)] = 0.264
    excuse_base: Annotated[float, Spec(
        "e0", "logit", -3, 0, "N(-1.5, 0.5)", "beliefs", "shortfall put down to circumstances in a clear case")] = -1.5
    excuse_legal: Annotated[float, Spec(
        "e1", "logit", 0, 6, "N(4, 0.8)+", "beliefs", "excuse from doubtful legal coverage",
        "contrast of 2020 and 2021-22 in Armenian polls", off=0.0)] = 4.0
    excuse_hard_times: Annotated[float, Spec(
        "e2", "logit", 0, 4, "N(1.5, 1)+", "beliefs", "excuse when others default as well",
        "LeVeck & Narang 2017 (sign)", off=0.0)] = 1.58
    excuse_veto: Annotated[float, Spec(
        "e3", "logit", 0, 2, "Exp(1)", "beliefs", "excuse when a fellow member objected", off=0.0)] = 0.693
    victim_refusal: Annotated[float, Spec(
        "e4", "logit", 0, 3, "N(1, 0.6)+", "beliefs", "how much less the victim excuses")] = 1.04
    record_weight: Annotated[float, Spec(
        "omega", "share", 0, 1, "U(0, 1)", "beliefs", "weight of record against present interest",
        "Gibler 2008 against Press 2005", off=0.0)] = 0.5
    silence_weight: Annotated[float, Spec(
        "-", "share", 0, 0.5, "fixed", "beliefs",
        "evidence in an attack without call or help, at y = 0.5; none under the rule of surprise",
        off=0.0)] = 0.1
    consultation_weight: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs",
        "evidence in a consultation beside that in a call for defence")] = 0.1
    unrest_likeness: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs", "evidence in help against unrest beside help against attack")] = 0.25
    type_tilt: Annotated[float, Spec(
        "-", "logit", 0, 4, "fixed", "beliefs",
        "how far reliable and unreliable types lean to and from help, at full help")] = 2.0
    rhetoric_weight: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs", "evidence in words beside that in a full event")] = 0.1
    silence_fulfilment: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs", "fulfilment that silence is read as")] = 0.5
    outsider_visibility: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs",
        "weight of an event for those not bound to both victim and ally, beside that for those who are")] = 0.5
    unshared_likeness: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs", "likeness without a shared challenger beside that with one")] = 0.5
    ledger_months: Annotated[float, Spec(
        "-", "months", 1, 120, "fixed", "beliefs", "how long observed obligations count")] = 24.0
    default_below: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "beliefs", "a response that fulfils less of a duty is a default")] = 0.4
    capability_release: Annotated[float, Spec(
        "c_f", "logit", 0, 1, "HalfN(0.3)", "beliefs", "hope from forces spared by a default elsewhere",
        "Kim, Byun & Ko 2023 (sign)")] = 0.202
    trust_loss_weight: Annotated[float, Spec(
        "lambda_t", "-", 1, 6, "LN(2, 0.3)", "beliefs", "how much more a shortfall moves trust than help does",
        "Slovic 1993; Kahneman & Tversky 1979", off=1.0)] = 2.0
    excuse_overstretch: Annotated[float, Spec(
        "e5", "logit", 0, 4, "HalfN(1)", "beliefs",
        "excuse that governments make for an ally whose forces are tied down elsewhere",
        "could not against would not: Mercer 1996 (sign)", off=0.0)] = 0.674
    duty_weight: Annotated[float, Spec(
        "b", "power", 0, 1, "Beta(1, 2)", "beliefs", "how much less a case weighs where less was owed",
        off=0.0)] = 0.293
    interest_weight: Annotated[float, Spec(
        "w", "-", 0, 1.5, "HalfN(0.5)", "beliefs", "weight of present interest in the outlook, beside the record",
        "Gibler 2008 against Press 2005; a prior that leans to the record", off=0.0)] = 0.337
    burden_unlearning: Annotated[float, Spec(
        "eta", "share", 0, 1, "Beta(2, 4)", "beliefs",
        "share of a burden that is no longer held against an ally that helped in spite of it", off=0.0)] = 0.314
    # challenge
    challenge_floor: Annotated[float, Spec(
        "eta0", "logit/month", -8, -6, "N(-6.9, 0.4)", "challenge", "hazard of attack in a quiet rivalry",
        "Gibler, Miller & Little 2016 disputes, contiguous dyads 1946-2010")] = -6.9
    challenge_power: Annotated[float, Spec(
        "eta1", "logit", -0.2, 2, "N(0.55, 0.35)", "challenge", "pull of the challenger's power share",
        "as challenge_floor; Leeds 2003; Kenwick, Vasquez & Powers 2015", off=0.0)] = 0.55
    challenge_claim: Annotated[float, Spec(
        "eta2", "logit", 0, 3, "N(1, 0.5)+", "challenge", "pull of a territorial claim", off=0.0)] = 1.01
    challenge_recurrence: Annotated[float, Spec(
        "eta3", "logit", 1, 3.5, "N(2.1, 0.4)", "challenge", "pull of a recent fight",
        "as challenge_floor: 2.8 over all pairs; less here, where claims and threats tell the pairs apart")] = 2.1
    recurrence_decay: Annotated[float, Spec(
        "tau", "months", 48, 180, "LN(108, 0.3)", "challenge", "time in which a fight is forgotten",
        "as challenge_floor")] = 108.0
    challenge_restraint: Annotated[float, Spec(
        "eta4", "logit", 0, 2, "HalfN(0.7)", "challenge", "restraint from trade with the victim's bloc")] = 0.472
    challenge_distraction: Annotated[float, Spec(
        "eta5", "logit", 0, 2, "HalfN(0.7)", "challenge", "pull of the guarantor's distraction", off=0.0)] = 0.472
    rival_threat: Annotated[float, Spec(
        "-", "0..1", 0, 1, "fixed", "challenge", "threat above which the other is a rival")] = 0.3
    power_centre: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "challenge", "power share of a typical rivalry")] = 0.5
    claim_centre: Annotated[float, Spec("-", "0..1", 0, 1, "fixed", "challenge", "claim of a typical rivalry")] = 0.2
    restraint_centre: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "challenge", "trade share of a typical rivalry")] = 0.1
    distraction_centre: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "challenge", "overstretch of a typical guarantor")] = 0.2
    coded_threat: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "challenge",
        "how far threats stay as the scenario gives them when an attack comes", off=0.0)] = 0.0
    # call
    call_base: Annotated[float, Spec(
        "iota0", "logit", -6, 4, "N(1, 1)", "call", "readiness to appeal for help",
        "appeals by members other than Armenia in 5 of 8 cases with a duty at stake, 1999 to January 2022")] = 1.0
    call_hope: Annotated[float, Spec(
        "iota1", "logit", 0, 6, "HalfN(3)", "call", "pull of severity times expected help")] = 2.02
    call_shame: Annotated[float, Spec(
        "iota2", "logit", 0, 4, "HalfN(1.5)", "call", "fear of a public refusal",
        "cases without invocation", off=0.0)] = 1.01
    call_autonomy: Annotated[float, Spec(
        "iota3", "logit", 0, 3, "HalfN(1)", "call", "fear of the helper's presence", off=0.0)] = 0.674
    # response
    response_precision: Annotated[float, Spec(
        "lambda", "1/S", 1, 10, "LN(3, 0.4)", "response", "how sharply allies choose by utility",
        "McKelvey & Palfrey 1995")] = 3.0
    force_cost: Annotated[float, Spec(
        "c0", "S", 0.01, 2, "LN(0.07, 0.6)", "response", "cost of full force",
        "anchored to honouring of post-1945 pacts, Berkemeier & Fuhrmann 2018")] = 0.07
    distance_cost: Annotated[float, Spec(
        "c_d", "S per ln(1+1000 km)", 0, 0.6, "HalfN(0.25)", "response", "cost of distance")] = 0.169
    overstretch_cost: Annotated[float, Spec(
        "c_o", "S", 0, 3, "HalfN(1)", "response", "cost of force while tied down",
        "Johnson & Joiner 2021 (sign)", off=0.0)] = 0.674
    reputation_return: Annotated[float, Spec(
        "psi", "S", 0, 1, "HalfN(0.3)", "response", "return from other clients who watch",
        "Crescenzi et al. 2012 (sign)", off=0.0)] = 0.202
    audience_cost: Annotated[float, Spec(
        "aud", "S", 0, 0.8, "HalfN(0.3)", "response", "price at home for abandoning an ally",
        "Tomz & Weeks 2021", off=0.0)] = 0.202
    minimum_stake: Annotated[float, Spec(
        "-", "S", 0, 1, "fixed", "response", "least stake of an ally in a victim")] = 0.1
    unrest_effort: Annotated[float, Spec(
        "k_u", "share", 0.02, 1, "LN(0.2, 0.7)", "response", "effort of help against unrest beside that in a war",
        "2,500 soldiers for a fortnight in Kazakhstan, January 2022, panorama.am 2022-01-07 (order of size)")] = 0.2
    objection_base: Annotated[float, Spec(
        "gamma0", "logit", -7, 0, "N(-4, 0.8)", "response", "chance that a member objects",
        "the decision on Kazakhstan of January 2022 passed in a day; anchored as force_cost", off=-inf)] = -4.0
    objection_ties: Annotated[float, Spec(
        "gamma1", "logit", 0, 8, "HalfN(3)", "response", "objection from ties to the attacker", off=0.0)] = 2.02
    guarantor_pull: Annotated[float, Spec(
        "gamma2", "logit", 0, 5, "HalfN(2)", "response", "pull of the guarantor's own choice", off=0.0)] = 1.35
    reach: Annotated[float, Spec(
        "delta", "1000 km", 0.5, 5, "LN(2, 0.5)", "response", "distance at which help loses 63 %")] = 2.0
    overstretch_curvature: Annotated[float, Spec(
        "chi_o", "power", 0.5, 3, "LN(1, 0.4)", "response", "how overstretch cuts deployable force", off=0.0)] = 1.0
    # publics
    opinion_shock: Annotated[float, Spec(
        "chi", "logit", 0.2, 8, "LN(2, 0.6)", "publics", "fall of approval after an unmet event",
        "IRI polls of Armenia 2019-21: 2.0 logits in all")] = 2.0
    opinion_reversion: Annotated[float, Spec(
        "mu", "1/month", 0.01, 0.06, "LN(0.021, 0.4)", "publics", "return of approval to its level",
        "IRI polls of Armenia 2023-26")] = 0.021
    opinion_coercion: Annotated[float, Spec(
        "chi_K", "logit/month", 0, 1, "HalfN(0.3)", "publics", "fall of approval under coercion")] = 0.202
    opinion_reassurance: Annotated[float, Spec(
        "chi_A", "logit/month", 0, 1, "HalfN(0.3)", "publics", "rise of approval under reassurance")] = 0.202
    opinion_refugees: Annotated[float, Spec(
        "chi_R", "logit per 1 % of population", 0, 0.4, "HalfN(0.15)", "publics",
        "fall of approval as refugees arrive")] = 0.101
    exit_base: Annotated[float, Spec(
        "x0", "logit", -3, 1, "N(-1, 0.5)", "publics", "support for exit where approval is even")] = -1.0
    exit_disapproval: Annotated[float, Spec(
        "x1", "logit", 0, 2, "HalfN(0.7)", "publics", "pull of disapproval on support for exit")] = 0.472
    exit_alternative: Annotated[float, Spec(
        "x2", "logit", 0, 2, "HalfN(0.7)", "publics", "pull of a credible alternative", off=0.0)] = 0.472
    exit_fear: Annotated[float, Spec(
        "x3", "logit", 0, 2, "HalfN(0.7)", "publics", "restraint from fear of retaliation")] = 0.472
    exit_protest: Annotated[float, Spec(
        "x4", "logit", 0, 2, "HalfN(0.7)", "publics", "pull of protests")] = 0.472
    pressure_half_life: Annotated[float, Spec(
        "-", "months", 1, 24, "fixed", "publics", "half-life of felt coercion, reassurance and protest")] = 6.0
    public_legal_excuse: Annotated[float, Spec(
        "l_B", "share", 0, 1, "Beta(2, 4)", "publics",
        "excuse from doubtful legal coverage that publics make, beside that of governments",
        "polls of Armenia 2021-23 fall where the law was doubtful", off=1.0)] = 0.314
    # course
    required_reliability: Annotated[float, Spec(
        "r*", "probability", 0.3, 0.8, "Beta(6, 5)", "course", "reliability that a member asks for")] = 0.548
    ladder_precision: Annotated[float, Spec(
        "lambda_p", "-", 1, 15, "LN(5, 0.4)", "course", "how sharply members move on the ladder",
        "scale set by a trial with responses fixed to the record")] = 5.0
    ladder_trust: Annotated[float, Spec(
        "theta1", "logit", 0, 4, "LN(1.5, 0.4)", "course", "push from reliability below what is asked",
        "Snyder 1984", off=0.0)] = 1.5
    ladder_threat: Annotated[float, Spec(
        "theta2", "logit", 0, 3, "LN(0.8, 0.4)", "course", "push from threat under low reliability", "Walt 1987",
        off=0.0)] = 0.8
    ladder_autonomy: Annotated[float, Spec(
        "theta3", "logit", 0, 3, "LN(0.4, 0.5)", "course", "push from an intrusive guarantor", "Lake 2009",
        off=0.0)] = 0.4
    ladder_outside: Annotated[float, Spec(
        "theta4", "logit", 0, 3, "HalfN(1)", "course", "pull of an outside offer", off=0.0)] = 0.674
    ladder_exit_cost: Annotated[float, Spec(
        "theta5", "logit", 0, 3, "HalfN(1)", "course", "restraint from dependence", off=0.0)] = 0.674
    ladder_public: Annotated[float, Spec(
        "theta6", "logit", 0, 3, "HalfN(1)", "course", "push from support for exit in democracies", off=0.0)] = 0.674
    ladder_emulation: Annotated[float, Spec(
        "theta7", "logit", 0, 3, "HalfN(1)", "course", "push from fellow members who moved up", off=0.0)] = 0.674
    gap_reduce: Annotated[float, Spec(
        "u1-u0", "logit", 0.1, 2, "LN(0.5, 0.3)", "course", "further pressure needed to reduce")] = 0.5
    gap_freeze: Annotated[float, Spec(
        "u2-u1", "logit", 0.1, 2, "LN(0.5, 0.3)", "course", "further pressure needed to freeze")] = 0.5
    gap_notify: Annotated[float, Spec(
        "u3-u2", "logit", 0.1, 2, "LN(0.5, 0.3)", "course", "further pressure needed to give notice")] = 0.5
    gap_out: Annotated[float, Spec(
        "u4-u3", "logit", 0.1, 2, "LN(0.5, 0.3)", "course",
        "further pressure needed to leave at once, or for a rival pact")] = 0.5
    hysteresis: Annotated[float, Spec(
        "H_k", "logit", 0.05, 3, "LN(0.3, 0.4)", "course", "how far pressure must fall before a step down",
        off=0.0)] = 0.3
    ladder_tempo: Annotated[float, Spec(
        "h0", "1/month", 0.005, 0.3, "LN(0.06, 0.5)", "course", "rate of reviews of the posture",
        "von Borzyskowski & Vabulas 2019 (order of size)")] = 0.06
    window_multiplier: Annotated[float, Spec(
        "W", "-", 1, 10, "LN(3, 0.5)", "course", "tempo of large steps in an open window", "the exits of 1999",
        off=1.0)] = 3.0
    attention_half_life: Annotated[float, Spec(
        "-", "months", 1, 48, "LN(6, 0.7)", "course", "half-life of attention to security",
        "judgement: issues fade within months (Downs 1972)")] = 6.0
    attention_tempo: Annotated[float, Spec(
        "w_a", "-", 0, 40, "LN(4, 0.8)", "course", "how much full attention quickens reviews",
        "judgement: policy moves in bursts while an issue has attention (Baumgartner & Jones 1993)", off=0.0)] = 4.0
    promise_attention: Annotated[float, Spec(
        "a_p", "0..1", 0, 1, "Beta(2, 2)", "course",
        "attention to a promise kept or broken, relative to an attack as severe",
        "judgement: focusing events need not be violent (Birkland 1998)", off=0.0)] = 0.5
    combat_base: Annotated[float, Spec(
        "-", "0..1", 0, 1, "fixed", "course",
        "military presence that is a combat base: halfway from installations (0.25) to a small base")] = 0.375
    emulation_months: Annotated[float, Spec(
        "-", "months", 1, 120, "fixed", "course", "how long a fellow member's step up is an example")] = 24.0
    exit_centre: Annotated[float, Spec(
        "-", "share", 0, 1, "fixed", "course", "support for exit that neither pushes nor holds back")] = 0.5
    exit_base_hazard: Annotated[float, Spec(
        "-", "1/year", 0, 0.02, "fixed", "course", "lapses at renewals for causes outside the model",
        "ATOP, post-1945 multilateral defence pacts: 29 exits in 10,020 member-years")] = 0.0029
    formal_claim: Annotated[float, Spec(
        "theta8", "logit", 0, 5, "LN(1.5, 0.6)", "course",
        "how much dearer threat makes the formal claim to help that notice and exit give up",
        "Snyder 1984; Morrow 1991 (sign)", off=0.0)] = 1.5
    jump_chance: Annotated[float, Spec(
        "j", "probability", 0, 1, "Beta(1.5, 6)", "course",
        "chance that a step goes on by a rung, where pressure is far beyond the next threshold",
        "judgement: most steps are single, yet some breaks take weeks", off=0.0)] = 0.173
    ladder_protection: Annotated[float, Spec(
        "theta2h", "logit", 0, 2, "HalfN(0.5)", "course",
        "restraint from threat where the guarantor is expected to help",
        "Walt 1987; Snyder 1984 (sign)", off=0.0)] = 0.337
    force_chance: Annotated[float, Spec(
        "phi_f", "probability", 0, 1, "Beta(1, 4)", "course",
        "chance that a guarantor with a combat base or a common border stops a step to freeze or beyond",
        "judgement: the exit of Hungary in 1956 was stopped, most others were not", off=0.0)] = 0.159
    ladder_government: Annotated[float, Spec(
        "theta_g", "logit", 0, 4, "LN(1, 0.5)", "course", "push from a government with a full line away",
        "Leeds, Mattes & Vogel 2009 (sign); a full line is worth two rungs", off=0.0)] = 1.0
    government_hazard: Annotated[float, Spec(
        "h_g", "share", 0, 1, "Beta(2, 4)", "course",
        "chance that an election or a change of leader brings another line, after the record",
        "judgement: most leaders are followed by others with the same supporters", off=0.0)] = 0.314
    government_spread: Annotated[float, Spec(
        "s_g", "-", 0, 1, "fixed", "course", "spread of the lines of governments that are not known")] = 0.5
    ladder_entrapment: Annotated[float, Spec(
        "theta_e", "logit", 0, 2, "HalfN(0.5)", "course", "push from calls to wars of the guarantor's making",
        "Snyder 1984 (sign)", off=0.0)] = 0.337
    ladder_regime: Annotated[float, Spec(
        "theta_d", "logit", -2, 2, "N(0, 0.5)", "course", "push from a guarantor with another kind of regime",
        "Lai & Reiter 2000 (sign open)", off=0.0)] = 0.0
    # portfolio
    arms_adjustment: Annotated[float, Spec(
        "d_arms", "1/month", 0.02, 0.08, "LN(0.055, 0.4)", "portfolio", "speed of the arms channel",
        "SIPRI via press: Armenia's arms 2020-24")] = 0.055
    other_adjustment: Annotated[float, Spec(
        "d_other", "1/month", 0.001, 0.02, "LN(0.005, 0.6)", "portfolio", "speed of the other channels")] = 0.005
    substitutability: Annotated[float, Spec(
        "sub", "share", 0, 1, "fixed", "portfolio", "share of a channel that others could fill")] = 0.3
    retaliation_fear: Annotated[float, Spec(
        "zeta", "-", 0, 3, "HalfN(1)", "portfolio", "how feared coercion raises the price of leaving")] = 0.674
    diversification_tempo: Annotated[float, Spec(
        "h_d", "1/month", 0, 0.3, "LN(0.06, 0.5)", "portfolio", "rate at which members decide whether to diversify",
        "as ladder_tempo: of the order of size of reviews of the posture", off=0.0)] = 0.06
    diversification_threshold: Annotated[float, Spec(
        "u_d", "logit", -2, 4, "N(1, 1)", "portfolio", "pressure at which to diversify is even",
        "judgement: wide, from before `voice` to beyond `notify`")] = 1.0
    diversification_shift: Annotated[float, Spec(
        "s_d", "share", 0, 1, "Beta(2, 6)", "portfolio", "share of arms that moves to the patron at once",
        "judgement: orders take years to replace what is held", off=0.0)] = 0.228
    diversification_end: Annotated[float, Spec(
        "h_e", "1/month", 0.001, 0.3, "LN(0.02, 0.8)", "portfolio",
        "rate at which diversification ends once pressure has gone",
        "judgement: contracts and deliveries of arms run for some years")] = 0.02
    # guarantor
    guarantor_precision: Annotated[float, Spec(
        "lambda_g", "1/S", 1, 10, "LN(3, 0.4)", "guarantor", "how sharply guarantors choose",
        "McKelvey & Palfrey 1995")] = 3.0
    reassure_cost: Annotated[float, Spec(
        "-", "S", 0, 1, "fixed", "guarantor", "cost of reassuring a client")] = 0.1
    coerce_cost: Annotated[float, Spec("-", "S", 0, 1, "fixed", "guarantor", "cost of coercing a client")] = 0.2
    choice_strength: Annotated[float, Spec(
        "-", "0..1", 0, 1, "fixed", "guarantor", "strength of one act of reassurance or coercion")] = 0.3



# fmt: on
def _table() -> dict[str, Parameter]:
    hints = get_type_hints(Parameters, include_extras=True)
    table = {}
    for name, default in Parameters._field_defaults.items():
        (spec,) = hints[name].__metadata__
        table[name] = Parameter(**vars(spec), name=name, default=default)
    return table


PARAMETERS: Final = _table()
"""Every parameter, by name, in the order of declaration."""

KEY_PARAMETERS: Final = (
    "initial_trust",
    "evidence_weight",
    "memory_half_life",
    "excuse_legal",
    "record_weight",
    "response_precision",
    "ladder_tempo",
    "ladder_exit_cost",
)
"""The eight parameters that a first-time user should look at; chosen by meaning until a screening ranks them."""


def make_parameters(values: dict[str, float]) -> Parameters:
    """Return the default parameters, with some replaced by given values.

    Parameters
    ----------
    values : dict
        Parameter values by name; names and ranges are checked when a scenario is read.

    Examples
    --------
    >>> make_parameters({"memory_half_life": 24.0}).memory_half_life
    24.0
    """
    return Parameters(**values)
