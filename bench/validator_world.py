"""A `World` over a real validator: the stages of the program tests run on it as they are.

Its clock is the chain's, so setting `now` waits. Keys are the same ones every time.
"""

import base64
import hashlib
import time
from collections.abc import Sequence
from typing import Any

import httpx
from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.transaction import Transaction

from world import World

CONFIRMED = {"commitment": "confirmed"}
CLOCK = "SysvarC1ock11111111111111111111111111111111"
PATIENCE = 60.0
"""Seconds after which a transaction counts as lost."""
POLL = 0.1


class ValidatorWorld(World):
    """The chain at an address. Every key that it makes is funded."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._made = 0
        self.units = 0
        self.payer = self.keypair()

    def call(self, method: str, *params: Any) -> Any:
        """One call of the node's interface; what it refuses ends the measurement."""
        body = {"jsonrpc": "2.0", "id": 0, "method": method, "params": params}
        reply = self._http.post("", json=body).json()
        if "error" in reply:
            raise RuntimeError(f"{method}: {reply['error']}")
        return reply["result"]

    # --- clock and keys ---------------------------------------------------------------------------

    @property
    def now(self) -> int:
        return int.from_bytes(self.data(Pubkey.from_string(CLOCK))[32:40], "little")

    @now.setter
    def now(self, unix_seconds: int) -> None:
        while self.now < unix_seconds:
            time.sleep(POLL)

    def keypair(self, lamports: int = 10**11) -> Keypair:
        self._made += 1
        key = Keypair.from_seed(hashlib.sha256(f"bench {self._made}".encode()).digest())
        self._confirm(self.call("requestAirdrop", str(key.pubkey()), lamports, CONFIRMED))
        return key

    # --- transactions -----------------------------------------------------------------------------

    def send(  # type: ignore[override]  # what it returns nobody here reads
        self,
        *instructions: Instruction,
        signers: Sequence[Keypair] = (),
        payer: Keypair | None = None,
    ) -> None:
        """Runs one transaction and waits until it is confirmed; `units` is what it consumed."""
        fee_payer = payer or self.payer
        message = Message(instructions, fee_payer.pubkey())
        keys = {key.pubkey(): key for key in (fee_payer, *signers)}
        needed = message.account_keys[: message.header.num_required_signatures]
        latest = Hash.from_string(self.call("getLatestBlockhash", CONFIRMED)["value"]["blockhash"])
        packet = bytes(Transaction([keys[key] for key in needed], message, latest))
        options = {"encoding": "base64", "preflightCommitment": "confirmed"}
        signature = self.call("sendTransaction", base64.b64encode(packet).decode(), options)
        self._confirm(signature)
        found = self.call("getTransaction", signature, CONFIRMED)
        self.units = int(found["meta"]["computeUnitsConsumed"])

    def _confirm(self, signature: str) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            [status] = self.call("getSignatureStatuses", [signature])["value"]
            if status and status["confirmationStatus"] in ("confirmed", "finalized"):
                if status["err"] is not None:
                    raise RuntimeError(f"a transaction was refused: {status['err']}")
                return
            time.sleep(POLL)
        raise RuntimeError(f"a transaction was not confirmed within {PATIENCE:.0f} s")

    # --- accounts ---------------------------------------------------------------------------------

    def data(self, address: Pubkey) -> bytes:
        """An account's bytes; none when it does not exist."""
        options = CONFIRMED | {"encoding": "base64"}
        found = self.call("getAccountInfo", str(address), options)["value"]
        return base64.b64decode(found["data"][0]) if found else b""

    def account(self, kind: Any, address: Pubkey) -> Any:
        return kind.decode(self.data(address))

    def exists(self, address: Pubkey) -> bool:
        return bool(self.data(address))

    def balance(self, token_account: Pubkey) -> int:
        return int.from_bytes(self.data(token_account)[64:72], "little")
