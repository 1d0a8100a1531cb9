"""How one strategy fared in one replication."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lobsim.errors import PluginError
from lobsim.kernel.exchange import Exchange
from lobsim.kernel.trader import Post, Trader
from lobsim.kernel.trading_day import TradingDay
from lobsim.setup import Setup


@dataclass(frozen=True, slots=True)
class Summary:
    """Money in currency.  Of several assets everything is summed, but for what is said here.

    profit         cash plus inventory at the mid at the end, over the start, after fees
    profit_closed  the same less the closing cost of the inventory held
    spread_earned  what its fills earned against the mid at the fill
    luck           what mid moves then did to the inventory held
    inventory      lots at the end; `lowest` and `highest` are those of any one asset
    drawdown       the worst fall of equity from its running peak, at the marks
    spread         mean quoted spread over the time it quoted both sides; None if it never did
    uptime         share of the time with quotes on both sides; these means are over assets too
    best_share     share of the time at the best price, mean over the two sides
    refused        commands refused for the inventory limit, a halt or crossing
    maker_trades   trades between strategies, of the whole market
    saturated      quotes further through the mid than the flow's d0
    by_asset       its profit in each asset, where it trades several; one run's only
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
    by_asset: tuple[tuple[str, float], ...] = ()


def summaries_of(setup: Setup, exchanges: Sequence[Exchange], day: TradingDay) -> list[Summary]:
    """Of all who took part, when the day is over."""
    maker_trades = sum(exchange.maker_trades for exchange in exchanges)
    return [
        summary_of(setup, trader, maker_trades, day.benched.get(trader.name))
        for trader in day.traders
    ]


def summary_of(
    setup: Setup, trader: Trader, maker_trades: int, error: PluginError | None
) -> Summary:
    posts = list(trader.posts.values())
    accounts = [post.exchange.ledger.accounts[post.account] for post in posts]
    presences = [post.exchange.presences[post.account] for post in posts]
    listings = [setup.listings[post.exchange.asset] for post in posts]
    ticks = [listing.market.tick for listing in listings]
    milli = [tick / 1000 for tick in ticks]
    deepest = [post.desk.least_depth * tick for post, tick in zip(posts, ticks, strict=True)]
    widths = [
        presence.width * tick / presence.quoting
        for presence, tick in zip(presences, ticks, strict=True)
        if presence.quoting
    ]
    duration, count = setup.plan.duration, len(posts)
    profit, drawdown = equity_of(setup, posts)
    closing = [
        abs(account.inventory) * listing.close_cost * tick
        for account, listing, tick in zip(accounts, listings, ticks, strict=True)
    ]
    return Summary(
        strategy=trader.name,
        profit=profit,
        profit_closed=profit - sum(closing),
        spread_earned=total([account.spread for account in accounts], milli),
        luck=total([account.luck for account in accounts], milli),
        fees=total([account.fees for account in accounts], milli),
        fills=sum(account.fills for account in accounts),
        inventory=sum(account.inventory for account in accounts),
        lowest=min(account.low for account in accounts),
        highest=max(account.high for account in accounts),
        drawdown=drawdown,
        spread=sum(widths) / len(widths) if widths else None,
        uptime=sum(presence.quoting for presence in presences) / (count * duration),
        best_share=sum(presence.at_best for presence in presences) / (2 * count * duration),
        halts=max(post.exchange.enforcement.halts[post.account] for post in posts),
        refused=sum(post.exchange.refused[post.account] for post in posts),
        maker_trades=maker_trades,
        quotes=sum(post.desk.quoted for post in posts),
        saturated=sum(post.desk.saturated for post in posts),
        least_depth=min(deepest) if math.isfinite(min(deepest)) else None,
        problem=None if error is None else str(error),
        by_asset=by_asset(setup, posts) if count > 1 else (),
    )


def by_asset(setup: Setup, posts: list[Post]) -> tuple[tuple[str, float], ...]:
    found = []
    for post in posts:
        monitor = post.exchange.monitors[post.account]
        profit = monitor.account.equity(post.exchange.mark) - monitor.start
        tick = setup.listings[post.exchange.asset].market.tick
        found.append((post.exchange.name, profit * tick / 1000))
    return tuple(found)


def equity_of(setup: Setup, posts: list[Post]) -> tuple[float, float]:
    """Profit and worst drawdown, currency."""
    pools = posts[0].exchange.pools
    monitor = posts[0].exchange.monitors[posts[0].account]
    portfolio = None if pools is None else pools.portfolio_of(monitor)
    if portfolio is None:
        account, milli = monitor.account, setup.only.market.tick / 1000
        profit = account.equity(posts[0].exchange.mark) - monitor.start
        return profit * milli, monitor.drawdown * milli
    milli = float(setup.unit) / 1000
    return (portfolio.worth() - portfolio.start) * milli, portfolio.drawdown * milli


def total(numbers: list[int], milli: list[float]) -> float:
    return sum(number * each for number, each in zip(numbers, milli, strict=True))
