"""Markets of two assets, as small as a test needs them."""

from textwrap import dedent

from lobsim.scenario.load import load_scenario

TWO = """
    version = 1
    duration_s = 2
    [asset.eth]
    tick = 0.01
    mid = 100
    price = { model = "brownian", sigma = 2, step_ms = 10 }
    flow = { model = "poisson", A = 20, k = 1.5, d0 = 0.5 }
    [asset.btc]
    tick = 0.05
    mid = 400
    price = { model = "brownian", sigma = 4, step_ms = 10 }
    flow = { model = "poisson", A = 10, k = 0.75, d0 = 1 }
    [correlation]
    eth.btc = 0.8
"""
PAIR = """
    [[strategy]]
    name = "pair"
    plugin = "glft-pair"
    params = { gamma = 0.05 }
"""


def two(path, *settings, strategies=PAIR):
    """The scenario, in a file of this folder, with its strategies and settings."""
    file = path / "two.toml"
    file.write_text(dedent(TWO) + dedent(strategies))
    return load_scenario(file, settings)
