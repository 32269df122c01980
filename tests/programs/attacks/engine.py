"""Scenarios, and the stage on which they are attacked.

A scenario brings a fresh world to where one instruction succeeds, and returns it with its signers:

    @scenario("iog_jobs", creates="job vault")
    def job_open(world: World) -> Call:
        made = jobs(network(world))
        return Call(made.job_open(), [made.wallet])

That is all an instruction needs: which attacks apply follows from its IDL (catalogue.py). The
function is named like the instruction. What else may be said:

    creates  names of the accounts that it brings into being (checked against what it does)
    closes   names of those that it ends (checked too)
    reuses   those of `creates` that may exist already
    free     what may be another valid one, or another signer, on purpose: name -> why
    again    why sending the same once more is allowed
    signers  names for the accounts behind those of the IDL, all of them signers
    forged   the instruction is called by a program's address, whose signature is invented here
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from solders.account import Account
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.transaction import Transaction
from solders.transaction_metadata import FailedTransactionMetadata

from attacks.kinds import Kind, field_bytes, kind_of
from iog_client import addresses
from scripts import idls
from scripts.idls import Json
from world import World

NOT_OUR_REFUSAL = ("ProgramFailedToComplete", "ComputationalBudgetExceeded")
"""How an instruction fails that did not refuse, but fell over."""

Accounts = dict[Pubkey, Account]


@dataclass(frozen=True)
class Call:
    """An instruction, who signs it, and the instructions just before it."""

    instruction: Instruction
    signers: Sequence[Keypair] = ()
    before: Sequence[Instruction] = ()


@dataclass(frozen=True)
class Scenario:
    """One instruction and how to bring it about; the fields are explained above."""

    program: str
    name: str
    bring: Callable[[World], Call]
    creates: tuple[str, ...] = ()
    closes: tuple[str, ...] = ()
    reuses: tuple[str, ...] = ()
    free: dict[str, str] = field(default_factory=dict)
    again: str | None = None
    signers: tuple[str, ...] = ()
    forged: bool = False

    @property
    def id(self) -> str:
        return f"{self.program}.{self.name}"

    @property
    def idl(self) -> Json:
        [found] = [one for one in idls.instructions(self.program) if one["name"] == self.name]
        return found

    def kind(self, account: Json) -> Kind:
        return kind_of(self.program, account)


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    program: str,
    *,
    creates: str = "",
    closes: str = "",
    reuses: str = "",
    signers: str = "",
    free: dict[str, str] | None = None,
    again: str | None = None,
    forged: bool = False,
) -> Callable[[Callable[[World], Call]], Callable[[World], Call]]:
    """Registers a scenario for the instruction that the function is named like."""

    def register(bring: Callable[[World], Call]) -> Callable[[World], Call]:
        made = Scenario(
            program,
            bring.__name__,
            bring,
            tuple(creates.split()),
            tuple(closes.split()),
            tuple(reuses.split()),
            free or {},
            again,
            tuple(signers.split()),
            forged,
        )
        assert made.id not in SCENARIOS, f"two scenarios for {made.id}"
        SCENARIOS[made.id] = made
        return bring

    return register


@dataclass
class Attempt:
    """A call, and the accounts that somebody has put into the world for it."""

    call: Call
    placed: Accounts = field(default_factory=dict)

    def signed_also(self, *keys: Keypair) -> "Attempt":
        call = replace(self.call, signers=[*self.call.signers, *keys])
        return replace(self, call=call)


class Stage:
    """A scenario ready to be attacked, again and again: what an attempt did is taken back."""

    def __init__(self, told: Scenario) -> None:
        self.scenario = told
        self.world = World()
        if told.forged:
            self.world.svm = self.world.svm.with_sigverify(False)
        self.call = told.bring(self.world)
        self.idl = told.idl
        self.names = [one["name"] for one in self.idl["accounts"]] + list(told.signers)
        self.payer = self.world.keypair()
        count = len(self.call.instruction.accounts)
        assert count == len(self.names), f"{count} accounts given, {len(self.names)} have names"
        self.after: Accounts = {}
        """The accounts as the unattacked call leaves them."""
        self.check_success()

    # --- reading ----------------------------------------------------------------------------------

    def address(self, name: str) -> Pubkey:
        """The address given for an account; fails when an optional one was left out."""
        found = self.call.instruction.accounts[self.names.index(name)].pubkey
        optional = [one["name"] for one in self.idl["accounts"] if one.get("optional")]
        left_out = name in optional and found == self.call.instruction.program_id
        assert not left_out, f"the scenario leaves {name} out"
        return found

    def held(self, name: str) -> Account:
        """An account as it is before the call."""
        found = self.get(self.address(name))
        assert found is not None, f"{name} does not exist yet; does the scenario create it?"
        return found

    def get(self, address: Pubkey) -> Account | None:
        found = self.world.svm.get_account(address)
        return found if found is not None and found.lamports else None

    def known(self) -> dict[str, bytes]:
        """What a seed can name: addresses, fields of accounts, and arguments."""
        made: dict[str, bytes] = {}
        for name, meta in zip(self.names, self.call.instruction.accounts, strict=True):
            made[name] = bytes(meta.pubkey)
        for one in self.idl["accounts"]:
            kind, name = self.scenario.kind(one), one["name"]
            found = self.get(Pubkey.from_bytes(made[name])) or self.after.get(
                Pubkey.from_bytes(made[name])
            )
            if kind.sort != "state" or found is None or not found.data:
                continue
            for part in idls.fields(kind.program, kind.type):
                made[f"{name}.{part.name}"] = field_bytes(kind, bytes(found.data), part.name)
        offset = len(self.idl["discriminator"])
        for argument in self.idl["args"]:
            if not isinstance(argument["type"], str) and "vec" in argument["type"]:
                break  # of no fixed length; no seed comes after one
            size = idls.size_of(self.scenario.program, argument["type"])
            made[argument["name"]] = bytes(self.call.instruction.data[offset : offset + size])
            offset += size
        return made

    # --- changing the call ------------------------------------------------------------------------

    def replaced(self, name: str, address: Pubkey, account: Account | None = None) -> Attempt:
        """The call with another address in one place, where `account` is put if given."""
        at = self.names.index(name)
        metas = list(self.call.instruction.accounts)
        metas[at] = AccountMeta(address, metas[at].is_signer, metas[at].is_writable)
        return Attempt(self._with(metas), {address: account} if account else {})

    def unsigned(self, name: str) -> Attempt:
        """The call without the signature of one account."""
        key = self.address(name)
        metas = [
            AccountMeta(meta.pubkey, meta.is_signer and meta.pubkey != key, meta.is_writable)
            for meta in self.call.instruction.accounts
        ]
        return Attempt(self._with(metas))

    def rewritten(self, name: str, account: Account) -> Attempt:
        """The same call, on other contents of one of its accounts."""
        return Attempt(self.call, {self.address(name): account})

    def _with(self, metas: list[AccountMeta]) -> Call:
        old = self.call.instruction
        return replace(self.call, instruction=Instruction(old.program_id, old.data, metas))

    # --- sending ----------------------------------------------------------------------------------

    def check_success(self) -> None:
        """The call succeeds as it is, and creates and closes what the scenario says."""
        before = self._state(self.call)
        failed, self.after = self._try(Attempt(self.call))
        assert failed is None, f"{self.scenario.id} is refused unattacked: {failed}"
        by_address = {meta.pubkey: name for name, meta in self._named()}
        made = {by_address.get(key) for key in self.after if key not in before}
        gone = {by_address.get(key) for key in before if key not in self.after}
        assert made == set(self.scenario.creates) - set(self.scenario.reuses) or (
            made == set(self.scenario.creates)
        ), f"{self.scenario.id} creates {made}"
        assert gone == set(self.scenario.closes), f"{self.scenario.id} closes {gone}"
        self._check_kinds(before)

    def succeeds(self, attempt: Attempt) -> None:
        failed, _ = self._try(attempt)
        assert failed is None, f"{self.scenario.id} is refused: {failed}"

    def refused(self, attempt: Attempt) -> None:
        """The attempt is refused by a program and changes nothing; unattacked, it still works."""
        failed, _ = self._try(attempt)
        assert failed is not None, f"{self.scenario.id} went through"
        assert failed not in NOT_OUR_REFUSAL, f"{self.scenario.id}: {failed}"
        self.succeeds(Attempt(self.call))

    def again(self, *, refused: bool) -> None:
        """The same call a second time, in the state that the first left."""
        failed, _ = self._try(Attempt(self.call, self._aftermath()))
        assert (failed is not None) == refused, f"{self.scenario.id} again: {failed or 'goes'}"

    def _aftermath(self) -> Accounts:
        gone = Account(0, b"", addresses.SYSTEM)
        return {key: self.after.get(key, gone) for key in self._keys(self.call) if self._ours(key)}

    def _try(self, attempt: Attempt) -> tuple[str | None, Accounts]:
        """Error (None: it went through) and the accounts afterwards; then all is as it was."""
        svm, asked = self.world.svm, {*self._keys(attempt.call), *attempt.placed}
        old = {key: svm.get_account(key) for key in asked if self._ours(key)}
        for key, account in attempt.placed.items():
            svm.set_account(key, account)
        before = self._state(attempt.call)
        failed = self._send(attempt.call)
        after = self._state(attempt.call)
        if failed is not None:
            assert after == before, f"{self.scenario.id}: refused, yet an account has changed"
        for key, account in old.items():
            if svm.get_account(key) != account:
                svm.set_account(key, account or Account(0, b"", addresses.SYSTEM))
        return failed, after

    def _send(self, call: Call) -> str | None:
        self.world.svm.expire_blockhash()
        message = Message([*call.before, call.instruction], self.payer.pubkey())
        keys = {key.pubkey(): key for key in (self.payer, *call.signers)}
        needed = message.account_keys[: message.header.num_required_signatures]
        missing = [key for key in needed if key not in keys]
        assert not missing or self.scenario.forged, f"no key for the signers {missing}"
        transaction = Transaction.populate(
            Message.new_with_blockhash(
                [*call.before, call.instruction],
                self.payer.pubkey(),
                self.world.svm.latest_blockhash(),
            ),
            [],
        )
        content = bytes(transaction.message)
        transaction = Transaction.populate(
            transaction.message,
            [
                keys[key].sign_message(content) if key in keys else Signature.default()
                for key in needed
            ],
        )
        result = self.world.svm.send_transaction(transaction)
        if not isinstance(result, FailedTransactionMetadata):
            return None
        error: Any = result.err()
        where = getattr(error, "index", None)
        assert where == len(call.before), f"{self.scenario.id}: not refused by itself: {error}"
        return str(error.err).rpartition(".")[2]

    def _keys(self, call: Call) -> set[Pubkey]:
        named = [meta.pubkey for one in (*call.before, call.instruction) for meta in one.accounts]
        return set(named) - {self.payer.pubkey()}

    def _ours(self, key: Pubkey) -> bool:
        """Whether an account is one that instructions change: no program, no sysvar."""
        found = self.world.svm.get_account(key)
        sysvar = found is not None and str(found.owner).startswith("Sysvar")
        return not sysvar and not (found is not None and found.executable)

    def _state(self, call: Call) -> Accounts:
        found = {key: self.get(key) for key in self._keys(call) if self._ours(key)}
        return {key: account for key, account in found.items() if account is not None}

    def _named(self) -> list[tuple[str, AccountMeta]]:
        return list(zip(self.names, self.call.instruction.accounts, strict=True))

    def _check_kinds(self, before: Accounts) -> None:
        """What kinds.py says of each account is so."""
        for one in self.idl["accounts"]:
            kind, address = self.scenario.kind(one), self.address(one["name"])
            found = before.get(address) or self.after.get(address)
            said = f"{self.scenario.id}: {one['name']}"
            if found is None:
                assert kind.sort in ("key", "program", "sysvar"), f"{said} never exists"
            elif one.get("signer"):
                assert kind.sort == "key", f"{said} signs, and is a {kind.sort}"
            elif found.owner in addresses.PROGRAMS.values():
                assert kind.sort == "state", f"{said} is an account of a program: see NAMES"
                expected = idls.discriminator(kind.program, kind.type)
                assert bytes(found.data[:8]) == expected, f"{said} is no {kind.type}: see NAMES"
            elif found.owner == addresses.SPL_TOKEN:
                assert kind.sort in ("token", "mint"), f"{said} holds tokens: see TOKEN_ACCOUNTS"


@cache
def stage(name: str) -> Stage:
    """The stage of a scenario, made once: every attempt on it is taken back."""
    return Stage(SCENARIOS[name])
