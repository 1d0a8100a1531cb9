"""An event-driven limit-order-book market in which market-making strategies compete."""

from lobsim.compare import compare
from lobsim.market.desk import Desk
from lobsim.market.messages import Command
from lobsim.market.strategy import Answer, Fill, Market, PublicTrade, Strategy
from lobsim.market.units import Side
from lobsim.plugins.hookspecs import hookimpl
from lobsim.policy.quote_table import QuoteTable
from lobsim.report.frames import Run, open_run
from lobsim.run import run
from lobsim.scenario.load import load_scenario
from lobsim.sweeps.sweep import Sweep, sweep

__all__ = [
    "Answer",
    "Command",
    "Desk",
    "Fill",
    "Market",
    "PublicTrade",
    "QuoteTable",
    "Run",
    "Side",
    "Strategy",
    "Sweep",
    "compare",
    "hookimpl",
    "load_scenario",
    "open_run",
    "run",
    "sweep",
]
