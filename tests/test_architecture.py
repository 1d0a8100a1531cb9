"""The architecture, as data: what each part may import, and how large anything may grow."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the bottom up: a part may use those above it in this list that are named here, and the
# standard library.  So imports point downward, and each outside library has its few homes.
MAY_IMPORT = {
    "errors": set(),
    "seal": set(),
    "prints": {"errors"},
    "watch": set(),
    "compiled": set(),
    "policy": {"numpy", "ortools", "scipy"},
    "market": {"compiled", "errors", "policy", "msgspec", "sortedcontainers"},
    "models": {"compiled", "errors", "market", "numpy", "scipy"},
    "fingerprint": set(),
    "machine_code": {"fingerprint", "market", "llvmlite", "numba", "numpy"},
    "rows": {"market", "numpy"},
    "tape": {"market", "rows", "numpy"},
    "kernel": {"compiled", "errors", "market", "models", "policy", "tape", "watch", "simpy"},
    "plugins": {"errors", "market", "pluggy"},
    "scenario": {"errors", "market", "numpy", "pydantic"},
    "plans": {"models", "scenario", "numpy"},
    "conversion": {"market", "plans", "scenario", "msgspec"},
    "listings": {"conversion", "market", "models", "scenario"},
    "cautions": {"errors", "market", "scenario"},
    "offers": {"errors", "machine_code", "market", "plugins", "policy", "scenario", "watch"},
    "seats": {"errors", "market", "offers", "plugins", "policy", "scenario"},
    "setup": {
        "cautions", "conversion", "errors", "listings", "market", "models", "plans", "plugins",
        "scenario", "seats", "watch",
    },
    "summary": {"errors", "kernel", "setup"},
    "summaries": {"summary", "numpy"},
    "assembly": {
        "compiled", "conversion", "kernel", "listings", "market", "models", "scenario", "seats",
        "setup", "tape", "watch",
    },
    "simulate": {
        "assembly", "errors", "kernel", "market", "models", "seats", "setup", "summary", "tape",
        "watch",
    },
    "batch": {
        "compiled", "errors", "listings", "machine_code", "market", "models", "policy", "rows",
        "seats", "setup", "simulate", "summaries", "summary", "tape", "llvmlite", "numba", "numpy",
    },
    "engines": {"batch", "errors", "scenario", "seats", "setup", "simulate", "summary"},
    "report": {
        "errors", "models", "plans", "scenario", "seal", "duckdb", "numpy", "pandas", "pyarrow",
        "scipy",
    },
    "arrow": {"numpy", "pyarrow"},
    "folder": {"errors", "report", "seal"},
    "part_writer": {"arrow", "folder", "rows", "seal", "numpy", "pyarrow"},
    "run": {
        "batch", "engines", "errors", "folder", "market", "models", "part_writer", "prints",
        "report", "rows", "scenario", "seal", "seats", "setup", "simulate",
        "summary", "tape", "watch",
    },
    "cells": set(),
    "tally": {"cells", "report", "summaries", "numpy"},
    "workers": {
        "batch", "cells", "engines", "errors", "run", "scenario", "seats", "setup", "simulate",
        "summaries", "summary", "cloudpickle", "distributed", "joblib",
    },
    "compare": {
        "engines", "errors", "market", "report", "run", "scenario", "seats", "setup", "summaries",
        "tally", "workers", "joblib",
    },
    "sweeps": {
        "arrow", "compare", "engines", "errors", "folder", "plugins", "report", "run", "scenario",
        "seal", "seats", "setup", "summaries", "tally", "workers", "joblib", "numpy", "pyarrow",
    },
    "patience": {"errors"},
    "data": {"batch", "errors", "market", "report", "numpy", "pandas", "pyarrow", "scipy"},
    "gym": {
        "errors", "market", "seats", "setup", "simulate", "summary", "watch", "greenlet",
        "gymnasium", "numpy",
    },
    "gym_vector": {
        "batch", "engines", "errors", "gym", "market", "setup", "summaries", "summary",
        "gymnasium", "numpy",
    },
    "conformance": {
        "errors", "market", "models", "plugins", "report", "rows", "setup", "simulate", "summary",
        "tape", "watch", "numpy",
    },
    "quotes": {
        "conversion", "errors", "market", "offers", "plans", "plugins", "policy", "scenario",
        "setup",
    },
    "solved": {"market", "plans", "policy", "quotes", "scenario", "setup", "watch", "numpy"},
    "tables": {"errors", "folder", "policy"},
    "policies": {"errors", "quotes", "report", "scenario", "solved", "watch", "numpy"},
    "validate": {
        "compare", "models", "policy", "quotes", "setup", "summaries", "workers", "numpy", "scipy",
    },
    "pages": {
        "compare", "errors", "policies", "report", "run", "scenario", "sweeps", "numpy", "pandas",
    },
    "doctor": {"batch", "engines", "setup", "simulate", "tape"},
    "console": {
        "compare", "data", "engines", "errors", "folder", "report", "solved", "summary", "sweeps",
        "tally", "validate", "numpy", "pandas", "pyarrow", "rich",
    },
    "arguments": {"errors"},
    "commands": {
        "arguments", "compare", "conformance", "console", "data", "doctor", "engines", "errors",
        "folder", "pages", "patience", "plugins", "report", "run", "scenario", "setup", "simulate",
        "solved",
        "summary", "sweeps", "tables", "typer", "validate",
    },
    "cli": {"commands", "errors", "typer"},
    "__main__": {"cli"},
    "__init__": {"compare", "sweeps", "market", "plugins", "policy", "report", "run", "scenario"},
    # What a stranger's plugin may use.
    "strategies": {"lobsim", "lobsim_strategies", "policy", "numpy"},
}  # fmt: skip
PURE = {"time", "datetime", "random", "os", "io", "pathlib", "logging", "threading", "socket"}
HEAVY = {
    "distributed",
    "joblib",
    "numba",
    "ortools",
    "pandas",
    "pyarrow",
    "rich",
    "scipy",
    "duckdb",
}  # imported where they are used
NO_NAMES = {"utils", "util", "helpers", "common", "core", "manager", "misc"}


def files(*folders):
    """All Python files below these folders."""
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name(path):
    return str(path.relative_to(ROOT))


OURS = files("lobsim", "strategies", "tools", "tests")


def nodes(path):
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def part_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1].removesuffix(".py") if parts[0] == "lobsim" else parts[0]


def imports(path):
    """The parts of lobsim and the libraries that a file imports, standard ones included."""
    found = set()
    for node in nodes(path):
        match node:
            case ast.Import(names):
                found.update(alias.name for alias in names)
            case ast.ImportFrom(module, _, level):
                assert level == 0, "import other parts by their full name"
                found.add(module)
    return {name.removeprefix("lobsim.").partition(".")[0] for name in found}


@pytest.mark.parametrize("path", files("lobsim", "strategies"), ids=name)
def test_imports_keep_to_the_architecture(path):
    part = part_of(path)
    strays = imports(path) - MAY_IMPORT[part] - {part} - sys.stdlib_module_names
    assert not strays, f"{part} may import only {sorted(MAY_IMPORT[part])}"


def test_imports_point_downward():
    below = set()
    for part, imported in MAY_IMPORT.items():
        assert imported & MAY_IMPORT.keys() <= below, part
        below.add(part)


def test_the_list_of_parts_is_that_of_the_files():
    assert {part_of(path) for path in files("lobsim", "strategies")} == MAY_IMPORT.keys()


def test_market_and_kernel_have_no_clock_of_the_wall_no_chance_and_no_files():
    found = {name(path): imports(path) & PURE for path in files("lobsim/market", "lobsim/kernel")}
    assert not {path: impure for path, impure in found.items() if impure}


def test_heavy_libraries_are_imported_where_they_are_used():
    code = "import lobsim.cli, sys; sys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert "lobsim.cli" in loaded.split()
    assert not HEAVY & set(loaded.split())


def test_a_file_has_250_lines_at_most():
    lines = {name(path): path.read_text(encoding="utf-8").count("\n") for path in OURS}
    assert not {path: count for path, count in lines.items() if count > 250}


def test_a_function_has_60_lines_at_most():
    lines = {
        f"{name(path)}: {node.name}": node.end_lineno - node.lineno + 1
        for path in OURS
        for node in nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not {function: count for function, count in lines.items() if count > 60}


@pytest.mark.parametrize("path", files("lobsim", "strategies", "tests"), ids=name)
def test_only_tools_print(path):
    called = {n.func.id for n in nodes(path) if isinstance(n, ast.Call) and hasattr(n.func, "id")}
    assert "print" not in called


def test_init_files_are_empty_but_for_the_two_public_faces():
    found = [path for path in files("lobsim", "strategies") if path.name == "__init__.py"]
    filled = {path.parent.name for path in found if path.read_text()}
    assert filled == {"lobsim", "lobsim_strategies"}


def test_the_public_face_names_what_it_imports_and_nothing_more():
    tree = ast.parse((ROOT / "lobsim" / "__init__.py").read_text())
    docstring, *imported, names = tree.body
    assert isinstance(docstring, ast.Expr)
    assert {alias.name for node in imported for alias in node.names} == set(
        ast.literal_eval(names.value)
    )


def test_a_module_is_named_after_what_it_is():
    words = {word for path in OURS for word in (*path.relative_to(ROOT).parts[:-1], path.stem)}
    assert not NO_NAMES & words
