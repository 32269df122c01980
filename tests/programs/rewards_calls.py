"""Instructions of iog_rewards' authorities, guardian and oracles."""

from collections.abc import Sequence

from solders.instruction import Instruction
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_rewards.accounts import Distributor
from iog_client._generated.iog_rewards.instructions.authority_accept import authority_accept
from iog_client._generated.iog_rewards.instructions.authority_propose import authority_propose
from iog_client._generated.iog_rewards.instructions.guardian_set import guardian_set
from iog_client._generated.iog_rewards.instructions.oracles_set import oracles_set
from iog_client._generated.iog_rewards.instructions.rewards_pause import rewards_pause
from iog_client._generated.iog_rewards.instructions.rewards_resume import rewards_resume
from iog_client._generated.iog_rewards.instructions.root_veto import root_veto
from stages import Network
from world import World


def distributor(world: World) -> Distributor:
    return world.account(Distributor, addresses.distributor())


def propose_authority(net: Network, new: Pubkey) -> Instruction:
    return authority_propose({"new": new}, _by_authority(net))


def accept_authority(new: Pubkey) -> Instruction:
    return authority_accept({"pending_authority": new, "distributor": addresses.distributor()})


def set_guardian(net: Network, guardian: Pubkey) -> Instruction:
    return guardian_set({"guardian": guardian}, _by_authority(net))


def set_oracles(net: Network, threshold: int, oracles: Sequence[Pubkey]) -> Instruction:
    return oracles_set({"threshold": threshold, "oracles": list(oracles)}, _by_authority(net))


def veto(guardian: Pubkey) -> Instruction:
    return root_veto({"guardian": guardian, "distributor": addresses.distributor()})


def pause(stopper: Pubkey) -> Instruction:
    return rewards_pause({"stopper": stopper, "distributor": addresses.distributor()})


def resume(net: Network) -> Instruction:
    return rewards_resume(_by_authority(net))


def _by_authority(net: Network) -> dict[str, Pubkey]:
    return {"authority": net.authority.pubkey(), "distributor": addresses.distributor()}
