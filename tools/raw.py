"""The raw limits: the same work without a rule, a check, an account or a tape.

A SortedDict book that validates nothing and tells nobody, and bare SimPy around it.
"""

from collections import OrderedDict
from collections.abc import Callable, Generator, Iterator
from math import exp
from typing import Any

import numpy as np
import simpy
from sortedcontainers import SortedDict

from lobsim.conversion import market_of
from lobsim.scenario.schema import Scenario

Row = tuple[str, int, int, int, int]  # kind, order id, side, price, size


class BareBook:
    """Price levels in SortedDicts, the best key cached; no validation and no events."""

    def __init__(self) -> None:
        self.levels: dict[int, Any] = {1: SortedDict(), -1: SortedDict()}
        self.best: dict[int, int | None] = {1: None, -1: None}
        self.where: dict[int, tuple[int, int, Any]] = {}

    def limit(self, order_id: int, side: int, price: int, size: int) -> None:
        size = self.take(side, side * price, size)
        if size:
            levels, key = self.levels[side], -side * price
            queue = levels.get(key)
            if queue is None:
                queue = levels[key] = OrderedDict()
                best = self.best[side]
                if best is None or key < best:
                    self.best[side] = key
            queue[order_id] = [size]
            self.where[order_id] = (side, key, queue)

    def take(self, side: int, bound: int, size: int) -> int:
        levels, key = self.levels[-side], self.best[-side]
        while size and key is not None and key <= bound:
            queue = levels[key]
            while queue and size:
                order_id = next(iter(queue))
                order = queue[order_id]
                if order[0] > size:
                    order[0] -= size
                    return 0
                size -= order[0]
                del queue[order_id], self.where[order_id]
            if not queue:
                del levels[key]
                key = self.best[-side] = levels.peekitem(0)[0] if levels else None
        return size

    def cancel(self, order_id: int) -> None:
        found = self.where.pop(order_id, None)
        if found is not None:
            side, key, queue = found
            del queue[order_id]
            if not queue:
                levels = self.levels[side]
                del levels[key]
                if self.best[side] == key:
                    self.best[side] = levels.peekitem(0)[0] if levels else None


def bare_book(rows: list[Row]) -> int:
    book = BareBook()
    for kind, order_id, side, price, size in rows:
        if kind == "limit":
            book.limit(order_id, side, price, size)
        elif kind == "cancel":
            book.cancel(order_id)
        elif kind == "replace":
            if order_id in book.where:
                book.cancel(order_id)
                book.limit(order_id, side, price, size)
        else:
            book.take(side, 1 << 62, size)
    return len(rows)


class BareMarket:
    """SimPy, the bare book, the same laws of flow and mid, the same requotes by one maker."""

    def __init__(self, scenario: Scenario, half_spread: float) -> None:
        rng = np.random.default_rng(7)
        one = scenario.of("asset")
        asset, flow = one.asset, one.asset.flow
        tick, k, d0 = float(asset.tick), float(flow.k), float(getattr(flow, "d0", 0))
        self.end = int(scenario.duration_s * 10**9)
        self.step = int(asset.price.step_ms * 10**6)
        self.period = int((scenario.requote_ms or 0) * 10**6)  # 0: continuous
        self.mean_gap = 1e9 / (float(flow.A) * exp(k * d0))
        self.reach, self.floor = 1 / k / tick, d0 / tick
        self.sigma, self.depth = market_of(one).sigma / tick, half_spread / tick
        self.env = simpy.Environment()
        self.book = BareBook()
        self.mid, self.moved = float(asset.mid / asset.tick), 0
        self.ids = self.orders = 0
        self.quotes = {1: (0, 0), -1: (0, 0)}  # id and price
        self.normals, self.gaps = draws(rng.standard_normal), draws(rng.standard_exponential)
        self.reaches = draws(rng.standard_exponential)
        self.sizes = draws(rng.standard_exponential)

    def run(self) -> int:
        for side in (1, -1):
            self.env.process(self.arrivals(side))
        self.env.process(self.every(self.step, self.move))
        if self.period:
            self.env.process(self.every(self.period, self.requote))
        self.env.run(until=self.end)
        return self.orders

    def move(self) -> None:
        now = int(self.env.now)
        self.mid += self.sigma * ((now - self.moved) * 1e-9) ** 0.5 * next(self.normals)
        self.moved = now

    def requote(self) -> None:
        book, mid, quotes = self.book, self.mid, self.quotes
        for side, price in ((1, int(mid - self.depth)), (-1, int(mid + self.depth) + 1)):
            order_id, old = quotes[side]
            if old != price or order_id not in book.where:
                book.cancel(order_id)
                self.ids = order_id = self.ids + 1
                book.limit(order_id, side, price, 1)
                quotes[side] = (order_id, price)

    def arrivals(self, side: int) -> Generator[Any, Any, None]:
        while True:
            yield self.env.timeout(int(next(self.gaps) * self.mean_gap))
            self.move()
            if not self.period:
                self.requote()
            reach = next(self.reaches) * self.reach - self.floor
            limit = side * int(self.mid + side * reach)
            size = 1 + int(next(self.sizes) / 0.6931471805599453)
            if self.book.take(side, limit, size) < size and self.period:
                self.requote()  # a timer's maker also quotes again after its fills
            self.orders += 1

    def every(self, length: int, act: Callable[[], None]) -> Generator[Any, Any, None]:
        while True:
            yield self.env.timeout(length)
            act()


def draws(draw: Callable[[int], Any]) -> Iterator[float]:
    while True:
        yield from draw(256).tolist()
