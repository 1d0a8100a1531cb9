"""The strategies that come with lobsim, one file each."""

from collections.abc import Mapping

from lobsim import Strategy, hookimpl
from lobsim_strategies.avellaneda_stoikov import AvellanedaStoikov
from lobsim_strategies.fixed_spread import FixedSpread


@hookimpl
def lobsim_strategies() -> Mapping[str, type[Strategy]]:
    return {"avellaneda-stoikov": AvellanedaStoikov, "fixed-spread": FixedSpread}
