"""A strategy to start from: a market maker that runs as it is, and a scenario to run it in.

Nothing that is there is overwritten, and where a file cannot be written none is.
"""

import keyword
import os
import sys
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from importlib.machinery import PathFinder
from importlib.metadata import PackageNotFoundError, distribution, entry_points
from pathlib import Path
from string import Template

from lobsim.errors import StorageError, UsageError
from lobsim.plugins.contract import NAME
from lobsim.plugins.hookspecs import PROJECT
from lobsim.plugins.registry import Registry
from lobsim.plugins.templates import CODE, COMPILED, PYPROJECT, README, SCENARIO, TEST

RIVALS = ("a-s", "wide", "tight")  # the other accounts of the scenario


def make_plugin(name: str, reserved: Collection[str], *, compiled: bool = False) -> list[Path]:
    """Write MODULE.py, with a function that is `compiled` or not, and MODULE.toml here; the files,
    in this order.

    `reserved` are names that scenarios have another use for.  Raises UsageError for a name that
    cannot be, StorageError for files that are there already or cannot be written.
    """
    check_name(name, reserved)
    module = module_of(name)
    code, scenario = Path(f"{module}.py"), Path(f"{module}.toml")
    plugins = f'plugins = ["{code}"]'.ljust(28) + " # files with strategies, relative to this one\n"
    text = COMPILED if compiled else CODE
    write_new({code: filled(text, name), scenario: filled(SCENARIO, name, plugins)})
    return [code, scenario]


def make_package(name: str, reserved: Collection[str], *, compiled: bool = False) -> list[Path]:
    """Write a folder NAME that pip can install, with these two files and others."""
    check_name(name, reserved)
    module = module_of(name)
    texts = {
        f"{module}.py": COMPILED if compiled else CODE,
        f"{module}.toml": SCENARIO,
        f"test_{module}.py": TEST,
        "pyproject.toml": PYPROJECT,
        "README.md": README,
    }
    files = {Path(name, file): filled(text, name) for file, text in texts.items()}
    write_new(files, Path(name))
    return list(files)


def module_of(name: str) -> str:
    return name.replace("-", "_")


def filled(text: str, name: str, plugins: str = "") -> str:
    return Template(text).substitute(name=name, module=module_of(name), plugins=plugins)


def check_name(name: str, reserved: Collection[str]) -> None:
    if why := objection(name, reserved):
        raise UsageError(f"'{name}': {why}")


def objection(name: str, reserved: Collection[str]) -> str | None:
    """Why a strategy, its module and its package cannot have this name."""
    module = module_of(name)
    if not NAME.fullmatch(name) or name.endswith("-"):
        return (
            "must be lower-case letters, digits and dashes, a letter first and no dash at the end"
        )
    if name in reserved:
        return "is reserved: in a scenario it means something else"
    if name in RIVALS:
        return f"is a strategy of the quickstart: none of {', '.join(RIVALS)}"
    if name in (known := Registry().strategies):
        return f"is a strategy already, of the package {package_of(known[name])}"
    if keyword.iskeyword(module):
        return "is a word of Python's own: a module cannot have this name"
    if module in sys.stdlib_module_names:
        return f"{module}.py would hide the module '{module}' of Python's standard library"
    if is_installed(name, module):
        return "is the name of an installed package, which it would hide or replace"
    return None


def package_of(kind: type) -> str:
    """The package, by the name that pip knows, that an installed strategy comes from."""
    top = kind.__module__.partition(".")[0]
    for entry in entry_points(group=PROJECT):
        if entry.dist is not None and entry.module.partition(".")[0] == top:
            return entry.dist.name
    return top


def is_installed(name: str, module: str) -> bool:
    """Whether there is such a package, or such a module anywhere but in the current folder."""
    here = [path or "." for path in sys.path]
    elsewhere = [p for p in here if not (os.path.isdir(p) and os.path.samefile(p, "."))]
    if PathFinder.find_spec(module, elsewhere) is not None:
        return True
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True


def write_new(files: Mapping[Path, str], folder: Path | None = None) -> None:
    """Write files that are not there yet, in a folder that is not there yet if one is given."""
    there = [path for path in ([folder] if folder else files) if os.path.lexists(path)]
    if there:
        raise StorageError(*(f"{path}: exists already; nothing was written" for path in there))
    path = folder
    try:
        with ExitStack() as undo:
            if folder is not None:
                folder.mkdir()
                undo.callback(folder.rmdir)
            for path, text in files.items():
                with path.open("x", encoding="utf-8", newline="\n") as file:
                    undo.callback(path.unlink)
                    file.write(text)
            undo.pop_all()
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from None
