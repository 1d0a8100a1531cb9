"""The shipped scenarios give the digests that were kept (tools/golden.py)."""

import json
import platform
import sys
from pathlib import Path

import pytest
from golden import KEPT, digest_of

from lobsim.scenario.load import shipped

SAME_PLATFORM = sys.platform == "linux" and platform.machine() == "x86_64"


@pytest.mark.skipif(not SAME_PLATFORM, reason="digests were kept on x86-64 Linux")
@pytest.mark.parametrize("scenario", shipped())
def test_a_shipped_scenario_gives_the_digest_that_was_kept(scenario):
    assert digest_of(scenario) == json.loads(Path(KEPT).read_text())[scenario]
