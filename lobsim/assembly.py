"""The parts of one market put together: exchanges, pools of accounts, and the traders."""

import itertools
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any

from lobsim.compiled import mark_of
from lobsim.kernel.answers import Answers
from lobsim.kernel.clock import Clock
from lobsim.kernel.exchange import Exchange
from lobsim.kernel.pools import Pools
from lobsim.kernel.remote import Remote
from lobsim.kernel.trader import Post, Trader
from lobsim.kernel.trading_day import TradingDay
from lobsim.kernel.wire import Wire
from lobsim.listings import Listing
from lobsim.market.audit import Audit
from lobsim.market.book import Book
from lobsim.market.desk import Desk
from lobsim.market.desks import Desks, covariance_of
from lobsim.market.ledger import Ledger
from lobsim.market.open_orders import OpenOrders
from lobsim.market.pool import GROUP, PORTFOLIO, Pool
from lobsim.market.risk import InventoryPool, Limits, RiskMonitor
from lobsim.market.units import LARGEST, OrderId
from lobsim.models.exposure import exposure_of, pool_exposure
from lobsim.models.streams import Streams
from lobsim.models.volatility import Volatility
from lobsim.scenario.correlation import matrix_of
from lobsim.seats import Seat
from lobsim.setup import Setup
from lobsim.tape import Tape
from lobsim.watch import Watch


def exchanges_of(
    setup: Setup, seats: Sequence[Seat], tape: Tape | None, audited: bool
) -> list[Exchange]:
    """One for each asset, and the pools of the accounts that are held against limits together."""
    clock, new_id = Clock(), itertools.count(1).__next__
    exchanges = [
        exchange_of(setup, listing, number, seats, clock, new_id, tape, audited)
        for number, listing in enumerate(setup.listings)
    ]
    for exchange, listing in zip(exchanges, setup.listings, strict=True):
        if listing.window is not None:
            sigma = listing.market.sigma / listing.market.tick
            exchange.volatility = Volatility(sigma, listing.plan.mid, listing.window)
    pools = pools_of(setup, seats, exchanges)
    if pools:
        made = Pools(pools, exchanges)
        for exchange in exchanges:
            exchange.pools = made
    return exchanges


def exchange_of(
    setup: Setup,
    listing: Listing,
    asset: int,
    seats: Sequence[Seat],
    clock: Clock,
    new_id: Callable[[], OrderId],
    tape: Tape | None,
    audited: bool,
) -> Exchange:
    """All seats have an account; those that trade elsewhere have no monitor here."""
    book = Book(setup.scenario.self_trade)
    outside = asset * (len(seats) + 1)
    endowments = [seat.endowment(asset) for seat in seats]
    ledger = Ledger(endowments, listing.fees, outside)
    mark, risk = mark_of(listing.plan.mid), setup.scenario.risk
    watched = len(setup.listings) == 1 and (risk.max_var or risk.max_cvar)
    return Exchange(
        clock,
        asset,
        listing.name,
        book,
        ledger,
        [
            RiskMonitor(number, ledger.accounts[number], OpenOrders(), listing.limits, mark)
            for number, seat in enumerate(seats, outside + 1)
            if asset in seat.assets
        ],
        listing.plan.mid,
        setup.scenario.crossing,
        listing.close_cost,
        exposure_of(listing.plan, float(risk.var_level)) if watched else None,
        new_id,
        tape,
        Audit(book, ledger) if audited else None,
    )


def pools_of(setup: Setup, seats: Sequence[Seat], exchanges: Sequence[Exchange]) -> list[Pool]:
    """The portfolio of each seat in several assets, and the groups of the scenario."""
    pools = []
    if len(exchanges) > 1:
        for seat in range(len(seats)):
            pools.append(pool_of(setup, PORTFOLIO, [seat], exchanges, setup.portfolio))
    names = [seat.spec.name for seat in seats]
    for group in setup.groups:
        members = [names.index(name) for name in group.strategies if name in names]
        if members:
            pools.append(pool_of(setup, GROUP, members, exchanges, group.limits))
            if group.max_inventory is not None:
                share_inventory(group.max_inventory, members, exchanges)
    return pools


def pool_of(
    setup: Setup,
    kind: str,
    members: Sequence[int],
    exchanges: Sequence[Exchange],
    limits: Limits,
) -> Pool:
    """`members` are numbers of seats."""
    monitors = [
        [(monitor, listing.weight) for monitor in monitors_at(exchange, members)]
        for listing, exchange in zip(setup.listings, exchanges, strict=True)
    ]
    exposure = None
    if min(limits.max_var, limits.max_cvar) < LARGEST:
        exposure = pool_exposure(
            setup.plan,
            float(setup.scenario.risk.var_level),
            [listing.weight for listing in setup.listings],
            [partial(getattr, exchange, "mid") for exchange in exchanges],
            [partial(lots_of, own) for own in monitors],
        )
    return Pool(kind, list(itertools.chain(*monitors)), limits, exposure)


def lots_of(members: Sequence[tuple[RiskMonitor, int]]) -> int:
    return sum(monitor.account.inventory for monitor, _ in members)


def monitors_at(exchange: Exchange, seats: Sequence[int]) -> list[RiskMonitor]:
    numbers = [exchange.outside + 1 + seat for seat in seats]
    return [exchange.monitors[number] for number in numbers if number in exchange.monitors]


def share_inventory(limit: int, members: Sequence[int], exchanges: Sequence[Exchange]) -> None:
    for exchange in exchanges:
        monitors = monitors_at(exchange, members)
        for monitor in monitors:
            monitor.pool = InventoryPool(limit, monitors)


def trader_of(
    setup: Setup,
    number: int,
    seat: Seat,
    exchanges: Sequence[Exchange],
    day: TradingDay,
    streams: Streams,
    tape: Tape | None,
    watch: Watch,
) -> Trader:
    """`number` counts the seats from 1."""
    name = seat.spec.name
    new_random = cache(lambda: streams.generator(f"strategy/{name}"))
    latency = setup.latency(seat)
    draws = None if latency is None else latency.draws(streams, name)
    posts: list[Post] = []
    remotes: list[Remote | None] = []
    for asset in seat.assets:
        exchange = exchanges[asset]
        account = exchange.outside + number
        remote = None
        if draws is not None:
            remote = Remote(account, exchange, draws, day.env, setup.plan.duration)
        remotes.append(remote)
        posts.append(post_of(setup, account, exchange, remote, new_random, tape))
    desks = {post.desk.asset: post.desk for post in posts}
    strategy = setup.new_strategy(seat)
    trader = Trader(
        name,
        strategy,
        posts,
        posts[0].desk if len(posts) == 1 else Desks(desks, covariance(setup, list(desks))),
        Answers(
            name,
            strategy,
            {post.account: post.desk for post in posts},
            [post.risk for post in posts],
            watch,
            lambda: tape.events if tape else 0,
        ),
        streams.named(f"turn/{name}").random,
        day.wake,
        seat.table,
        seat.compiled,
        seat.sizes,
        quote_after_fills=setup.requote is not None,
    )
    for post, remote in zip(posts, remotes, strict=True):
        wires = post.exchange.wires
        if remote is not None:
            wires[post.account] = remote.seat(trader, post)
        elif trader.listens:
            wires[post.account] = Wire(trader.hear)
    return trader


def post_of(
    setup: Setup,
    account: int,
    exchange: Exchange,
    remote: Remote | None,
    new_random: Callable[[], Any],
    tape: Tape | None,
) -> Post:
    def write_note(values: dict[str, Any]) -> None:
        if tape is not None:
            tape.note(exchange.clock.now, account, values)

    sees = exchange if remote is None else remote.sees
    knowledge = None if remote is None else remote.knowledge
    monitor = exchange.monitors[account] if knowledge is None else knowledge.risk
    market = setup.listings[exchange.asset].market
    desk = Desk(
        monitor, sees.book, market, exchange.new_id, write_note, new_random, knowledge,
        exchange.name,
    )  # fmt: skip
    return Post(exchange, desk, monitor, sees)


def covariance(setup: Setup, names: Sequence[str]) -> tuple[tuple[float, ...], ...]:
    """Of these assets' mids per second, currency^2."""
    matrix = matrix_of(setup.scenario.correlation, list(setup.markets))
    places = [list(setup.markets).index(name) for name in names]
    rows = [[matrix[i][j] for j in places] for i in places]
    return covariance_of([setup.markets[name].sigma for name in names], rows)
