"""Many markets as one vector environment: those of single environments, bit for bit."""

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium", reason="the extra [rl] is not installed")

from gymnasium.vector import AutoresetMode  # noqa: E402

import lobsim.gym  # noqa: E402, F401  registers the environment
from lobsim.batch.many import Player  # noqa: E402
from lobsim.errors import PluginError, ScenarioError, UsageError  # noqa: E402
from lobsim.quotes import quotes_of  # noqa: E402
from lobsim.setup import open_scenario, prepare  # noqa: E402

pytestmark = pytest.mark.filterwarnings("ignore:.*compiled first")
PENALTY = 0.05
HJB = f"strategy=[{{name='hjb',plugin='hjb-table',params={{terminal_penalty={PENALTY}}}}}]"
SHORT = "duration_s=0.15"
TIMER = "requote='timer'", "requote_ms=1.3"
UNDERCUT = "strategy=[{plugin='undercut',params={closest=0.4,furthest=0.9,lean=0.02}}]"
LADDER = "strategy=[{plugin='ladder',params={half_spread=0.6,step=0.1,rungs=3}}]"
HALTS = "risk.max_drawdown=0.5", "risk.cooldown_s=0.01", "risk.on_halt='flatten'"
COSTS = {"running_penalty": 0.3, "terminal_penalty": 0.1}
FEES = "asset.fees={maker=-0.01,taker=0.02}", "end.inventory='close'"
MARKETS = {
    "alone": {"settings": [SHORT]},
    "rivals, penalties": {"settings": [SHORT], "rivals": ["tight", "a-s"], **COSTS},
    "a compiled rival": {"settings": [SHORT, UNDERCUT], "rivals": ["undercut"], **COSTS},
    "a ladder": {"settings": [SHORT, LADDER], "rivals": ["ladder"], "furthest": 2.0, **COSTS},
    "a timer": {"settings": [SHORT, *TIMER], "rivals": ["wide"], **COSTS, "size": 3},
    "halts and limits": {
        "settings": [SHORT, *TIMER, *HALTS, "risk.max_inventory=3"], "rivals": ["a-s"], "size": 2,
    },
    "halts for good, fees": {"settings": [SHORT, HALTS[0], *FEES], "rivals": ["tight"], **COSTS},
    "reduce only": {"settings": [SHORT, "risk.max_loss=3", "risk.reduce_at=0.3"], "size": 5},
    "bounds": {"settings": [SHORT], "closest": 0.5, "furthest": np.inf},
    "discrete": {"scenario": "avellaneda-stoikov-2008", "settings": ["duration_s=0.5"]},
    "rich": {"scenario": "jumps", "settings": ["duration_s=0.3"]},
}  # fmt: skip


def vector(count, mode="NextStep", **market):
    return gymnasium.make_vec(
        "lobsim/MarketMaking-v0", num_envs=count, autoreset_mode=mode, **market
    )


def singles(count, mode="NextStep", **market):
    return gymnasium.make_vec(
        "lobsim/MarketMaking-v0", num_envs=count, vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": AutoresetMode(mode)}, **market,
    )  # fmt: skip


def same_infos(ours, theirs):
    assert ours.keys() == theirs.keys()
    for key, expected in theirs.items():
        if key == "final_info":
            same_infos(ours[key], expected)
        elif key in ("summary", "final_obs"):
            for mine, his in zip(ours[key], expected, strict=True):
                assert np.array_equal(mine, his) if key == "final_obs" else mine == his
        else:
            assert np.array_equal(ours[key], expected), key


def same(ours, theirs):
    *arrays, infos = ours
    *expected, other = theirs
    for mine, his in zip(arrays, expected, strict=True):
        assert mine.dtype == his.dtype
        assert np.array_equal(mine, his)
    same_infos(infos, other)


def steps(ours, theirs, count, seed=0):
    """So many steps of both with actions at random; how many episodes ended."""
    rng, ended = np.random.default_rng(seed), 0
    for _ in range(count):
        actions = rng.uniform(0.3, 1.2, (ours.num_envs, 2))
        actions[rng.random(actions.shape) < 0.05] = np.inf
        told = ours.step(actions)
        same(told, theirs.step(actions))
        ended += int(told[2].sum())
    return ended


@pytest.mark.parametrize("mode", ["NextStep", "SameStep"])
@pytest.mark.parametrize("market", MARKETS)
def test_it_is_as_many_single_environments_to_the_last_bit(market, mode):
    ours, theirs = (make(3, mode, **MARKETS[market]) for make in (vector, singles))
    same(ours.reset(seed=11), theirs.reset(seed=11))
    assert steps(ours, theirs, 450) > 3
    same(ours.reset(), theirs.reset())
    steps(ours, theirs, 20)
    same(ours.reset(seed=[5, None, 2**40]), theirs.reset(seed=[5, None, 2**40]))
    steps(ours, theirs, 20)
    assert ours.metadata["autoreset_mode"] == AutoresetMode(mode)
    assert ours.single_action_space == theirs.single_action_space
    assert ours.action_space == theirs.action_space
    assert ours.observation_space == theirs.observation_space
    for each in ours, theirs:
        each.close()


def test_without_autoreset_those_that_ended_are_opened_by_a_mask():
    ours, theirs = (make(3, "Disabled", settings=[SHORT]) for make in (vector, singles))
    same(ours.reset(seed=1), theirs.reset(seed=1))
    for _ in range(2):
        ended = np.zeros(3, np.bool_)
        while not ended.any():
            told, expected = (each.step(np.full((3, 2), 0.6)) for each in (ours, theirs))
            same(told, expected)
            ended = told[2]
        with pytest.raises(UsageError, match="reset_mask"):
            ours.step(np.full((3, 2), 0.6))
        told, expected = (
            each.reset(options={"reset_mask": ended.copy()}) for each in (ours, theirs)
        )
        assert np.array_equal(told[0], expected[0])
        same_infos(told[1], expected[1])


def table_agent():
    table = quotes_of(open_scenario("base-case", [HJB]), "hjb").table
    times = np.asarray(table.times_s)

    def act(seen):
        rows = np.searchsorted(times, 10 - seen[:, 0] + 1e-12, side="right") - 1
        columns = seen[:, 1].astype(int) - int(table.inventories[0])
        return np.stack([table.bid_depth[rows, columns], table.ask_depth[rows, columns]], axis=1)

    return act


def test_an_agent_with_the_solved_table_earns_its_value_over_100_000_episodes():
    """And in each of them, to the last bit, what the plugin earns."""
    count, reps, act = 1000, 100, table_agent()
    envs = vector(count, scenario="base-case", terminal_penalty=PENALTY, furthest=np.inf)
    seen, info = envs.reset(seed=1)
    totals, profits, running = (np.zeros((count, reps)), np.zeros((count, reps)), np.zeros(count))
    while info["replication"].min() < reps:
        seen, rewards, over, _, info = envs.step(act(seen))
        running += rewards
        ended = np.flatnonzero(over & (info["replication"] < reps))
        rep = info["replication"][ended]
        totals[ended, rep] = running[ended]
        if len(ended):
            profits[ended, rep] = info["summary"].column("profit")[ended]
        running[over] = 0.0
    value = 7.0141038  # model: risk neutral, A = k = 1.5, phi = 0.05, Q = 5, T = 10
    assert abs(totals.mean() - value) < 4 * totals.std() / np.sqrt(totals.size)
    setup = prepare(open_scenario("base-case", [HJB]))
    for env in range(0, count, 97):
        played = Player(setup, 1 + env, setup.seats, ["isolated"]).play(0, reps)
        own = played["isolated"]["hjb"]
        assert np.array_equal(profits[env], own.column("profit"))
        worth = own.column("profit") - PENALTY * own.column("inventory") ** 2
        assert totals[env] == pytest.approx(worth, abs=1e-9)


def test_a_summary_is_there_for_each_that_ended():
    envs = vector(3, settings=[SHORT])
    envs.reset(seed=4)
    over = np.zeros(3, np.bool_)
    while not over.any():
        _, _, over, _, info = envs.step(np.full((3, 2), 0.6))
    summaries = info["summary"]
    assert [each is not None for each in summaries] == over.tolist()
    profits = summaries.column("profit")
    assert np.isnan(profits[~over]).all()
    assert profits[over].tolist() == [each.profit for each in summaries if each is not None]
    assert summaries[-1:] == [summaries[2]]
    assert summaries[over] == [each for each in summaries if each is not None]
    assert len(summaries) == 3


def test_never_seeded_markets_differ():
    envs = vector(3, settings=[SHORT])
    _, info = envs.reset()
    assert info["seed"].tolist() == [1, 2, 3]
    assert envs.reset()[1]["replication"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("market", "said"),
    [
        (
            {"settings": ["risk.volatility_s=0.1", "risk.max_var=1"]},
            "agents with several assets, a .group. or risk.volatility_s",
        ),
        ({"scenario": "snipers", "rivals": ["sniper"]}, "gives no quote table"),
        ({"scenario": "latency", "rivals": ["at-1ms"]}, "latency"),
    ],
)
def test_what_the_compiled_engine_cannot_serve_is_said(market, said):
    with pytest.raises(UsageError, match=said) as error:
        vector(2, **market)
    assert all(each.endswith('use vectorization_mode="sync"') for each in error.value.problems)


def test_what_is_no_action_and_no_seed_is_told():
    envs = vector(2, settings=[SHORT])
    with pytest.raises(UsageError, match="reset"):
        envs.step(np.full((2, 2), 0.6))
    with pytest.raises(ValueError, match="3 seeds for 2"):
        envs.reset(seed=[1, 2, 3])
    with pytest.raises(ValueError, match="a seed is"):
        envs.reset(seed=2**64 - 1)
    with pytest.raises(TypeError, match="booleans"):
        envs.reset(options={"reset_mask": [True, False]})
    with pytest.raises(ValueError, match="must choose"):
        envs.reset(options={"reset_mask": np.zeros(2, np.bool_)})
    envs.reset(seed=1)
    for actions in np.full((2, 2), np.nan), np.full((3, 2), 0.6), np.full(2, 0.6):
        with pytest.raises(ValueError, match="two depths for each of 2"):
            envs.step(actions)


def step_often(envs, depth):
    for _ in range(2000):
        envs.step(np.full((2, 2), depth))


@pytest.mark.parametrize(
    ("settings", "depth", "kind", "said"),
    [
        ([], -0.4, PluginError, r"strategy 'agent': the bid 100.4 is not below the ask 99.6"),
        (["asset.mid=0.05"], 0.01, ScenarioError, "the mid fell below one tick"),
        (
            [SHORT, "summary_reps=0", "max_events=245"],
            0.6,
            ScenarioError,
            "max_events = 245: passed",
        ),
    ],
)
def test_a_market_that_cannot_go_on_says_why_and_where(settings, depth, kind, said):
    envs = vector(2, settings=[*settings])
    envs.reset(seed=3)
    with pytest.raises(kind, match=said) as error:
        step_often(envs, depth)
    assert error.value.__notes__[0].startswith("in environment ")
    with pytest.raises(UsageError, match="reset"):
        envs.step(np.full((2, 2), depth))
    envs.reset(seed=3)
