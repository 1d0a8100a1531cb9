"""How one strategy fared in one replication."""

import math
from dataclasses import dataclass

from lobsim.errors import PluginError
from lobsim.kernel.exchange import Exchange
from lobsim.kernel.trader import Trader
from lobsim.setup import Setup


@dataclass(frozen=True, slots=True)
class Summary:
    """Money in currency.

    profit         cash plus inventory at the mid at the end, over the start, after fees
    profit_closed  the same less the closing cost of the inventory held
    spread_earned  what its fills earned against the mid at the fill
    luck           what mid moves then did to the inventory held
    drawdown       the worst fall of equity from its running peak, at the marks
    spread         mean quoted spread over the time it quoted both sides; None if it never did
    uptime         share of the time with quotes on both sides
    best_share     share of the time at the best price, mean over the two sides
    refused        commands refused for the inventory limit, a halt or crossing
    maker_trades   trades between strategies, of the whole market
    saturated      quotes further through the mid than the flow's d0
    problem        the error for which its plugin was taken out of the market; None if it was not
    """

    strategy: str
    profit: float
    profit_closed: float
    spread_earned: float
    luck: float
    fees: float
    fills: int
    inventory: int
    lowest: int
    highest: int
    drawdown: float
    spread: float | None
    uptime: float
    best_share: float
    halts: int
    refused: int
    maker_trades: int
    quotes: int
    saturated: int
    least_depth: float | None
    problem: str | None


def summary_of(
    setup: Setup, exchange: Exchange, trader: Trader, error: PluginError | None
) -> Summary:
    account = exchange.ledger.accounts[trader.account]
    monitor = exchange.monitors[trader.account - 1]
    presence = exchange.presences[trader.account - 1]
    desk = trader.desk
    tick, duration = setup.market.tick, setup.plan.duration
    milli = tick / 1000
    profit = (account.equity(exchange.mark) - monitor.start) * milli
    return Summary(
        strategy=trader.name,
        profit=profit,
        profit_closed=profit - abs(account.inventory) * setup.close_cost * tick,
        spread_earned=account.spread * milli,
        luck=account.luck * milli,
        fees=account.fees * milli,
        fills=account.fills,
        inventory=account.inventory,
        lowest=account.low,
        highest=account.high,
        drawdown=monitor.drawdown * milli,
        spread=presence.width * tick / presence.quoting if presence.quoting else None,
        uptime=presence.quoting / duration,
        best_share=presence.at_best / (2 * duration),
        halts=exchange.enforcement.halts[trader.account],
        refused=exchange.refused[trader.account],
        maker_trades=exchange.maker_trades,
        quotes=desk.quoted,
        saturated=desk.saturated,
        least_depth=desk.least_depth * tick if math.isfinite(desk.least_depth) else None,
        problem=None if error is None else str(error),
    )
