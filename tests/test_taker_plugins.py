"""The plugins that take, and the background: their parameters, and `lobsim check` of each file."""

import math
from pathlib import Path

import pytest

import lobsim_strategies
from lobsim.conformance.checks import check_plugin
from lobsim.errors import ScenarioError
from lobsim.setup import open_scenario, prepare

FILES = {
    "sniper": "Sniper",
    "noise": "Noise",
    "momentum": "Momentum",
    "background": "Background",
    "avellaneda_stoikov_live": "AvellanedaStoikovLive",
}
BAD = [
    ("sniper", "beyond_ticks", -1, "must be 0 or more"),
    ("sniper", "size", 0, "must be 1 or more"),
    ("noise", "rate", -1, "must be 0 or more"),
    ("noise", "size", 0, "must be 1 or more"),
    ("momentum", "window_s", 0, "must be above 0"),
    ("momentum", "threshold", 0, "must be above 0"),
    ("momentum", "size", 0, "must be 1 or more"),
    ("background", "arrival_rate", -1, "must be 0 or more"),
    ("background", "arrival_rate", 51, "510 orders would rest on average"),
    ("background", "nearest", -0.1, "must be 0 or more"),
    ("background", "thinning", -1, "must be 0 or more"),
    ("background", "cancel_rate", 0, "must be above 0"),
    ("background", "levels", 0, "must be from 1 to 400"),
    ("background", "levels", 401, "must be from 1 to 400"),
    ("background", "mean_size", 0.5, "must be 1 or more"),
    ("avellaneda-stoikov-live", "gamma", -1, "must be 0 or more"),
    ("avellaneda-stoikov-live", "horizon_s", -1, "must be 0 or more"),
    ("avellaneda-stoikov-live", "half_life_s", 0, "must be above 0"),
    ("avellaneda-stoikov-live", "k", 0, "must be above 0"),
    ("avellaneda-stoikov-live", "size", 0, "must be 1 or more"),
]


@pytest.mark.parametrize(("plugin", "key", "value", "told"), BAD)
def test_a_bad_parameter_is_told_in_one_line(plugin, key, value, told):
    setting = f'strategy=[{{name="it", plugin="{plugin}", params={{{key}={value}}}}}]'
    with pytest.raises(ScenarioError) as caught:
        prepare(open_scenario("quickstart", [setting]))
    (problem,) = caught.value.problems
    assert f"params.{key} = {value}: {told}" in problem
    assert "\n" not in problem


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("file", FILES)
def test_no_number_of_an_object_may_be_infinite_or_nan(file, value):
    kind = getattr(getattr(lobsim_strategies, file), FILES[file])
    own = [key for key, given in kind.__annotations__.items() if "float" in str(given)]
    for key in own:
        if not key.startswith("_") and key != "sigma":
            with pytest.raises(ValueError, match=f"^{key} = {value}: must be "):
                kind(**{key: value})


@pytest.mark.parametrize("file", FILES)
def test_every_file_keeps_its_contract_as_a_stranger_s_would(file, tmp_path):
    source = Path(lobsim_strategies.__file__).with_name(f"{file}.py").read_text()
    hook = f'\n\n@hookimpl\ndef lobsim_strategies():\n    return {{"mine": {FILES[file]}}}\n'
    path = tmp_path / "mine.py"
    path.write_text(source.replace("from lobsim import", "from lobsim import hookimpl,") + hook)
    findings = list(check_plugin(path, ["duration_s=0.5"]))
    assert len(findings) == 10
    assert [finding for finding in findings if not finding.kept] == []
