"""The market as a Gymnasium environment: an agent quotes, alone or against a scenario's strategies.

    import gymnasium, lobsim.gym
    env = gymnasium.make("lobsim/MarketMaking-v0", scenario="quickstart")

One step is one question to a strategy: before the first order of every instant, or on the
scenario's timer.  So an agent that quotes a solved table earns what the table is worth.
Source of the interface: Towers et al., "Gymnasium: A Standard Interface for Reinforcement Learning
Environments", 2024.
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from os import PathLike
from typing import Any

import gymnasium
import numpy as np
from greenlet import getcurrent, greenlet
from gymnasium.spaces import Box
from numpy.typing import NDArray

from lobsim.errors import LobsimError, UsageError
from lobsim.market.compiled_quote import SEEN, WIDEST
from lobsim.market.desk import Desk
from lobsim.market.strategy import Answer, Strategy
from lobsim.seats import with_live
from lobsim.setup import open_scenario, prepare
from lobsim.simulate import simulate
from lobsim.summary import Summary
from lobsim.watch import Watch

Floats = NDArray[np.float64]
NAME = "agent"


class Agent(Strategy):
    """Hands every question on, and answers with the depths that come back."""

    def __deepcopy__(self, _: Any) -> "Agent":
        return self  # each market has one of its own

    def on_quote(self, desk: Desk) -> Answer:
        bid_depth, ask_depth, size = getcurrent().parent.switch(desk)
        return desk.quote(bid_depth=bid_depth, ask_depth=ask_depth, size=size)


class Unhurried(Watch):
    """An agent may think as long as it likes: the time is its own."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        yield


class MarketMaking(gymnasium.Env[Floats, Floats]):
    """Observation, action and reward, in currency, seconds and lots.

    observation  (5,): seconds left, lots held, the mid less the first mid, and how far from the mid
                 the best bid and the best ask of all others are (the furthest depth allowed where
                 there is none)
    action       (2,): depths of bid and ask from the mid, from `closest` to `furthest` (-d0 and ten
                 mean reaches where left out); `size` lots each
    reward       what equity has gained since the last step, less running_penalty times the integral
                 of inventory^2; at the end less terminal_penalty times inventory^2 too.  So the sum
                 over an episode is what `hjb-table` maximises the mean of
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012

    def __init__(
        self,
        scenario: str | PathLike[str] = "quickstart",
        *,
        settings: Sequence[str] = (),
        plugins: Sequence[str] = (),
        rivals: Sequence[str] = (),
        size: int = 1,
        closest: float | None = None,
        furthest: float | None = None,
        terminal_penalty: float = 0.0,
        running_penalty: float = 0.0,
    ) -> None:
        """`rivals` are accounts of the scenario that take part; alone without any.

        Raises a LobsimError for what a scenario cannot be.
        """
        opened = open_scenario(scenario, settings, plugins)
        joined, live, names = with_live(opened, [*rivals, Agent()])
        if len(joined.assets) > 1:
            raise UsageError(f"{joined.name}: an agent quotes one asset, it has several")
        self.setup = prepare(joined, live, names)
        market = self.setup.only.market
        low = -market.d0 if closest is None else closest
        high = WIDEST / market.k if furthest is None else furthest
        self.action_space = self._depths = Box(low, high, (2,), np.float64)
        self.observation_space = Box(-np.inf, np.inf, (5,), np.float64)
        self._size = size
        self._penalties = terminal_penalty, running_penalty
        self._seed, self._replication = 1, -1
        self._episode: greenlet | None = None
        self._seen = self._equity = self._time = 0.0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Floats, dict[str, Any]]:
        """The next replication; with a seed, replication 0 of that seed."""
        super().reset(seed=seed)
        self.close()
        self._seed, self._replication = (
            (self._seed, self._replication + 1) if seed is None else (seed, 0)
        )
        self._episode = greenlet(self._play)
        self._time = 0.0
        desk = self._episode.switch()
        if not isinstance(desk, Desk):
            raise UsageError("the agent is never asked: the market ends before it begins")
        self._equity = desk.equity
        return self._observation(desk), self._info()

    def step(self, action: Floats) -> tuple[Floats, float, bool, bool, dict[str, Any]]:
        """Quote until the next question.  Raises ValueError for an action that is none."""
        if self._episode is None:
            raise UsageError("the market has closed: reset() opens the next one")
        depths = np.asarray(action, np.float64)
        if depths.shape != (2,) or np.isnan(depths).any():
            raise ValueError(f"an action is two depths, of bid and ask: {action!r}")
        bid, ask = np.clip(depths, self._depths.low, self._depths.high).tolist()
        told = self._episode.switch((bid, ask, self._size))
        if isinstance(told, Desk):
            reward = told.equity - self._equity - self._held(told.inventory, told.now)
            self._equity = told.equity
            return self._observation(told), reward, False, False, self._info()
        self._episode = None
        summary: Summary = next(each for each in told if each.strategy == NAME)
        start = self.setup.seats[-1].inventory * self.setup.only.market.mid
        start += float(self.setup.seats[-1].spec.cash)
        reward = start + summary.profit - self._equity
        reward -= self._held(summary.inventory, self.setup.only.market.duration_s)
        reward -= self._penalties[0] * summary.inventory**2
        last = np.array([0.0, summary.inventory, self._seen, *self._none], np.float64)
        return last, reward, True, False, self._info() | {"summary": summary}

    def close(self) -> None:
        """Leave the market that is open."""
        episode, self._episode = self._episode, None
        if episode is not None and not episode.dead:
            with suppress(LobsimError):
                episode.throw()

    def _play(self) -> list[Summary]:
        return simulate(
            self.setup, self._seed, self._replication, audited=False,
            watch=Unhurried(float("inf")), prints=sys.stdout,
        )  # fmt: skip

    @property
    def _none(self) -> tuple[float, float]:
        return float(self._depths.high[0]), float(self._depths.high[1])

    def _observation(self, desk: Desk) -> Floats:
        seen = np.empty(SEEN)
        desk.observe(seen, *self._none)
        self._seen = float(seen[2])
        return seen

    def _held(self, inventory: int, now: float) -> float:
        """The running penalty of what has been held since the last question."""
        since, self._time = self._time, now
        return self._penalties[1] * inventory**2 * (now - since)

    def _info(self) -> dict[str, Any]:
        return {"seed": self._seed, "replication": self._replication}


gymnasium.register(
    "lobsim/MarketMaking-v0",
    entry_point="lobsim.gym:MarketMaking",
    vector_entry_point="lobsim.gym_vector:MarketMakingVector",
)
