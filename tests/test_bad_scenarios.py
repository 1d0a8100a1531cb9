"""Bad scenarios, catalogues A (values) and B (structure): every problem is told in one line, with
file, line, key, value and what is allowed; the exit code is 3 and nothing is written.

A `#` in a table says why an entry is not met yet.  B8 to B15: test_bad_commands.
"""

import re
import sys
import tempfile

import pytest

from lobsim.cli import main
from lobsim.errors import ScenarioError
from lobsim.setup import open_scenario, prepare

PLAIN = """\
version = 1
duration_s = 1
[asset]
tick = 0.1
mid = 100
[asset.price]
model = "brownian"
sigma = 2
step_ms = 10
[asset.flow]
model = "poisson"
A = 10
k = 1.5
[asset.flow.size]
model = "constant"
[asset.fees]
[risk]
[[strategy]]
plugin = "fixed-spread"
params = { half_spread = 0.5 }
[[strategy]]
name = "two"
plugin = "avellaneda-stoikov"
params = { gamma = 0.1 }
"""
VALUES = f"""
A1   asset.price.sigma        nan         must be a finite number, 0 or more
A2   asset.price.sigma        -0.2        must be 0 or more
A3   asset.price.sigma        inf -inf    must be a finite number, 0 or more
A4   asset.price.sigma        "0.2"       must be a number, is a string
A5   asset.price.sigma        true        must be a number, is a boolean
A6   asset.flow.k             0 -1.5      must be above 0
A7   strategy.2.params.gamma  nan         must be a finite number
A7   strategy.2.params.gamma  -0.1        must be 0 or more
A8   duration_s               0 -1        must be above 0
A9   asset.price.step_ms      2000        must be at most the duration, 1000 ms
A9   asset.price.step_ms      0           must be above 0
A9   asset.price.step_ms      3           must divide the duration, 1000 ms: ... 333.333 steps
A10  asset.tick               0 -0.1      must be above 0
A10  asset.tick               nan         must be a finite number, above 0
A13  asset.flow.size.size     1.5 0 -3    must be a whole number, 1 or more
A13  asset.flow.size.size     1e30        must be a whole number from 1 to 1e18
A13  strategy.2.params.size   1.5         must be a whole number
A13  strategy.2.params.size   0 -3        must be 1 or more
A13  strategy.2.params.size   1e30        must be a whole number from -1e18 to 1e18
A13  strategy.2.params.size   1e17        must be a whole number from 1 to 993
A14  asset.mid                0 -100      must be above 0
A14  asset.mid                0.05        must be at least one tick, 0.1
A15  seed                     -1 1.5 {2**200}  must be a whole number from 0 to 2^64 - 1
A15  seed                     true        must be a number, is a boolean
A16  asset.flow.A             1e30        must be from 0 to 1e18
A20  asset.fees.maker         200         must be between -100 and 100 (the mid)
A20  asset.fees.taker         200         must be between -100 and 100 (the mid)
A20  asset.fees.maker         -0.1        a rebate must not exceed the other side's fee
A20  asset.fees.taker         -0.1        a rebate must not exceed the other side's fee
A20  asset.fees.maker         nan         must be a finite number
A21  risk.max_inventory       0 -5        must be a whole number, 1 or more
A22  risk.max_drawdown        0 -1        must be above 0
A25  asset.tick               5e-13       cash could exceed 2^63 - 1; raise tick, or lower
A26  max_events               100         about 120 events would come, 100 are allowed: lower
B1   risk.max_invetory        3           did you mean 'max_inventory'? known: max_inventory,
B1   requot                   3           did you mean 'requote'? known: version, ... risk,
B1   asset.flow.sise          3           did you mean 'size'? known: model, A, k, d0, size
B4   strategy.2.plugin        "avelaneda-stoikov"  did you mean 'avellaneda-stoikov'? installed:
B5   strategy.2.params.gama   1           did you mean 'gamma'? it has: gamma, horizon_s,
B18  version                  2           must be 1: this lobsim reads version 1
B19  duration_s               1979-05-27  must be a number, is a date
B19  strategy.2.params.gamma  07:32:00    must be a number, is a time
B20  strategy.2.name          "fixed-spread"  two strategies have this name, ... (line 18) and 2
"""
# What becomes of the plain scenario, and below it how each line that is told begins.
CHANGES = r"""
A16  A = 10 -> A = 1e10
     : max_events (1000000000 by default): about 2e+10 events would come, ...lower asset.flow.A
A24  "poisson"\nA = 10 -> "bernoulli"\nA = 1000
     :12: asset.flow.A = 1000: A times the step must be at most 1, is 10: a probability; lower A
A26  A = 10 -> A = 1e10
     : max_events (1000000000 by default): about 2e+10 events would come, ...83 hours, and 320 GB
A25  "constant" -> "constant"\nsize = 1_000_000_000_000_000
     :16: asset.flow.size.size = 1000000000000000: cash could exceed 2^63 - 1; at most ...size
B1   sigma -> simga
     :8: asset.price.simga = 2: unknown key 'simga'; did you mean 'sigma'?
B2   [risk] -> [rsk]
     :17: rsk: unknown key 'rsk'; did you mean 'risk'? known: ... risk, group, end, strategy
B2   [asset.fees] -> [asset.feees]
     :16: asset.feees: unknown key 'feees'; did you mean 'fees'? known: tick, mid, price, flow
B2   [asset]\n -> [aset]\n
     :3: aset: unknown key 'aset'; did you mean 'asset'? known:
B3   sigma = 2\n ->
     :6: asset.price.sigma: is missing
B3   model = "poisson"\n ->
     :10: asset.flow.model: is missing: one of poisson, bernoulli
B3   plugin = "avellaneda-stoikov"\n ->
     :21: strategy.2.plugin: is missing
B3   gamma = 0.1 ->
     :24: strategy.2.params: 'avellaneda-stoikov' needs the parameter 'gamma'
B3   sigma = 2\n ->
     :6: asset.price.sigma: is missing: ...per sqrt(s)
B6   sigma = 2 -> sigma = = 2
     :8: column 9: invalid value: sigma = = 2
B6   [asset.price] -> [asset.price
     :6: column 13: expected ']' at the end of a table declaration: [asset.price
B7   step_ms = 10 -> step_ms = 10\nsigma = 3
     :10: asset.price.sigma is given twice, first at line 8
B7   [risk] -> [risk]\n[asset.price]
     :18: table [asset.price] is given twice, first at line 6
B20  "two" -> "fixed-spread"
     :22: strategy.2.name = "fixed-spread": ...number 1 (line 18) and 2
two  sigma = 2 -> sigma = nan ;; gamma = 0.1 -> gama = 0.1
     :8: asset.price.sigma = nan: must be a finite number, 0 or more
     :24: strategy.2.params.gama = 0.1: ...did you mean 'gamma'?
three  mid = 100 -> mid = 0 ;; [risk] -> [rsk] ;; step_ms = 10 -> step_ms = 10\nmu = "fast"
     :5: asset.mid = 0: must be above 0
     :10: asset.price.mu = "fast": must be a number, is a string
     :18: rsk: unknown key 'rsk'; did you mean 'risk'?
four  step_ms = 10 -> step_ms = 3 ;; k = 1.5 -> k = 0 ;; "two" -> "risk" ;; 0.5 -> nan
     :13: asset.flow.k = 0: must be above 0
     :9: asset.price.step_ms = 3: must divide the duration
     :22: strategy.2.name = "risk": is reserved
     :20: strategy.1.params.half_spread = nan: ...must be a finite number
"""
TOO_LARGE = {
    "cash": ("params = { gamma", "cash = 1e18\nparams = { gamma"),
    "inventory": ("params = { gamma", f"inventory = {10**18}\nparams = {{ gamma"),
    "half_spread": ("half_spread = 0.5", "half_spread = 1e18"),
    "depth": ("gamma = 0.1", "gamma = 1e17, horizon_s = 1e17"),
}
ENDLESS = {
    "timer": 'requote = "timer"\nrequote_ms = 1e-6',
    "reps": "summary_reps = 1_000_000_000_000",
}


def case(entry, why, *values):
    marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
    return pytest.param(*values, id=entry, marks=marks)


def pattern(words):
    return re.escape(words).replace(r"\.\.\.", ".*")


def values():
    for line in VALUES.strip().splitlines():
        told, _, why = line.partition("  # ")
        entry, key, given, words = re.split(r"\s{2,}", told, maxsplit=3)
        for value in given.split():
            yield case(f"{entry} {key}={value[:20]}", why, key, value, pattern(words))


def changes():
    for block in re.split(r"\n(?=\S)", CHANGES.strip()):
        change, *told = block.splitlines()
        change, _, why = change.partition("    # ")
        entry, change = change.encode().decode("unicode_escape").split(maxsplit=1)
        pairs = [re.fullmatch(r"(?s)(.+?) ->(?: (.+))?", pair) for pair in change.split(" ;; ")]
        patterns = [pattern(line.strip()) for line in told]
        yield case(f"{entry} {change!r}", why, [(p[1], p[2] or "") for p in pairs], patterns)


def changed(path, value):
    """The plain scenario with one key changed, or new in its table; and the number of its line."""
    table, _, key = path.rpartition(".")
    if table == "strategy.2.params":
        given = f"{key} = {value}" if key != "size" else f"gamma = 0, size = {value}"
        return PLAIN.replace("gamma = 0.1", given), 24
    lines = ["", *PLAIN.splitlines()]
    start = 21 if table == "strategy.2" else lines.index(f"[{table}]" if table else "")
    for line in range(start + 1, len(lines)):
        if lines[line].startswith(f"{key} = "):
            lines[line] = f"{key} = {value}"
            return "\n".join(lines[1:]), line
        if lines[line].startswith("["):
            break
    lines.insert(start + 1, f"{key} = {value}")
    return "\n".join(lines[1:]), start + 1


@pytest.fixture
def refused(tmp_path, tmp_path_factory, monkeypatch, capsys):
    """The problems that are told of a scenario, without `error: `; nothing must be written."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("reports")))
    monkeypatch.setattr("lobsim.cli.SIGNALS", (), raising=False)
    monkeypatch.setattr(sys, "argv", ["lobsim", "run", "my.toml"])

    def problems(text):
        (tmp_path / "my.toml").write_text(text)
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert (ended.value.code, out) == (3, "")
        assert [path.name for path in tmp_path.iterdir()] == ["my.toml"]
        lines = err.splitlines()
        assert all(line.startswith("error: ") for line in lines)
        return [line.removeprefix("error: ") for line in lines]

    return problems


@pytest.mark.parametrize(("key", "value", "words"), list(values()))
def test_a_value_that_cannot_be_is_told_with_its_place(refused, key, value, words):
    text, line = changed(key, value)
    (problem,) = refused(text)
    assert problem.casefold().startswith(f"my.toml:{line}: {key} = {value[:59]}".casefold())
    assert re.search(words, problem)


@pytest.mark.parametrize(("replacements", "patterns"), list(changes()))
def test_every_problem_is_told_in_a_line_of_its_own(refused, replacements, patterns):
    text = PLAIN
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new, 1)
    problems = refused(text)
    assert len(problems) == len(patterns)
    for problem, beginning in zip(problems, patterns, strict=True):
        assert re.match(f"my.toml{beginning}", problem)


@pytest.mark.parametrize(("old", "new"), TOO_LARGE.values(), ids=TOO_LARGE)
def test_a25_what_64_bits_cannot_hold_is_refused_before_the_run(refused, old, new):
    assert len(refused(PLAIN.replace(old, new))) == 1


@pytest.mark.parametrize("keys", ENDLESS.values(), ids=ENDLESS)
def test_a26_what_would_take_years_is_refused(tmp_path, keys):
    (tmp_path / "my.toml").write_text(f"{keys}\n{PLAIN}")
    with pytest.raises(ScenarioError):
        prepare(open_scenario(tmp_path / "my.toml"))
