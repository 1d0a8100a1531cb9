"""Quote by a plan: depths for every step in advance, the best that keep what is asked of them.

When to use: limits on the plan itself (spread, how fast quotes move, inventory, value at risk,
drawdown) that no formula knows.  mode = "schedule" quotes the same whatever happens; "rolling"
plans again from every step and inventory, and comes within about 1 % of hjb-table.

    maximise    E[W_T] - phi E[q_T^2] - phi_r int E[q_t^2] dt
    such that   |E q_n| + z sd q_n <= Q,  z sd W_T - E W_T <= max_var,  c sd W_T <= max_drawdown,
                min_spread <= bid depth + ask depth <= max_spread,  at most max_change levels a step

over depths min_depth + l depth_step, l < levels, or no quote, for each side and step.  A plan does
not look at the inventory, so mean and variance are sums over the steps and exact: a constraint
satisfaction problem in booleans, solved by CP-SAT to a proven gap.  The answer is kept in a cache
and, with one worker, the same every time.
"""

from dataclasses import dataclass

from lobsim import Market, QuoteTable, Strategy
from lobsim.policy.csp_cache import cached_rolling, cached_schedule
from lobsim.policy.csp_problem import ScheduleProblem


@dataclass
class CSPSchedule(Strategy):
    """Penalties as of hjb-table; depths, spreads, max_var and max_drawdown in currency; a
    depth_step of None is 0.1/k.  Q is [risk] max_inventory, which a plan passes with probability
    max_inventory_chance at most; `rolling` never does.  A lot costs the maker's fee, and share
    times move where orders are informed, on average; drift is not part of it.
    """

    terminal_penalty: float
    running_penalty: float = 0.0
    mode: str = "schedule"
    steps: int = 20
    levels: int = 30
    min_depth: float = 0.0
    depth_step: float | None = None
    min_spread: float | None = None
    max_spread: float | None = None
    max_change: int | None = None
    max_inventory_chance: float = 0.05
    max_drawdown: float | None = None
    drawdown_level: float = 0.95
    max_var: float | None = None
    var_level: float = 0.95
    time_limit_s: float = 60.0
    gap: float = 1e-3
    workers: int = 1
    solver_seed: int = 1

    def __post_init__(self) -> None:
        if self.mode not in ("schedule", "rolling"):
            raise ValueError(f"mode = {self.mode}: must be 'schedule' or 'rolling'")

    def quote_table(self, market: Market) -> QuoteTable:
        if market.mu:
            raise ValueError("csp-schedule knows no drift: set it to 0")
        rolling = self.mode == "rolling"
        problem = ScheduleProblem(
            A_bid=market.A,
            A_ask=market.A,
            k=market.k,
            sigma=market.sigma,
            fee=market.fill_cost,
            horizon_s=market.duration_s,
            steps=self.steps,
            levels=self.levels,
            min_depth=self.min_depth,
            depth_step=0.1 / market.k if self.depth_step is None else self.depth_step,
            inventory=0 if rolling else market.inventory,
            terminal_penalty=self.terminal_penalty,
            running_penalty=self.running_penalty,
            min_spread=self.min_spread,
            max_spread=self.max_spread,
            max_change=self.max_change,
            max_inventory=None if rolling else market.max_inventory,
            max_inventory_chance=self.max_inventory_chance,
            max_drawdown=self.max_drawdown,
            drawdown_level=self.drawdown_level,
            max_var=self.max_var,
            var_level=self.var_level,
        )
        if rolling:
            plans = cached_rolling(
                problem,
                max_inventory=market.inventory_bound,
                time_limit_s=self.time_limit_s,
                gap=self.gap,
                workers=self.workers,
                seed=self.solver_seed,
            )
            return plans.table()
        plan = cached_schedule(
            problem,
            time_limit_s=self.time_limit_s,
            gap=self.gap,
            workers=self.workers,
            seed=self.solver_seed,
        )
        return plan.table()
