"""The strategies that come with lobsim, one file each."""

from collections.abc import Mapping

from lobsim import Strategy, hookimpl
from lobsim_strategies.avellaneda_stoikov import AvellanedaStoikov
from lobsim_strategies.avellaneda_stoikov_live import AvellanedaStoikovLive
from lobsim_strategies.background import Background
from lobsim_strategies.cara_table import CARATable
from lobsim_strategies.csp_schedule import CSPSchedule
from lobsim_strategies.fixed_spread import FixedSpread
from lobsim_strategies.glft import GLFT
from lobsim_strategies.glft_pair import GLFTPair
from lobsim_strategies.hjb_table import HJBTable
from lobsim_strategies.ladder import Ladder
from lobsim_strategies.momentum import Momentum
from lobsim_strategies.noise import Noise
from lobsim_strategies.saved_table import SavedTable
from lobsim_strategies.sniper import Sniper
from lobsim_strategies.tanh import Tanh
from lobsim_strategies.undercut import Undercut


@hookimpl
def lobsim_strategies() -> Mapping[str, type[Strategy]]:
    return {
        "avellaneda-stoikov": AvellanedaStoikov,
        "avellaneda-stoikov-live": AvellanedaStoikovLive,
        "background": Background,
        "cara-table": CARATable,
        "csp-schedule": CSPSchedule,
        "fixed-spread": FixedSpread,
        "glft": GLFT,
        "glft-pair": GLFTPair,
        "hjb-table": HJBTable,
        "ladder": Ladder,
        "momentum": Momentum,
        "noise": Noise,
        "saved-table": SavedTable,
        "sniper": Sniper,
        "tanh": Tanh,
        "undercut": Undercut,
    }
