"""How many planted slips do the tests catch?  Mutation testing of book, ledger and risk.

    pip install mutmut
    python tools/mutate.py                 all of them, some ten minutes on two cores
    python tools/mutate.py ledger risk     those modules of lobsim/market

Mutates a copy of the checkout (mutmut plants one slip at a time), runs the market's tests on
each, prints every survivor as a diff, and exits 1 where fewer than 95 % are caught.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ("book", "matching", "levels", "open_orders", "ledger", "risk")
TESTS = (
    "test_limits", "test_accounts", "test_counts", "test_book", "test_book_properties",
    "test_conformance", "test_risk", "test_risk_states", "test_kernel", "test_answers",
)  # fmt: skip
GOAL = 0.95


def copy_of_the_checkout(folder: Path) -> None:
    for name in ("lobsim", "strategies", "scenarios", "tests", "tools"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    # mutmut runs the tests in its own process.
    project = re.sub(r"(?m)^addopts = .*$", 'addopts = "--import-mode=importlib"', project)
    (folder / "pyproject.toml").write_text(project, encoding="utf-8")


def configure(folder: Path, modules: list[str]) -> None:
    mutated = "".join(f"\n    lobsim/market/{module}.py" for module in modules)
    tests = "".join(f"\n    tests/{test}.py" for test in TESTS)
    copied = "".join(
        f"\n    {name}"
        for name in ("lobsim", "strategies", "scenarios", "tests", "tools", "pyproject.toml")
    )
    (folder / "setup.cfg").write_text(
        f"[mutmut]\nsource_paths={mutated}\n"
        f"pytest_add_cli_args_test_selection={tests}\nalso_copy={copied}\n",
        encoding="utf-8",
    )


def results(folder: Path) -> dict[str, str]:
    """What became of each mutant."""
    told = subprocess.run(
        ["mutmut", "results", "--all", "True"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    return dict(re.findall(r"(?m)^\s*(\S+__mutmut_\d+): (.+)$", told))


def main(modules: list[str]) -> int:
    unknown = set(modules) - set(MODULES)
    if unknown:
        print(f"unknown: {', '.join(sorted(unknown))}; there are: {', '.join(MODULES)}")
        return 2
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        copy_of_the_checkout(folder)
        configure(folder, modules or list(MODULES))
        subprocess.run(["mutmut", "run"], cwd=folder, check=False)
        found = results(folder)
        survivors = [name for name, state in found.items() if state not in ("killed", "timeout")]
        for name in survivors:
            shown = subprocess.run(
                ["mutmut", "show", name], cwd=folder, capture_output=True, text=True, check=False
            )
            print(f"\n{shown.stdout.strip()}")
    share = 1 - len(survivors) / len(found)
    print(f"\n{len(found)} mutants, {len(survivors)} not caught: {share:.1%} caught")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
