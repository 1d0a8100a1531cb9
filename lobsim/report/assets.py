"""What run.json says of the assets: which there are, who trades which, and begins with what."""

from collections.abc import Mapping
from typing import Any

Manifest = Mapping[str, Any]


def assets_of(manifest: Manifest) -> dict[str, dict[str, Any]]:
    """Their tables by name; a single one without a name is "asset"."""
    asset = manifest["scenario"]["asset"]
    return {"asset": asset} if "tick" in asset else asset


def traded_by(manifest: Manifest, strategy: str) -> list[str]:
    """Names of the assets that a strategy trades."""
    listed = spec_of(manifest, strategy).get("assets")
    return [name for name in assets_of(manifest) if not listed or name in listed]


def endowment(manifest: Manifest, strategy: str, asset: str) -> tuple[int, float]:
    """Lots and cash (currency) in an asset at the start; the cash is in the first one traded."""
    spec = spec_of(manifest, strategy)
    held = spec.get("inventory", 0)
    lots = held.get(asset, 0) if isinstance(held, dict) else held
    return lots, spec.get("cash", 0.0) if asset == traded_by(manifest, strategy)[0] else 0.0


def spec_of(manifest: Manifest, strategy: str) -> dict[str, Any]:
    specs = manifest["scenario"]["strategy"]
    return next((spec for spec in specs if spec["name"] == strategy), {})
