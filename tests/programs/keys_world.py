"""Changes the keys of iog_staking and stops it."""

from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_staking import accounts as staking_accounts
from iog_client._generated.iog_staking import instructions as calls
from registry_world import copy, refused
from stages import Network
from world import swap, unsigned

CONFIG = addresses.staking_config()


class Keys:
    """The config of iog_staking and who may change it."""

    def __init__(self, net: Network) -> None:
        self.net, self.world = net, net.world

    @property
    def authority(self) -> Keypair:
        return self.net.authority

    def propose(self, new: Pubkey) -> Instruction:
        return calls.authority_propose({"new": new}, self._changed())

    def accept(self, key: Pubkey) -> Instruction:
        return calls.authority_accept({"pending_authority": key, "config": CONFIG})

    def set(self, name: str, key: Pubkey) -> Instruction:
        """guardian_set, slasher_set or arbiter_set."""
        call: Instruction = getattr(calls, f"{name}_set")({name: key}, self._changed())
        return call

    def pause(self, stopper: Pubkey) -> Instruction:
        return calls.staking_pause({"stopper": stopper, "config": CONFIG})

    def resume(self) -> Instruction:
        return calls.staking_resume(self._changed())

    def _changed(self) -> dict[str, Pubkey]:
        return {"authority": self.authority.pubkey(), "config": CONFIG}

    def send(self, call: Instruction, *signers: Keypair) -> list[Any]:
        return self.world.events(self.world.send(call, signers=signers))

    def read(self) -> staking_accounts.Config:
        return self.world.account(staking_accounts.Config, CONFIG)

    def refuses_others(self, call: Instruction, key: Keypair, name: str, *others: Keypair) -> None:
        """Others than `key`, a missing signature and another config are refused."""
        for other in (*others, self.world.keypair()):
            with refused(name):
                self.send(swap(call, key.pubkey(), other.pubkey()), other)
        with refused("MissingRequiredSignature"):
            self.send(unsigned(call, key.pubkey()))
        with refused("InvalidSeeds"):
            self.send(swap(call, CONFIG, copy(self.world, CONFIG)), key)
