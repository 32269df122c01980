"""Client code generated from idl/ by scripts/gen.py, which copies this file as it is."""

from solders.pubkey import Pubkey

from ._support import ProgramInfo
from .iog_jobs.info import INFO as _JOBS
from .iog_rewards.info import INFO as _REWARDS
from .iog_staking.info import INFO as _STAKING
from .iog_token.info import INFO as _TOKEN

PROGRAMS: dict[Pubkey, ProgramInfo] = {
    info.address: info for info in (_TOKEN, _STAKING, _REWARDS, _JOBS)
}

__all__ = ["PROGRAMS", "ProgramInfo"]
