"""Many markets at once as one Gymnasium vector environment, on the compiled engine.

    import gymnasium, lobsim.gym
    envs = gymnasium.make_vec("lobsim/MarketMaking-v0", num_envs=1000, scenario="quickstart")

One compiled call steps all of them.  What comes back is what a SyncVectorEnv of as many single
environments gives, bit for bit: environment i plays the replications of seed + i.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np
from gymnasium import logger
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from numpy.typing import NDArray

from lobsim.batch.env_arrays import (
    agent_seat,
    answers_of,
    envs_of,
    is_warm,
    leave_warm,
    raise_trouble,
    rules_of,
)
from lobsim.batch.envs import NEVER, NEXT_STEP, SAME_STEP, Envs, open_envs, step_envs
from lobsim.batch.figures import figures_of
from lobsim.batch.serving import reasons
from lobsim.engines import FIRST
from lobsim.errors import UsageError
from lobsim.gym import NAME, Floats, MarketMaking
from lobsim.market.ladder import whole
from lobsim.setup import Setup
from lobsim.summaries import Summaries
from lobsim.summary import Summary

Bools = NDArray[np.bool_]
MODES = {
    AutoresetMode.NEXT_STEP: NEXT_STEP,
    AutoresetMode.SAME_STEP: SAME_STEP,
    AutoresetMode.DISABLED: NEVER,
}
MOST_SEED = 2**64 - 1


class MarketMakingVector(VectorEnv[Floats, Floats, NDArray[Any]]):
    """`num_envs` markets of their own, each with one agent: see `lobsim.gym.MarketMaking`.

    observations  (num_envs, 5), rewards (num_envs,), actions (num_envs, 2): float64
    infos         "seed" and "replication" of each; where episodes end "summary", which has their
                  Summary by environment, and `column(name)` as an array
    """

    def __init__(
        self,
        num_envs: int = 1,
        scenario: Any = "quickstart",
        *,
        size: int = 1,
        terminal_penalty: float = 0.0,
        running_penalty: float = 0.0,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        **market: Any,
    ) -> None:
        """As MarketMaking; `autoreset_mode` is one of Gymnasium's, "NextStep" its own default.

        Raises UsageError with every reason why the compiled engine cannot serve such a market.
        """
        single = MarketMaking(scenario, size=size, **market)
        self._setup = single.setup
        agent = agent_seat(self._setup.seats[-1], whole(size))
        self._seats = (*self._setup.seats[:-1], agent)
        if why := reasons(self._setup, self._seats):
            sync = 'use vectorization_mode="sync"'
            raise UsageError(
                *(f"a vectorised environment cannot serve this: {each}; {sync}" for each in why)
            )
        self.num_envs = whole(num_envs)
        mode = AutoresetMode(autoreset_mode)
        self._mode = MODES[mode]
        self.metadata = {**MarketMaking.metadata, "autoreset_mode": mode}
        self.single_action_space, self.single_observation_space = (
            single.action_space, single.observation_space,
        )  # fmt: skip
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        rules = rules_of(
            self.single_action_space, running_penalty, terminal_penalty, self._setup, agent
        )
        self._envs = envs_of(self._setup, self._seats, self.num_envs, rules)
        self._answers = answers_of(self.num_envs)
        self._open = np.zeros(self.num_envs, np.bool_)
        self._all = np.ones(self.num_envs, np.bool_)
        if not is_warm(self._setup):
            logger.warn(FIRST)
        none = np.zeros(self.num_envs, np.bool_)
        open_envs(self._setup.only.plan, self._envs, none, self._answers)
        step_envs(self._setup.only.plan, self._envs, np.empty((0, 2)), 0, self._answers)
        leave_warm(self._setup)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Floats, dict[str, Any]]:
        """The next replication of each; with a seed, replication 0 of seed + i, or of its own.

        Those that were never seeded begin with seed 1 + i.  `options["reset_mask"]`: some only.
        """
        super().reset(seed=seed if isinstance(seed, int) else None)
        chosen = self._chosen(options)
        seeds = self._seeds(seed)
        envs = self._envs
        for i in np.flatnonzero(chosen).tolist():
            given = seeds[i]
            if given is None and self._open[i]:
                envs.replications[i] += 1
            else:
                envs.seeds[i], envs.replications[i] = 1 + i if given is None else given, 0
        self._open |= chosen
        with np.errstate(over="ignore"):  # of streams, where numba is told not to compile
            open_envs(self._setup.only.plan, envs, chosen, self._answers)
        return self._answers.seen.copy(), self._info(chosen)

    def step(
        self, actions: Floats
    ) -> tuple[Floats, NDArray[Any], NDArray[Any], NDArray[Any], dict[str, Any]]:
        """Quote until the next question of each.  Raises ValueError for actions that are none."""
        envs, answers = self._envs, self._answers
        if not self._open.all():
            raise UsageError("the markets are not open: reset() opens them")
        if self._mode == NEVER and envs.ended.any():
            raise UsageError('a market has closed: reset(options={"reset_mask": ended}) opens it')
        depths = np.ascontiguousarray(actions, np.float64)
        if depths.shape != (self.num_envs, 2) or np.isnan(depths).any():
            raise ValueError(f"actions are two depths for each of {self.num_envs} environments")
        with np.errstate(over="ignore"):  # of streams, where numba is told not to compile
            wrong = step_envs(self._setup.only.plan, envs, depths, self._mode, answers)
        if wrong >= 0:
            self._open[wrong] = False
            raise_trouble(self._setup, self._seats, envs, wrong)
        over = answers.over.copy()
        cut = np.zeros(self.num_envs, np.bool_)
        return answers.seen.copy(), answers.rewards.copy(), over, cut, self._told(over)

    def _chosen(self, options: dict[str, Any] | None) -> Bools:
        if options is None or "reset_mask" not in options:
            return self._all
        mask = options["reset_mask"]
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_:
            raise TypeError("options['reset_mask'] must be an array of booleans")
        if mask.shape != (self.num_envs,) or not mask.any():
            raise ValueError(f"options['reset_mask'] must choose some of {self.num_envs}")
        return mask

    def _seeds(self, seed: int | Sequence[int | None] | None) -> list[int | None]:
        if seed is None:
            return [None] * self.num_envs
        if isinstance(seed, int):
            seed = range(seed, seed + self.num_envs)
        seeds = list(seed)
        if len(seeds) != self.num_envs:
            raise ValueError(f"{len(seeds)} seeds for {self.num_envs} environments")
        for each in seeds:
            if each is not None and not 0 <= each <= MOST_SEED:
                raise ValueError(f"a seed is a whole number from 0 to 2^64 - 1: {each}")
        return seeds

    def _told(self, over: Bools) -> dict[str, Any]:
        """What is known of all, and of those that are over."""
        info = self._info(self._all)
        if not over.any():
            return info
        ended = {"summary": Ended(self._setup, over, self._envs), "_summary": over}
        if self._mode != SAME_STEP:
            return info | ended
        last = np.full(self.num_envs, None, object)
        for i in np.flatnonzero(over).tolist():
            last[i] = self._answers.last[i].copy()
        before = self._info(over)
        before["replication"] -= over  # those that are open again count one more
        final = {"final_obs": last, "_final_obs": over, "final_info": before | ended}
        return info | final | {"_final_info": over}

    def _info(self, of: Bools) -> dict[str, Any]:
        seeds, replications = self._envs.seeds.view(np.int64), self._envs.replications
        return {
            "seed": np.where(of, seeds, 0), "_seed": of.copy(),
            "replication": np.where(of, replications, 0), "_replication": of.copy(),
        }  # fmt: skip


class Ended(Sequence[Summary | None]):
    """By environment: the Summary of an episode that has ended, else None.

    They are made when they are looked at.
    """

    def __init__(self, setup: Setup, over: Bools, envs: Envs) -> None:
        self._setup, self._over = setup, over
        self._rows = envs.ends[over]

    @cached_property
    def _made(self) -> Summaries:
        of, rows = self._setup, self._rows
        return Summaries(NAME, figures_of(of.only, of.plan.duration, rows[:, 0], rows[:, 1]))

    def column(self, name: str) -> Floats:
        """(num_envs,) a figure of Summary, NaN where no episode has ended."""
        column = np.full(len(self), np.nan)
        column[self._over] = self._made.column(name)
        return column

    def __len__(self) -> int:
        return len(self._over)

    @overload
    def __getitem__(self, at: int) -> Summary | None: ...
    @overload
    def __getitem__(self, at: slice | NDArray[Any]) -> list[Summary | None]: ...
    def __getitem__(self, at: int | slice | NDArray[Any]) -> Summary | list[Summary | None] | None:
        """Of one environment; of a slice, a mask or numbers of some, as of an array."""
        if isinstance(at, slice | np.ndarray):
            return [self[i] for i in np.arange(len(self))[at].tolist()]
        i = range(len(self))[at]
        return self._made[int(self._over[:i].sum())] if self._over[i] else None
