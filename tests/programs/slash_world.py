"""Brings a node's stake before the slasher and the arbiter.

Verbs named like an instruction build it; the others send.
"""

import hashlib
from dataclasses import dataclass
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses
from iog_client._generated.iog_staking import accounts as staking_accounts
from iog_client._generated.iog_staking import instructions as calls
from registry_world import Registry
from stages import HOUR

APPEAL = DECIDE = 30 * 24 * HOUR
EVIDENCE = hashlib.sha256(b"evidence").digest()
KINDS = {
    "hardware_false": (1, 10_000),
    "work_forged": (2, 10_000),
    "data_compromised": (3, 10_000),
    "overuse": (4, 2_500),
    "poor_service": (5, 500),
}
OPEN, APPEALED, UPHELD, DROPPED = range(4)


@dataclass
class Court:
    """Cases against the node of a registry."""

    registry: Registry
    evidence: bytes = EVIDENCE

    @property
    def case(self) -> Pubkey:
        return addresses.slash_case(self.registry.node, self.evidence)

    @property
    def slasher(self) -> Keypair:
        return self.registry.net.slasher

    @property
    def arbiter(self) -> Keypair:
        return self.registry.net.arbiter

    # --- instructions -----------------------------------------------------------------------------

    def case_open(self, kind: int = 4, bps: int = 2_500) -> Instruction:
        return calls.case_open(
            {"kind": kind, "bps": bps, "evidence_hash": self.evidence},
            {
                "slasher": self.slasher.pubkey(),
                "payer": self.registry.world.payer.pubkey(),
                "config": addresses.staking_config(),
                "node": self.registry.node,
                "case": self.case,
                "token_config": addresses.token_config(),
            },
        )

    def case_appeal(self, party: Pubkey) -> Instruction:
        config = addresses.staking_config()
        return calls.case_appeal({"party": party, "config": config, "case": self.case})

    def case_uphold(self) -> Instruction:
        return calls.case_uphold(
            {"arbiter": self.arbiter.pubkey()} | self._judged() | self._burned()
        )

    def case_drop(self, judge: Keypair | None = None) -> Instruction:
        key = judge or self.slasher
        accounts = {"judge": key.pubkey(), "token_config": addresses.token_config()}
        return calls.case_drop(accounts | self._judged())

    def case_close(self) -> Instruction:
        token_config = {"token_config": addresses.token_config()}
        return calls.case_close(token_config | self._judged() | self._burned())

    def _judged(self) -> dict[str, Any]:
        config = addresses.staking_config()
        return {"config": config, "node": self.registry.node, "case": self.case}

    def _burned(self) -> dict[str, Any]:
        return {"stake_vault": addresses.stake_vault(), "mint": addresses.mint()}

    # --- what tests do often ----------------------------------------------------------------------

    def open(self, kind: int = 4, bps: int = 2_500) -> list[Any]:
        return self._send(self.case_open(kind, bps), self.slasher)

    def appeal(self, party: Keypair | None = None) -> list[Any]:
        key = party or self.registry.owner
        return self._send(self.case_appeal(key.pubkey()), key)

    def uphold(self) -> list[Any]:
        return self._send(self.case_uphold(), self.arbiter)

    def drop(self, judge: Keypair | None = None) -> list[Any]:
        return self._send(self.case_drop(judge), judge or self.slasher)

    def close(self) -> list[Any]:
        return self._send(self.case_close())

    def pass_deadline(self) -> None:
        self.registry.world.now = self.read().deadline

    def _send(self, call: Instruction, *signers: Keypair) -> list[Any]:
        world = self.registry.world
        return world.events(world.send(call, signers=signers))

    # --- reading ----------------------------------------------------------------------------------

    def read(self) -> staking_accounts.SlashCase:
        return self.registry.world.account(staking_accounts.SlashCase, self.case)

    def parts(self) -> tuple[int, int, int, int]:
        """Own stake, co-stake, cooling stake and cooling co-stake that the case took."""
        case = self.read()
        return (case.own, case.costake, case.cooling, case.cooling_costake)

    def buckets(self) -> tuple[int, int, int, int]:
        """The same four of the node."""
        node = self.registry.read_node()
        return (node.stake, node.costake, node.cooling, node.cooling_costake)


def taken(buckets: tuple[int, ...], bps: int) -> list[int]:
    """What a case takes of each bucket: floored shares, the units they leave from the first."""
    total = sum(buckets)
    amount = total * bps // 10_000
    parts = [bucket * amount // total if total else 0 for bucket in buckets]
    left = amount - sum(parts)
    for place, bucket in enumerate(buckets):
        more = min(left, bucket - parts[place])
        parts[place] += more
        left -= more
    return parts
