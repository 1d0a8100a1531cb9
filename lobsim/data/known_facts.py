"""What is known of nearly all markets, and whether one has it."""

import math
from dataclasses import dataclass

from lobsim.data.blocks import Estimate
from lobsim.data.fact_figures import DIFFERENCE, FAINT, MEAN_DIFFERENCE, Facts
from lobsim.data.fact_flow import exponential_distance
from lobsim.data.fact_moves import NORMAL_TAIL
from lobsim.data.fact_verdicts import FAIL, PASS, UNCLEAR

ABOVE, BELOW, WITHIN = "above", "below", "within"
CONT, LILLO = "Cont 2001", "Lillo & Farmer 2004"
BOUCHAUD, RESPONSE = "Bouchaud et al. 2002", "Bouchaud et al. 2004"
GOULD, VYETRENKO = "Gould et al. 2013", "Vyetrenko et al. 2019"


@dataclass(frozen=True, slots=True)
class Claim:
    """A figure is above `edge`, below it, or within +- `edge`.

    With its whole interval there it passes.  It fails where its interval ends before `enough`,
    which a market that has the fact would reach (of WITHIN: wholly outside); else it is unclear.
    """

    says: str
    figure: str
    where: str
    edge: float
    enough: float
    source: str

    @property
    def expected(self) -> str:
        return f"{self.where} {'+-' if self.where == WITHIN else ''}{self.edge:.3g}"

    def verdict(self, found: Estimate) -> str:
        low, high = found.low, found.high
        if math.isnan(low) or math.isnan(high):
            return UNCLEAR
        if self.where == WITHIN:
            inside = -self.edge <= low and high <= self.edge
            outside = low > self.edge or high < -self.edge
            return PASS if inside else FAIL if outside else UNCLEAR
        if self.where == BELOW:
            return PASS if high < self.edge else FAIL if low > self.enough else UNCLEAR
        return PASS if low > self.edge else FAIL if high < self.enough else UNCLEAR


@dataclass(frozen=True, slots=True)
class Judged:
    """found has an interval that holds for all claims at once."""

    claim: Claim
    found: Estimate
    unit: str
    verdict: str


def claims(of: Facts) -> list[Claim]:
    short, middle, *_ = names = [f"{each:g} s" for each in of.intervals_s]
    critical = exponential_distance(len(of.of.orders) - 1)
    everything = [
        Claim("the spread varies", "spread, variation", ABOVE, 0.1, 0.15, GOULD),
        Claim("more depth behind the touch", "depth behind the touch", ABOVE, 1, 1.1, BOUCHAUD),
        Claim("orders come in clusters", "gaps, within quarters", ABOVE, 1, 1.1, VYETRENKO),
        Claim(
            "gaps are not exponential", "gaps, from exponential",
            ABOVE, critical, critical + 0.05, GOULD,
        ),
        Claim("signs persist", "signs, lag 1", ABOVE, 0, DIFFERENCE, LILLO),
        Claim("signs persist for long", "signs, lags 11-50", ABOVE, 0, FAINT, LILLO),
        Claim(
            "moves are uncorrelated", f"moves, lag 1 of {short}",
            WITHIN, DIFFERENCE, DIFFERENCE, CONT,
        ),
        Claim("heavy tails", f"kurtosis, {names[-1]}", ABOVE, 3, 4, CONT),
        Claim("tails as a power", f"tail index, {names[-1]}", BELOW, NORMAL_TAIL, 5, CONT),
        Claim(
            "volatility clusters", f"|moves|, lags 1-10 of {short}",
            ABOVE, 0, MEAN_DIFFERENCE, CONT,
        ),
        Claim("and for longer", f"|moves|, lags 1-10 of {middle}", ABOVE, 0, MEAN_DIFFERENCE, CONT),
        Claim("busy is volatile", f"|moves| with orders, {middle}", ABOVE, 0, DIFFERENCE, CONT),
        Claim("orders move the mid", "impact, after 1 order", ABOVE, 0, DIFFERENCE, RESPONSE),
        Claim("and it stays moved", "impact, after 10 orders", ABOVE, 0, DIFFERENCE, RESPONSE),
        Claim("large orders little more", "impact, power of size", BELOW, 1, 0.9, GOULD),
    ]  # fmt: skip
    return [claim for claim in everything if claim.figure in of.figures]


def judge(of: Facts) -> list[Judged]:
    """All that is claimed of a market whose book was seen so far."""
    stated = claims(of)
    found = [of.figures[claim.figure] for claim in stated]
    intervals = [each.interval(len(stated)) for each in found]
    return [
        Judged(claim, interval, figure.unit, claim.verdict(interval))
        for claim, figure, interval in zip(stated, found, intervals, strict=True)
    ]


SETTINGS = {  # what the beginnings of figures' names are of, in a scenario
    "spread, variation": "strategies that quote wider when it is riskier; asset.price heston",
    "spread": "the makers' parameters; asset.flow k",
    "depth": "the strategy background (arrival_rate, cancel_rate, thinning); sizes of quotes",
    "market orders": "asset.flow A",
    "size of an order": "asset.flow size",
    "orders through the touch": "asset.flow size and k; the sizes of the makers' quotes",
    "gaps": 'asset.flow model = "hawkes" (own, cross, decay)',
    "signs, lags 11-50": 'asset.flow model = "hawkes" with a slow decay, own near 1',
    "signs": 'asset.flow model = "hawkes" (own above cross)',
    "mid changes": "asset.price step_ms; requote",
    "sigma": "asset.price sigma, and the moves of asset.flow informed",
    "moves": "asset.price (ou reverts); makers that lean less on their inventory",
    "kurtosis": 'asset.price model = "heston", or jumps',
    "tail index": "jumps (merton, kou)",
    "|moves| with orders": "asset.flow informed, with hawkes; asset.price and flow with one curve",
    "|moves|": 'asset.price model = "heston", or asset.price.curve',
    "impact, power": "asset.flow informed, whose move is one for all sizes: power 0",
    "impact": "asset.flow informed (share, move)",
}


def setting(figure: str) -> str:
    """What of a scenario brings a fact."""
    return next(said for start, said in SETTINGS.items() if figure.startswith(start))
