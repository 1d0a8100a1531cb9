"""How fast is the vector environment?  Millions of steps a second on one core, by CPU time.

    python tools/bench_gym.py               1 to 10,000 environments
    python tools/bench_gym.py --rivals      with two makers against the agent, too

A step is one question to the agent.  `constant` quotes the same depths all the time, `table` looks
its depths up in a solved table with numpy, which is the agent's time, not the environment's.  The
raw limit is the compiled engine in batch, with a strategy in the agent's place, in the same run:
market orders a second, each of which is a question.  Best, median and worst of 5 repeats, after a
first part of the episodes has been played so that they do not all end at one step.
"""

import argparse
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import gymnasium
import numpy as np
from bench import REPEATS, time_of

import lobsim.gym  # noqa: F401  registers the environment
from lobsim.batch.many import Player
from lobsim.quotes import quotes_of
from lobsim.setup import open_scenario, prepare

SIZES = (1, 10, 100, 1000, 10_000)
QUESTIONS = 400_000  # of a repeat
HJB = "strategy=[{name='hjb',plugin='hjb-table',params={terminal_penalty=0.05}}]"
FIXED = "strategy=[{name='fixed',plugin='fixed-spread',params={half_spread=0.68}}]"
Act = Callable[[Any], Any]


def constant(count: int) -> Act:
    depths = np.full((count, 2), 0.68)
    return lambda seen: depths


def table(count: int) -> Act:
    """Of the control problem of the base case."""
    solved = quotes_of(open_scenario("base-case", [HJB]), "hjb").table
    times, lowest = np.asarray(solved.times_s), int(solved.inventories[0])

    def act(seen: Any) -> Any:
        rows = np.searchsorted(times, 10 - seen[:, 0] + 1e-12, side="right") - 1
        columns = seen[:, 1].astype(int) - lowest
        return np.stack([solved.bid_depth[rows, columns], solved.ask_depth[rows, columns]], axis=1)

    return act


def played(envs: Any, act: Act, steps: int, seen: list[Any]) -> int:
    for _ in range(steps):
        seen[0] = envs.step(act(seen[0]))[0]
    return steps * int(envs.num_envs)


def row(name: str, work: Callable[[], int]) -> None:
    work()
    ns = sorted(time_of(work) for _ in range(REPEATS))
    rates = [1e3 / each for each in (ns[0], median(ns), ns[-1])]
    print(f"{name:<52} {rates[0]:8.3f} {rates[1]:8.3f} {rates[2]:8.3f}   {ns[0]:9.1f} ns")


def raw(scenario: str, setting: str, count: int) -> Callable[[], int]:
    setup = prepare(open_scenario(scenario, [setting]))
    player = Player(setup, 1, setup.seats, ["isolated"])
    expected = round(count * 2 * setup.only.plan.duration / setup.only.plan.mean_gap)
    return lambda: expected if player.play(0, count) else 0


def measure(name: str, count: int, make_act: Callable[[int], Act], **market: Any) -> None:
    envs = gymnasium.make_vec("lobsim/MarketMaking-v0", num_envs=count, **market)
    seen, act = [envs.reset(seed=1)[0]], make_act(count)
    steps = max(3, QUESTIONS // max(count, 20))
    row(f"{name}, {count:,} environments", partial(played, envs, act, steps, seen))


def main() -> None:
    parser = argparse.ArgumentParser(description="the vector environment, steps a second")
    parser.add_argument("--rivals", action="store_true")
    given = parser.parse_args()
    print(f"{'M steps/s':<52} {'best':>8} {'median':>8} {'worst':>8}   {'a step':>9}")
    for scenario, setting in (("quickstart", FIXED), ("base-case", HJB)):
        row(f"raw limit: {scenario}, the engine in batch", raw(scenario, setting, 2000))
    for count in SIZES:
        measure("quickstart, constant", count, constant, scenario="quickstart")
    measure("base-case, constant", 1000, constant, scenario="base-case")
    measure("base-case, table", 1000, table, scenario="base-case", furthest=np.inf)
    if given.rivals:
        measure("quickstart, two rivals", 1000, constant, rivals=["tight", "a-s"])


if __name__ == "__main__":
    main()
