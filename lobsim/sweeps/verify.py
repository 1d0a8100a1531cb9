"""Is a sweep what it says?  Every byte, every figure from its parts, and a sample run again."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from lobsim.errors import LobsimError
from lobsim.report.frames import RUNS
from lobsim.report.verify import Verdict
from lobsim.seal import hash_of
from lobsim.summaries import NUMBERS
from lobsim.sweeps.folder import MANIFEST, check_same, finished_parts, read_manifest, read_part
from lobsim.sweeps.plan import FIXED, Plan, planned
from lobsim.sweeps.points import Market
from lobsim.sweeps.results import digest_of, summed_up
from lobsim.workers.batches import play

CHANGED = "damaged: its bytes have changed since they were written"
SAMPLE = 3  # replications that are run again, in the event engine


def sweep_named(given: str | None) -> Path | None:
    """The sweep of this folder or name; None where it is none."""
    for folder in () if given is None else (Path(given), RUNS / given):
        if (folder / MANIFEST).is_file():
            return folder
    return None


def verify(folder: Path) -> Verdict:
    """Check all of it.  Raises DamagedError where sweep.json itself cannot be read."""
    manifest = read_manifest(folder)
    problems = list(faults(folder, manifest))
    parts, other = finished_parts(folder)
    there = f"{manifest['state']}: {len(parts)} good parts"
    if "files" not in manifest:  # of a sweep that was cut off
        problems += [f"{path}: {CHANGED}" for path in other if path.suffix == ".parquet"]
    if problems:
        return Verdict(there, tuple(problems))
    try:
        plan = plan_of(manifest)
        check_same(folder, {k: manifest[k] for k in FIXED}, {k: plan.as_dict()[k] for k in FIXED})
    except LobsimError as error:
        return Verdict(f"{there}; not run again: {error.problems[0]}", ())
    if manifest["state"] == "complete":
        if digest_of(summed_up(plan, parts)) != manifest["digest"]:
            problems.append(f"{folder}: the results are not those of its parts")
        told = f"; the results anew from the parts, {SAMPLE} replications run again"
    else:
        told = f"; {SAMPLE} replications run again"
    problems += differences(plan, parts) if parts else ()
    return Verdict(there + told, tuple(problems))


def faults(folder: Path, manifest: dict[str, Any]) -> Iterator[str]:
    """What is wrong with the files that are listed."""
    for name, said in manifest.get("files", {}).items():
        path = folder / name
        if not path.is_file():
            yield f"{path}: is missing"
        elif path.stat().st_size != said["bytes"]:
            yield f"{path}: damaged: {path.stat().st_size:,} of {said['bytes']:,} bytes"
        elif hash_of(path) != said["sha256"]:
            yield f"{path}: {CHANGED}"


def plan_of(manifest: dict[str, Any]) -> Plan:
    """What was swept, from the same files.  Raises a LobsimError where they are gone."""
    who = manifest["strategies"]
    market = Market(
        manifest["file"], tuple(manifest["settings"]), tuple(manifest["with"]),
        None if who is None else tuple(who),
    )  # fmt: skip
    plan = planned(
        market, manifest["over"], manifest["mode"], manifest["reps"], manifest["seed"],
        manifest["baseline"], "event", 1, lambda _, __: True, lambda _, __: None,
    )  # fmt: skip
    return plan._replace(task_reps=manifest["task_reps"])


def differences(plan: Plan, parts: dict[int, Path]) -> Iterator[str]:
    """The first figure that comes out otherwise now, of each replication of a sample."""
    chosen = random.Random(plan.seed)  # the same sample each time
    for number in sorted(chosen.sample(sorted(parts), min(SAMPLE, len(parts)))):
        point, own = plan.task(number)
        replication = chosen.choice(own)
        found = play(plan.batch(number)._replace(first=replication, last=replication + 1))
        written = read_part(parts[number], plan.modes, point.chosen)
        at = replication - own.start
        yield from (
            f"{parts[number]}: point {point.number}, replication {replication}, {mode}, {name}: "
            f"{figure} is {now!r} now, was {then!r}: lobsim run {plan.market.scenario} "
            f"--seed {plan.seed} --rep {replication} "
            + " ".join(f"--set {key}={text}" for key, text in point.texts)
            for mode, by_name in found.items()
            for name, summaries in by_name.items()
            for figure in NUMBERS
            for now in [summaries.column(figure)[0]]
            for then in [written[mode][name].column(figure)[at]]
            if not (now == then or (np.isnan(now) and np.isnan(then)))
        )
