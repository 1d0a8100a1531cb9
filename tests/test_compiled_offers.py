"""What a strategy may offer to be compiled, what is said of the rest, and that it is kept."""

import os
import subprocess
import sys

import numpy as np
import pytest

from lobsim import QuoteTable, Strategy
from lobsim.errors import PluginError
from lobsim.fingerprint import fingerprint
from lobsim.setup import open_scenario, prepare
from market import scenario, seated


def offering(name, function, memory=()):
    class Offering(Strategy):
        compiled_quote = staticmethod(function)

        def quote_memory(self, market):
            return memory

    return type(name, (Offering,), {})


def fixed(observation, memory, depths):
    depths[0] = depths[1] = 5.0


def returns(observation, memory, depths):
    return 1.0, 1.0


def unknown(observation, memory, depths):
    depths[0] = 1.0
    depths[1] = observation.median()


def chance(observation, memory, depths):
    depths[0] = depths[1] = np.random.random()


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (returns, "cannot be compiled: must write its two depths into `depths` and return nothing"),
        (unknown, "cannot be compiled: Unknown attribute 'median' of type array(float64, 1d, C)"),
        (chance, "compiled functions have no random numbers: decide in on_quote instead"),
    ],
)
def test_what_cannot_be_compiled_is_one_line_with_its_place(function, said):
    with pytest.raises(PluginError) as error:
        seated(prepare(scenario()), [offering("ann", function)])
    (problem,) = error.value.problems
    assert problem.startswith(f"strategy 'ann': compiled_quote: {said}")
    if function is unknown:
        line = unknown.__code__.co_firstlineno + 2
        assert problem.endswith(f"(test_compiled_offers.py:{line})")


@pytest.mark.parametrize("memory", [["a"], [float("nan")], 3, [0.0] * 1_000_001])
def test_a_memory_is_numbers(memory):
    with pytest.raises(PluginError, match="quote_memory must return numbers"):
        seated(prepare(scenario()), [offering("ann", fixed, memory)])


def test_a_strategy_offers_one_thing():
    def quote_table(self, market):
        return QuoteTable([0.0], [0], [[1.0]], [[1.0]])

    both = type("ann", (offering("ann", fixed),), {"quote_table": quote_table})
    with pytest.raises(PluginError, match="it can have only one of them"):
        seated(prepare(scenario()), [both])


def test_another_signature_is_refused(tmp_path):
    (tmp_path / "mine.py").write_text(
        "from lobsim import Strategy, hookimpl\n"
        "class Mine(Strategy):\n"
        "    def compiled_quote(self, observation, memory, depths): pass\n"
        "@hookimpl\ndef lobsim_strategies(): return {'mine': Mine}\n"
    )
    asked = r"compiled_quote is asked as compiled_quote\(observation, memory, depths\)"
    with pytest.raises(PluginError, match=asked):
        open_scenario("quickstart", plugins=[tmp_path / "mine.py"])


CODE = """
import sys, time
start = time.perf_counter()
from numba.core import event
from lobsim.setup import open_scenario, prepare
with event.install_recorder("numba:compile") as compiled:
    prepare(open_scenario("quickstart", plugins=[sys.argv[1]]))
print(len(compiled.buffer), time.perf_counter() - start)
"""
PLUGIN = """
from lobsim import Strategy, hookimpl
HALF = 0.7
class Mine(Strategy):
    @staticmethod
    def compiled_quote(observation, memory, depths):
        depths[0] = depths[1] = HALF
@hookimpl
def lobsim_strategies(): return {"mine": Mine}
"""


def test_no_other_process_compiles_a_function_again(tmp_path):
    def compiled(text):
        (tmp_path / "mine.py").write_text(text)
        done = subprocess.run(
            [sys.executable, "-c", CODE, str(tmp_path / "mine.py")],
            env=os.environ | {"LOBSIM_CACHE": str(tmp_path / "cache")},
            capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return int(done.stdout.split()[0])

    assert compiled(PLUGIN) > 0
    assert compiled(PLUGIN) == 0
    assert compiled(PLUGIN.replace("0.7", "0.8")) > 0
    assert compiled(PLUGIN + "# nothing that it reads\n") == 0


def test_a_function_is_known_by_what_it_reads():
    def made(text, **names):
        space = {**names}
        exec(f"def function(o, m, d): {text}", space)
        return space["function"]

    inner = made("return 1")
    functions = [
        made("d[0] = x", x=1), made("d[0] = x", x=2), made("d[0] = x", x=1.0),
        made("d[1] = x", x=1),
        made("d[0] = x[0]", x=np.ones(2)), made("d[0] = x[0]", x=np.zeros(2)),
        made("d[0] = x(o, m, d)", x=inner), made("d[0] = x(o, m, d)", x=made("return 2")),
        made("d[0] = x.sin(1)", x=np), made("d[0] = x.sin(1)", x=os),
    ]  # fmt: skip
    assert len({fingerprint(each) for each in functions}) == len(functions)
    assert fingerprint(made("d[0] = x", x=1)) == fingerprint(functions[0])
    assert fingerprint(made("d[0] = x", x=1, y=3)) == fingerprint(functions[0])
