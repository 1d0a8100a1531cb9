"""Makers in one book: who trades, by price, by place in the queue, and by the size of orders.

Both engines play every market.  Deviations are allowed up to 4 standard errors.
"""

import itertools
import math

import numpy as np
import pytest

from lobsim.batch.engine import simulate_compiled
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape
from market import Kept, maker, scenario

A, K, DURATION_S, REPS = 140, 1.5, 1.0, 60
STILL = 'asset.price={model="brownian", sigma=0, step_ms=10}'
MOVING = 'asset.price={model="brownian", sigma=2, step_ms=10}'
ONE_LOT = 'size={model="constant", size=1}'
ENGINES = {"event": simulate, "compiled": simulate_compiled}


@pytest.fixture(params=ENGINES)
def engine(request):
    return ENGINES[request.param]


def market(*makers, price=MOVING, size=ONE_LOT):
    return prepare(
        scenario(
            f"duration_s={DURATION_S}", "asset.tick=0.0001", price,
            f'asset.flow={{model="poisson", A={A}, k={K}, {size}}}',
            f"strategy=[{', '.join(makers)}]",
        )
    )  # fmt: skip


def fills_of(setup, engine, rep):
    """Who the maker of each trade was (1 is the first), and on which side, as they came."""
    kept = Kept()
    tape = Tape(kept)
    engine(setup, 1, rep, tape=tape)
    tape.close()
    return [(int(row["maker"]), int(row["taker_side"])) for row in kept.rows.get("fills", ())]


def z_score(sample, expected):
    sample = np.asarray(sample, np.float64)
    return (sample.mean() - expected) / (sample.std(ddof=1) / math.sqrt(len(sample)))


def test_who_is_filled_goes_to_the_end_and_two_at_one_price_take_turns(engine):
    """The mid stands still: nothing but a fill moves anybody's place in the queue."""
    setup = market(maker("ann", 0.5), maker("bob", 0.5), price=STILL)
    for rep in range(10):
        fills = fills_of(setup, engine, rep)
        for side in (1, -1):
            makers = [each for each, taken in fills if taken == side]
            assert len(makers) > 20
            assert all(one != next_one for one, next_one in itertools.pairwise(makers))


def test_two_at_one_price_that_moves_have_half_each_of_what_one_alone_has(engine):
    """Both quote anew before every order.  (Who was filled last is a little less likely to be next:
    its new order waits for those that only step back.)
    """
    setup = market(maker("ann", 0.5), maker("bob", 0.5))
    makers = [[each for each, _ in fills_of(setup, engine, rep)] for rep in range(REPS)]
    ann, bob = ([each.count(number) for each in makers] for number in (1, 2))
    assert abs(z_score(np.subtract(ann, bob), 0.0)) < 4
    half = A * math.exp(-K * 0.5) * DURATION_S
    assert abs(z_score(ann, half)) < 4
    assert abs(z_score(bob, half)) < 4


@pytest.mark.parametrize("price", [STILL, MOVING])
def test_of_orders_of_one_lot_the_second_best_price_gets_none(engine, price):
    """And the best what it has alone, order by order."""
    best, second = maker("best", 0.5), maker("second", 0.5002)
    alone, both = market(best, price=price), market(best, second, price=price)
    for rep in range(10):
        fills = fills_of(both, engine, rep)
        assert fills == fills_of(alone, engine, rep)
        assert len(fills) > 80
        assert {each for each, _ in fills} == {1}


def test_of_larger_orders_the_second_best_gets_what_they_have_left(engine):
    """Geometric sizes of mean 3: of those that reach its price, the share of 3 lots or more."""
    setup = market(
        maker("best", 0.4, size=2), maker("second", 0.6), size='size={model="geometric", mean=3}'
    )
    counts = []
    for rep in range(REPS):
        makers = [each for each, _ in fills_of(setup, engine, rep)]
        counts.append((makers.count(1), makers.count(2)))
    first, second = np.transpose(counts)
    assert abs(z_score(first, 2 * A * math.exp(-K * 0.4) * DURATION_S)) < 4
    assert abs(z_score(second, 2 * A * math.exp(-K * 0.6) * (2 / 3) ** 2 * DURATION_S)) < 4
