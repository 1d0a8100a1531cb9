"""`lobsim verify`: what it says of a good run and of damage of each kind, and what readers do."""

import shutil

import pytest
from cut_off import play

from kept_runs import cut_off, flip, lobsim, parts, reseal, seen, what_there_is
from lobsim.report.frames import Run
from lobsim.report.parts import read_manifest
from lobsim.seal import part_name


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    return play(tmp_path_factory.mktemp("kept") / "whole").folder


@pytest.fixture
def run(kept, tmp_path):
    """A copy of a finished run, to be damaged."""
    return shutil.copytree(kept, tmp_path / "run")


def test_a_good_run_is_said_to_be_good_by_folder_by_name_and_the_latest(
    kept, tmp_path, monkeypatch
):
    good = f"complete: {what_there_is(kept)}", "every byte is as it was written"
    shutil.copytree(kept, tmp_path / "runs" / "quick")
    monkeypatch.chdir(tmp_path)
    assert lobsim("verify", kept) == ([f"{kept}: {good[0]}", good[1]], [])
    for given in ("quick",), ():
        assert lobsim("verify", *given) == ([f"runs/quick: {good[0]}", good[1]], [])


@pytest.mark.parametrize("left", [0, 3, 8, 0.5, -1])
def test_e1_a_part_cut_off_is_told_with_its_bytes_and_not_read(run, left):
    path = parts(run)[1]
    data = path.read_bytes()
    path.write_bytes(data[: int(left * len(data)) if left == 0.5 else left])
    size = path.stat().st_size
    problem = f"error: {path}: damaged: {size:,} of {len(data):,} bytes"
    told, errors = lobsim("verify", run, code=6)
    assert (len(told), errors) == (1, [problem])
    for reader in ("fills",), ("explain", "--fill", "1"), ("fills", "--group-by", "side"):
        assert lobsim(reader[0], run, *reader[1:], code=6) == ([], [problem])
    assert lobsim("sql", run, "select count(*) from fills", code=6) == ([], [problem])
    assert len(Run(run).mids)


@pytest.mark.parametrize("name", ["risk", "notes", "prints.txt"])
def test_e2_a_byte_changed_is_told(run, name):
    path = run / name if name == "prints.txt" else parts(run, name)[0]
    flip(path)
    problem = f"error: {path}: damaged: its bytes have changed since they were written"
    told, errors = lobsim("verify", run, code=6)
    assert errors == [problem]
    count = len(list(run.glob("*/part-*")))
    assert f"complete: {count - (name != 'prints.txt')} good parts of {count}, " in told[0]


def test_every_problem_has_a_line_of_its_own(run):
    listed = read_manifest(run)["files"]
    first, second, third = parts(run)[:3]
    flip(first)
    second.unlink()
    third.rename(third.with_name(third.name.replace("part-00002", "part-00077")))
    shutil.copy(parts(run, "orders")[0], run / "risk")
    shutil.rmtree(run / "mids")
    _, errors = lobsim("verify", run, code=6)
    assert all(line.startswith(f"error: {run}/") for line in errors)
    missing = sum(line.endswith(": is missing") for line in errors)
    assert missing == 2 + sum(name.startswith("mids/") for name in listed)
    assert sum(line.endswith(": run.json does not list it") for line in errors) == 2
    assert len(errors) == missing + 3


# run.json and the files disagree


def in_a_part(manifest):
    name = next(name for name in manifest["files"] if name.startswith("fills/"))
    return manifest["files"][name], "rows", name


def in_a_table(manifest):
    return manifest["rows"], "fills", "fills"


def in_the_summary(manifest):
    return manifest["summary"][0], "fills", "."


@pytest.mark.parametrize("where", [in_a_part, in_a_table, in_the_summary])
def test_e3_counts_that_disagree_are_told(run, where):
    manifest = read_manifest(run)
    counts, key, place = where(manifest)
    there = what_there_is(run)
    counts[key] += 7777
    reseal(run, **manifest)
    told, [problem] = lobsim("verify", run, code=6)
    assert told == [f"{run}: complete: {there}"]
    assert problem.startswith(f"error: {run / place}: ")
    assert str(counts[key]) in problem


@pytest.mark.parametrize("where", [in_a_part, in_a_table])
def test_e3_both_counts_are_told(run, where):
    manifest = read_manifest(run)
    counts, key, _ = where(manifest)
    there, counts[key] = counts[key], 7777
    reseal(run, **manifest)
    _, [problem] = lobsim("verify", run, code=6)
    assert f" {there}" in problem


def test_e3_files_that_disagree_with_their_list_are_told(run):
    files = read_manifest(run)["files"]
    name = next(iter(files))
    prints = files["prints.txt"] | {"sha256": "0" * 64}
    reseal(run, files={**files, name: {"rows": 1, "bytes": 1}, "prints.txt": prints})
    _, errors = lobsim("verify", run, code=6)
    assert errors == [
        f"error: {run / name}: damaged: {(run / name).stat().st_size:,} of 1 bytes",
        f"error: {run}/prints.txt: damaged: its bytes have changed since they were written",
    ]
    del files[name]
    reseal(run, files=files)
    _, errors = lobsim("verify", run, code=6)
    assert errors == [f"error: {run / name}: is not of this run: run.json does not list it"]


# run.json itself


BROKEN = {
    "empty": lambda text: "",
    "not JSON": lambda text: "state: complete\n",
    "JSON of another": lambda text: "{}\n",
    "cut off": lambda text: text[: len(text) // 2],
    "without its end": lambda text: text[:-1],
    "edited": lambda text: text.replace('"seed": 1', '"seed": 2'),
    "not UTF-8": lambda text: text.replace("quickstart", "\udcff"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_e4_with_run_json_broken_what_is_left_is_told_and_nothing_is_read(run, how):
    there, path = what_there_is(run), run / "run.json"
    path.write_text(BROKEN[how](path.read_text()), errors="surrogateescape")
    told, [problem] = lobsim("verify", run, code=6)
    assert told == [f"{run}: {there}"]
    assert problem.startswith(f"error: {path}: damaged: ")
    assert problem.endswith(f"; lobsim verify {run} says what is left of the run")
    for command in ("fills", run), ("sql", run, "select 1"), ("explain", run, "--fill", "1"):
        assert lobsim(*command, code=6) == ([], [problem])


def test_e4_with_run_json_missing_what_is_left_is_told(run):
    there = what_there_is(run)
    (run / "run.json").unlink()
    told, [_, left] = lobsim("verify", run, code=5)
    assert (told, left) == ([], f"{run}: {there}")


def test_e4_the_latest_run_is_the_latest_also_where_it_is_damaged(kept, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(kept, tmp_path / "runs" / "quick")
    latest = shutil.copytree(kept, tmp_path / "runs" / "quick-2")
    reseal(latest, started=read_manifest(latest)["started"].replace("20", "21", 1))
    assert lobsim("verify")[0][0].startswith("runs/quick-2: ")
    (latest / "run.json").write_text("")
    assert lobsim("verify", code=6)[0][0].startswith("runs/quick-2: ")


@pytest.mark.parametrize("what", ["verify", "fills"])
def test_what_is_no_run_is_told(run, tmp_path, what, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (run / "run.json").unlink()
    problem = f"error: {run}: not a run: it has no run.json"
    told, [first, *_] = lobsim(what, run, code=5)
    assert (told, first) == ([], problem)
    (run / "run.json").mkdir()
    assert lobsim(what, run, code=5)[1][0] == f"error: {run}/run.json: Is a directory"
    for name in "none", run / "noisy.py":
        problem = f"error: no run '{name}' in {tmp_path}/runs: lobsim run makes one"
        assert lobsim(what, name, code=5) == ([], [problem])


@pytest.mark.xfail(strict=True, reason="rows_of and the dataset: ArrowInvalid, exit 1")
@pytest.mark.parametrize("whole", [True, False])
def test_a_part_that_has_its_own_hash_and_is_no_parquet_is_told(run, whole):
    if not whole:
        cut_off(run)
    path = run / "fills" / part_name(len(parts(run)), b"PAR1")
    path.write_bytes(b"PAR1")
    for command in "verify", "fills":
        assert str(path) in lobsim(command, run, code=6)[1][0]


# Runs that were cut off: the names of the parts are all there is


def test_a_run_cut_off_is_good_and_a_changed_byte_of_it_is_told(run):
    there = what_there_is(run)
    cut_off(run)
    told = [f"{run}: interrupted: {there}", "every byte is as it was written"]
    assert lobsim("verify", run) == (told, [])
    flip(parts(run)[1])
    _, [problem] = lobsim("verify", run, code=6)
    assert problem.startswith(f"error: {parts(run)[1]}: damaged: ")
    assert lobsim("fills", run, code=6) == ([], [problem])


@pytest.mark.parametrize("how", ["missing", "twice"])
def test_a_run_cut_off_whose_parts_are_not_one_after_the_other_is_told(run, how):
    cut_off(run)
    _, second, third = parts(run)[:3]
    second.unlink()
    if how == "twice":  # as if from another run
        third.rename(third.with_name(third.name.replace("part-00002", "part-00000")))
    assert lobsim("verify", run, code=6)[1]
    assert lobsim("fills", run, code=6)[1]


def test_e18_a_run_that_moved_is_read_and_nothing_is_written_there(run, tmp_path):
    moved = tmp_path / "elsewhere" / "another name.d"
    moved.parent.mkdir()
    fills = Run(run).fills
    run.rename(moved)
    for path in moved.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    moved.chmod(0o555)
    before = seen(moved)
    lobsim("verify", moved)
    lobsim("fills", moved)
    lobsim("sql", moved, "select * from quotes")
    lobsim("explain", moved, "--fill", "1")
    opened = Run(moved)
    assert opened.fills.equals(fills)
    assert len(opened.equity)
    assert seen(moved) == before
    for path in (moved, *moved.rglob("*")):
        path.chmod(0o755)
