"""The strategies that come with lobsim, one file each."""

from collections.abc import Mapping

from lobsim import Strategy, hookimpl
from lobsim_strategies.avellaneda_stoikov import AvellanedaStoikov
from lobsim_strategies.cara_table import CARATable
from lobsim_strategies.csp_schedule import CSPSchedule
from lobsim_strategies.fixed_spread import FixedSpread
from lobsim_strategies.glft import GLFT
from lobsim_strategies.hjb_table import HJBTable
from lobsim_strategies.saved_table import SavedTable
from lobsim_strategies.tanh import Tanh


@hookimpl
def lobsim_strategies() -> Mapping[str, type[Strategy]]:
    return {
        "avellaneda-stoikov": AvellanedaStoikov,
        "cara-table": CARATable,
        "csp-schedule": CSPSchedule,
        "fixed-spread": FixedSpread,
        "glft": GLFT,
        "hjb-table": HJBTable,
        "saved-table": SavedTable,
        "tanh": Tanh,
    }
