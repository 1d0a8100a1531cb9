"""The digests of the shipped scenarios, seed 1, replication 0: what must not change unnoticed.

python tools/golden.py            says which differ from tests/data/digests.json
python tools/golden.py --write    makes today's the ones to keep (with a line in CHANGELOG.md)
"""

import json
import sys
from pathlib import Path

from lobsim import load_scenario
from lobsim.scenario.load import shipped
from lobsim.setup import prepare
from lobsim.simulate import simulate
from lobsim.tape import Tape

KEPT = Path(__file__).resolve().parent.parent / "tests" / "data" / "digests.json"


def digest_of(scenario: str) -> str:
    tape = Tape()
    simulate(prepare(load_scenario(scenario)), 1, 0, tape=tape)
    return tape.close()


def main() -> None:
    today = {name: digest_of(name) for name in shipped()}
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for name in sorted(today | kept):
        if today.get(name) != kept.get(name):
            print(f"{name}: {kept.get(name, 'new')} -> {today.get(name, 'gone')}")
    if "--write" in sys.argv[1:]:
        KEPT.write_text(json.dumps(today, indent=1) + "\n")
    elif today != kept:
        sys.exit(1)


if __name__ == "__main__":
    main()
