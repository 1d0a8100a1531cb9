"""What is said of models of prices and orders that cannot be: each in a line, with its key."""

import pytest

from lobsim.errors import LobsimError, ScenarioError
from lobsim.scenario.load import load_scenario
from lobsim.setup import prepare
from market import scenario

BROWNIAN = "asset.price={model='brownian',sigma=2,step_ms=1"
HESTON = "asset.price={model='heston',theta=4,kappa=2,xi=1,step_ms=1"
MERTON, KOU = "jumps={model='merton',rate=3", "jumps={model='kou',rate=3,p=0.4,eta_up=3,eta_down=2"
HAWKES = "asset.flow={model='hawkes',A=10,k=1,decay=5"
POISSON = "asset.flow={model='poisson',A=10,k=1"

PROBLEMS = {  # settings of the quickstart: what is told
    "asset.price={model='ou',sigma=2,step_ms=1}": "asset.price.kappa: is missing: How fast",
    "asset.price={model='ou',sigma=2,kappa=0,step_ms=1}": "kappa = 0: must be above 0",
    f"{HESTON},rho=1.5}}": "asset.price.rho = 1.5: must be at most 1",
    f"{HESTON},rho=nan}}": "must be a finite number, from -1 to 1",
    f"{HESTON},form='lognormal'}}": "form = \"lognormal\": must be 'arithmetic' or 'log'",
    "asset.price={model='heston',theta=4,kappa=2,xi=1e-4,step_ms=1}": "xi = 0.0001: must be",
    f"{BROWNIAN},curve={{at_s=[0,0.5],factor=[1]}}}}": "curve: must have a factor for each "
    "start: has 2 of at_s, 1 of factor",
    f"{BROWNIAN},curve={{at_s=[],factor=[]}}}}": "has 0 of at_s",
    f"{BROWNIAN},curve={{at_s=[0.1],factor=[1]}}}}": "at_s.1 = 0.1: must be 0",
    f"{BROWNIAN},curve={{at_s=[0,0.5,0.5],factor=[1,2,3]}}}}": "at_s.3 = 0.5: must be later than",
    f"{BROWNIAN},curve={{at_s=[0,1],factor=[1,2]}}}}": "at_s.2 = 1: must be below the duration, 1",
    f"{BROWNIAN},curve={{at_s=[0,1e-10],factor=[1,2]}}}}": "must be a whole number of nanoseconds",
    f"{BROWNIAN},curve={{at_s=[0],factor=[-1]}}}}": "factor.1 = -1: must be 0 or more",
    f"{BROWNIAN},curve={{at_s=0,factor=[1]}}}}": "must be a list",
    f"{BROWNIAN},{MERTON}}}}}": "asset.price.jumps.sd: is missing: Deviation of a size",
    f"{BROWNIAN},{MERTON},sd=nan}}}}": "sd = nan: must be a finite number, 0 or more",
    f"{BROWNIAN},{MERTON},sd=1,men=1}}}}": "unknown key 'men'; did you mean 'mean'",
    f"{BROWNIAN},jumps={{model='mertn',rate=1}}}}": "unknown model; did you mean 'merton'",
    f"{BROWNIAN},{MERTON.replace('3', '1e10')},sd=1}}}}": "lower asset.price.jumps.rate or",
    f"{BROWNIAN},{KOU.replace('0.4', '1.5')}}}}}": "jumps.p = 1.5: must be at most 1",
    f"{HESTON},form='log',{KOU.replace('eta_up=3', 'eta_up=2')}}}}}": "eta_up = 2: must be above 2",
    f"{HESTON},form='log',{MERTON},mean=-6,sd=1}}}}": "mean = -6: must be from -5 to 5 here",
    f"{HESTON},form='log',{MERTON},sd=6}}}}": "sd = 6: must be at most 5 here",
    f"{HAWKES},own=0.8,cross=0.25}}": "own = 0.8: the process explodes: branching ratio 1.05 "
    "(own + cross), must be below 1",
    f"{HAWKES},own=1}}": "branching ratio 1 (own",
    f"{HAWKES},own=-0.5}}": "own = -0.5: must be 0 or more",
    f"{HAWKES},own=0.5,d0=800}}": "k times d0 must be at most 700",
    f"{POISSON},informed={{share=1.2,move=1}}}}": "informed.share = 1.2: must be at most 1",
    f"{POISSON},informed={{share=0.2,move=-1}}}}": "informed.move = -1: must be 0 or more",
    f"{POISSON},size={{model='lognormal',median=0,sigma=1}}}}": "median = 0: must be above 0",
    f"{POISSON},size={{model='lognormal',median=1,sigma=9}}}}": "size.sigma = 9: must be at most 5",
    f"{POISSON},size={{model='lognormal',median=1e17,sigma=5}}}}": "size.median = 1e17: cash could",
    f"{POISSON},size={{model='empirical',sizes=[]}}}}": "sizes: must have a size at least",
    f"{POISSON},size={{model='empirical',sizes=[0]}}}}": "sizes.1 = 0: must be a whole number",
    f"{POISSON},size={{model='empirical',sizes=[1],weights=[1,2]}}}}": "has 1 sizes, 2 weights",
    f"{POISSON},size={{model='empirical',sizes=[1],weights=[0]}}}}": "must have one above 0",
    "asset.fees.maker_bps=10001": "maker_bps=10001: must be between -10000 and 10000 (the price",
    "asset.fees={taker=3,taker_bps=2e4}": "must be between -10000 and 10000 (the price",
    "asset.fees.maker_bps=-0.1": "maker_bps=-0.1: a rebate must not exceed the other side's fee: "
    "with all bps at the first mid, 0.001 a lot against 0",
    "asset.fees={maker=0.0001,taker_bps=-0.1}": "taker_bps = -0.1: a rebate must not exceed",
    "asset.fees={maker=-0.02,maker_bps=0.9,taker=0.01}": "maker = -0.02: a rebate must not exceed "
    "the other side's fee: with all bps at the first mid, 0.011 a lot against 0.01",
    "asset.fees.maker_bps=nan": "maker_bps=nan: must be a finite number",
    "asset.fees.taker_bps='1'": "must be a number, is a string",
    "asset.fees.maker_bp=1": "unknown key 'maker_bp'; did you mean 'maker_bps'",
}


@pytest.mark.parametrize("setting", PROBLEMS)
def test_a_model_that_cannot_be_is_told_in_one_line(setting):
    with pytest.raises(LobsimError) as caught:
        load_scenario("quickstart", [setting])
    assert len(caught.value.problems) == 1, caught.value.problems
    assert PROBLEMS[setting] in caught.value.problems[0]


def test_all_faults_of_a_rich_scenario_are_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        load_scenario(
            "quickstart",
            [f"{BROWNIAN},{MERTON},sd=-1}},curve={{at_s=[1],factor=[1]}}}}", f"{HAWKES},own=2}}"],
        )
    assert len(caught.value.problems) == 4  # at_s is not 0 and not below the duration


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ([f"{HESTON}}}"], "heston prices"),
        ([f"{BROWNIAN},{MERTON},sd=1}}}}"], "jumps"),
        ([f"{BROWNIAN},curve={{at_s=[0],factor=[2]}}}}"], "a volatility curve"),
        ([f"{POISSON},informed={{share=0.1,move=1}}}}"], "informed orders"),
    ],
)
def test_var_is_refused_where_the_law_of_the_mid_is_not_known(settings, named):
    with pytest.raises(ScenarioError) as caught:
        load_scenario("quickstart", [*settings, "risk.max_var=20"])
    (told,) = caught.value.problems
    assert told.startswith(f"--set risk.max_var=20: is not known with {named}: ")


def test_var_is_known_whatever_the_flow():
    load_scenario("quickstart", [f"{HAWKES},own=0.5}}", "risk.max_cvar=20"])


def test_a17_a_variance_that_touches_0_is_warned_of_with_both_numbers():
    few = prepare(scenario("asset.price={model='heston',theta=2,kappa=0.5,xi=3,step_ms=0.001}"))
    assert few.warnings == (
        "the variance will touch 0 (Feller): 2 kappa theta = 2 is below xi^2 = 9; it is simulated "
        "exactly all the same",
    )
    many = prepare(scenario("asset.price={model='heston',theta=2,kappa=2,xi=2,step_ms=0.001}"))
    assert many.warnings == ()


def test_a_plain_world_stays_plain():
    from lobsim.models.world import WorldPlan

    assert type(prepare(load_scenario("quickstart")).plan) is WorldPlan
