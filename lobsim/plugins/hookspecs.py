"""The hooks a plugin may implement.  They are called while a run is being set up, never during
it (a hook call costs 15 to 30 plain calls).
"""

from collections.abc import Mapping

import pluggy

from lobsim.market.strategy import Strategy

PROJECT = "lobsim"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def lobsim_strategies() -> Mapping[str, type[Strategy]]:  # type: ignore[empty-body]
    """Offer strategies by the names that scenarios use for them.

    A strategy is a dataclass whose fields are the keys of the scenario's `params`.  It is made
    anew for every account and run, so two traders never share a strategy object.
    """
