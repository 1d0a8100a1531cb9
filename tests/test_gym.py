"""The market as a Gymnasium environment."""

import warnings

import numpy as np
import pytest

gymnasium = pytest.importorskip("gymnasium", reason="the extra [rl] is not installed")

from gymnasium.utils.env_checker import check_env  # noqa: E402

import lobsim.gym  # noqa: E402
from lobsim.errors import UsageError  # noqa: E402
from lobsim.quotes import quotes_of  # noqa: E402
from lobsim.setup import open_scenario, prepare  # noqa: E402
from lobsim.simulate import simulate  # noqa: E402

PENALTY = 0.05
HJB = f"strategy=[{{name='hjb',plugin='hjb-table',params={{terminal_penalty={PENALTY}}}}}]"


def make(scenario="quickstart", **how):
    return gymnasium.make("lobsim/MarketMaking-v0", scenario=scenario, **how)


def test_it_is_an_environment_by_gymnasiums_own_check():
    env = make(settings=["duration_s=0.05"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that spaces are unbounded, and floats of 64 bits
        check_env(env.unwrapped, skip_render_check=True)


def episode(env, act, **how):
    seen, _ = env.reset(**how)
    rewards, done = [], False
    while not done:
        seen, reward, done, cut, info = env.step(act(seen))
        assert not cut
        rewards.append(reward)
    return sum(rewards), seen, info


def table_of(settings):
    table = quotes_of(open_scenario("base-case", [*settings, HJB]), "hjb").table
    times = np.asarray(table.times_s)

    def act(seen):
        row = np.searchsorted(times, times[-1] * 0 + 10 - seen[0] + 1e-12, side="right") - 1
        column = int(seen[1]) - int(table.inventories[0])
        return np.array([table.bid_depth[row, column], table.ask_depth[row, column]])

    return act


def test_an_agent_with_the_solved_table_earns_what_the_table_earns():
    """To the last bit: each episode is the same replication, played by the plugin itself."""
    setup = prepare(open_scenario("base-case", [HJB]))
    act, env = table_of([]), make("base-case", terminal_penalty=PENALTY, furthest=np.inf)
    for rep in range(20):
        total, last, info = episode(env, act, seed=5 if rep == 0 else None)
        assert info["replication"] == rep
        (played,) = simulate(setup, 5, rep, audited=False)
        assert info["summary"].profit == played.profit
        assert info["summary"].fills == played.fills
        assert last[1] == played.inventory
        assert total == pytest.approx(played.profit - PENALTY * played.inventory**2, abs=1e-9)


def test_the_mean_reward_is_the_value_of_the_control_problem():
    act, env = table_of([]), make("base-case", terminal_penalty=PENALTY, furthest=np.inf)
    totals = [episode(env, act, seed=1 if rep == 0 else None)[0] for rep in range(400)]
    value = 7.0141038  # model: risk neutral, A = k = 1.5, phi = 0.05, Q = 5, T = 10
    assert abs(np.mean(totals) - value) < 4 * np.std(totals) / np.sqrt(len(totals))


def test_the_running_penalty_is_the_integral_of_squared_inventory():
    wide = np.array([0.4, 0.4])
    plain, charged = (
        episode(make(settings=["duration_s=2"], running_penalty=penalty), lambda _: wide, seed=3)
        for penalty in (0.0, 0.5)
    )
    assert plain[2]["summary"].profit == charged[2]["summary"].profit
    run = played(["duration_s=2"], 0.4, seed=3)
    assert plain[0] - charged[0] == pytest.approx(0.5 * run, rel=1e-9)


def played(settings, depth, seed):
    """The integral of inventory^2 by the fills of the same replication."""
    import tempfile
    from pathlib import Path

    fixed = f"strategy=[{{name='agent',plugin='fixed-spread',params={{half_spread={depth}}}}}]"
    with tempfile.TemporaryDirectory() as folder:
        run = lobsim.run(
            "quickstart", settings=[*settings, fixed], seed=seed, out=Path(folder) / "run"
        )
        fills = run.fills[run.fills.strategy == "agent"]
        times = np.concatenate([[0], fills.ts_event, [2e9]]) / 1e9
        held = np.concatenate([[0], fills.inventory])
    return float((held**2 * np.diff(times)).sum())


def test_rivals_are_seen_and_compete():
    env = make(rivals=["tight"], settings=["duration_s=0.5"])
    seen, _ = env.reset(seed=1)
    for _ in range(50):
        seen, *_ = env.step(np.array([0.9, 0.9]))
    assert seen[3] == pytest.approx(0.67, abs=0.02)
    alone = make(settings=["duration_s=0.5"])
    totals = [episode(each, lambda _: np.array([0.69, 0.69]), seed=2)[0] for each in (env, alone)]
    assert totals[0] < totals[1] / 2


def test_a_market_can_be_left_in_the_middle_and_is_the_same_again():
    env = make(settings=["duration_s=0.5"])
    first = [env.reset(seed=7)[0], *(env.step(np.array([0.5, 0.5]))[0] for _ in range(20))]
    again = [env.reset(seed=7)[0], *(env.step(np.array([0.5, 0.5]))[0] for _ in range(20))]
    assert np.array_equal(first, again)
    env.close()


def test_what_is_no_action_is_told():
    env = make().unwrapped
    with pytest.raises(UsageError, match="reset"):
        env.step(np.array([1.0, 1.0]))
    env.reset(seed=1)
    with pytest.raises(ValueError, match="two depths"):
        env.step(np.array([np.nan, 1.0]))
    with pytest.raises(ValueError, match="two depths"):
        env.step(np.array([1.0]))


def test_many_at_once():
    envs = gymnasium.vector.SyncVectorEnv([lambda: make(settings=["duration_s=0.1"])] * 3)
    seen, _ = envs.reset(seed=1)
    assert seen.shape == (3, 5)
    for _ in range(200):
        seen, *_ = envs.step(np.full((3, 2), 0.6))
    envs.close()
