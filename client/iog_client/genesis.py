"""The steps that create a network: each looks at the chain, compares, and sends what lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, wallets
from iog_client._generated.iog_jobs.accounts import Config as JobsConfig
from iog_client._generated.iog_jobs.instructions import jobs_initialize
from iog_client._generated.iog_rewards.accounts import Distributor
from iog_client._generated.iog_rewards.instructions import distributor_initialize
from iog_client._generated.iog_staking.accounts import Class
from iog_client._generated.iog_staking.accounts import Config as StakingConfig
from iog_client._generated.iog_staking.instructions import class_set, staking_initialize
from iog_client._generated.iog_token.accounts import Bucket
from iog_client._generated.iog_token.accounts import Config as TokenConfig
from iog_client._generated.iog_token.instructions import (
    genesis_allocate,
    genesis_seal,
    token_initialize,
)
from iog_client.errors import Mismatch, NotFound, UsageError
from iog_client.networkfile import ClassEntry, NetworkFile, address_of
from iog_client.rpc import Rpc
from iog_client.transactions import MAX_UNITS, Sender

Report = Callable[[str], None]
"""Called with one line for every step."""

CLASSES_PER_TRANSACTION = 7


class Keyring:
    """The keys of a network file: addresses, or files relative to a folder.

    Of a local network, files that are missing are made.
    """

    def __init__(self, file: NetworkFile, folder: Path) -> None:
        self._file = file
        self._folder = folder

    def path(self, text: str) -> Path | None:
        """Where a key lies; None for an address."""
        if address_of(text) is not None:
            return None
        return (self._folder / Path(text).expanduser()).resolve()

    def address(self, text: str, what: str) -> Pubkey:
        """The address of an entry. Raises as `wallets.load`."""
        return address_of(text) or self.keypair(text, what).pubkey()

    def keypair(self, text: str, what: str) -> Keypair:
        """The key of an entry. Raises `UsageError` for an address, else as `wallets.load`."""
        path = self.path(text)
        if path is None:
            raise UsageError(f"{what} is an address, and has to be a key file: it signs")
        if self._file.local:
            return wallets.load_or_create(path, f"{what} key")
        return wallets.load(path, f"{what} key")

    def operating(self) -> list[Pubkey]:
        """The keys that pay for transactions."""
        named = self._file.keys
        texts = [named.authority, named.matcher, *named.oracles, *filter(None, [named.faucet])]
        return [self.address(text, "operating") for text in texts]


@dataclass
class Creation:
    """One run over all steps. `sender` pays and is the authority."""

    rpc: Rpc
    sender: Sender
    file: NetworkFile
    keys: Keyring
    program_keys: Path
    report: Report

    @property
    def authority(self) -> Pubkey:
        return self.sender.payer.pubkey()

    async def run(self) -> None:
        """Every step that is still to be taken. Raises `Mismatch` for one taken differently."""
        await self._token()
        await self._buckets()
        await self._seal()
        await self._staking()
        await self._classes()
        await self._rewards()
        await self._jobs()

    async def _token(self) -> None:
        guardian = self._key("guardian")
        config = await self._read(addresses.token_config(), TokenConfig)
        if config is not None:
            self._same("the authority of iog_token", config.authority, self.authority)
            self._same("the guardian of iog_token", config.guardian, guardian)
            self._same("hour_length", config.hour_length, self.file.hour_length)
            self._same("pool_bps", config.pool_bps, self.file.pool_bps)
            return self._done("iog_token initialized")
        sent = token_initialize(
            {
                "hour_length": self.file.hour_length,
                "pool_bps": self.file.pool_bps,
                "guardian": guardian,
            },
            {
                "program_key": addresses.PROGRAMS["iog_token"],
                "payer": self.authority,
                "authority": self.authority,
                "config": addresses.token_config(),
                "mint": addresses.mint(),
                "vesting_vault": addresses.vesting_vault(),
            },
        )
        await self._initialize("iog_token", sent)

    async def _buckets(self) -> None:
        lacking = []
        for index, one in enumerate(self.file.genesis):
            beneficiary = self.keys.address(one.beneficiary, f"beneficiary of {one.name}")
            asked = (one.amount, str(beneficiary), one.launch_bps, one.cliff_months)
            asked_all = (*asked, one.linear_months)
            bucket = await self._read(addresses.bucket(index), Bucket)
            if bucket is None:
                lacking.append(self._allocate(index, beneficiary))
                continue
            found = (bucket.amount, str(bucket.beneficiary), bucket.launch_bps)
            found_all = (*found, bucket.cliff_months, bucket.linear_months)
            self._same(f"genesis bucket {index} ({one.name})", found_all, asked_all)
        extra = await self._read(addresses.bucket(len(self.file.genesis)), Bucket)
        self._same("the number of genesis buckets above the file's", int(extra is not None), 0)
        if lacking:
            await self.sender.send(lacking)
        self._done(f"{len(self.file.genesis)} genesis buckets", new=bool(lacking))

    def _allocate(self, index: int, beneficiary: Pubkey) -> Instruction:
        one = self.file.genesis[index]
        return genesis_allocate(
            {
                "index": index,
                "amount": one.amount,
                "beneficiary": beneficiary,
                "launch_bps": one.launch_bps,
                "cliff_months": one.cliff_months,
                "linear_months": one.linear_months,
            },
            {
                "authority": self.authority,
                "payer": self.authority,
                "config": addresses.token_config(),
                "bucket": addresses.bucket(index),
            },
        )

    async def _seal(self) -> None:
        config = await self._read(addresses.token_config(), TokenConfig)
        if config is not None and config.sealed:
            return self._done("genesis sealed")
        seal = genesis_seal(
            {
                "authority": self.authority,
                "config": addresses.token_config(),
                "mint": addresses.mint(),
                "vesting_vault": addresses.vesting_vault(),
            }
        )
        await self.sender.send([seal])
        self._done("genesis sealed", new=True)

    async def _staking(self) -> None:
        guardian, slasher, arbiter = map(self._key, ("guardian", "slasher", "arbiter"))
        genesis_hash = bytes(await self.rpc.genesis_hash())
        config = await self._read(addresses.staking_config(), StakingConfig)
        if config is not None:
            self._same("the authority of iog_staking", config.authority, self.authority)
            self._same("the guardian of iog_staking", config.guardian, guardian)
            self._same("the slasher of iog_staking", config.slasher, slasher)
            self._same("the arbiter of iog_staking", config.arbiter, arbiter)
            self._same("hour_length of iog_staking", config.hour_length, self.file.hour_length)
            self._same_chain("iog_staking", config.genesis_hash, genesis_hash)
            return self._done("iog_staking initialized")
        sent = staking_initialize(
            {
                "genesis_hash": genesis_hash,
                "guardian": guardian,
                "slasher": slasher,
                "arbiter": arbiter,
            },
            {
                "program_key": addresses.PROGRAMS["iog_staking"],
                "payer": self.authority,
                "authority": self.authority,
                "config": addresses.staking_config(),
                "mint": addresses.mint(),
                "token_config": addresses.token_config(),
                "stake_vault": addresses.stake_vault(),
                "pool_vault": addresses.pool_vault(),
            },
        )
        await self._initialize("iog_staking", sent)

    async def _classes(self) -> None:
        wanted = self.file.classes
        found = await self.rpc.accounts([addresses.class_address(one.slug) for one in wanted])
        lacking = []
        for one, account in zip(wanted, found, strict=True):
            if account is None:
                lacking.append(self._set_class(one))
                continue
            held = Class.decode(account.data)
            on_chain = (held.multiplier, held.pool, held.enabled)
            self._same(
                f"class {one.slug} (multiplier, pool, enabled)",
                on_chain,
                (one.multiplier, one.pool, 1),
            )
        for start in range(0, len(lacking), CLASSES_PER_TRANSACTION):
            part = lacking[start : start + CLASSES_PER_TRANSACTION]
            await self.sender.send(part, units=MAX_UNITS)
        self._done(f"{len(wanted)} classes", new=bool(lacking))

    def _set_class(self, one: ClassEntry) -> Instruction:
        return class_set(
            {
                "slug": addresses.slug_bytes(one.slug),
                "multiplier": one.multiplier,
                "pool": one.pool,
                "enabled": 1,
            },
            {
                "authority": self.authority,
                "payer": self.authority,
                "config": addresses.staking_config(),
                "class_": addresses.class_address(one.slug),
                "token_config": addresses.token_config(),
            },
        )

    async def _rewards(self) -> None:
        guardian = self._key("guardian")
        oracles = [self.keys.address(one, "oracle") for one in self.file.keys.oracles]
        held = await self._read(addresses.distributor(), Distributor)
        if held is not None:
            self._same("the authority of iog_rewards", held.authority, self.authority)
            self._same("the guardian of iog_rewards", held.guardian, guardian)
            self._same("the threshold of iog_rewards", held.threshold, self.file.threshold)
            on_chain = _listed(held.oracles[: held.oracle_count])
            self._same("the oracles of iog_rewards", on_chain, _listed(oracles))
            return self._done("iog_rewards initialized")
        sent = distributor_initialize(
            {"guardian": guardian, "threshold": self.file.threshold, "oracles": oracles},
            {
                "program_key": addresses.PROGRAMS["iog_rewards"],
                "payer": self.authority,
                "authority": self.authority,
                "distributor": addresses.distributor(),
                "vault": addresses.rewards_vault(),
                "mint": addresses.mint(),
                "token_config": addresses.token_config(),
            },
        )
        await self._initialize("iog_rewards", sent)

    async def _jobs(self) -> None:
        guardian, arbiter = self._key("guardian"), self._key("arbiter")
        genesis_hash = bytes(await self.rpc.genesis_hash())
        config = await self._read(addresses.jobs_config(), JobsConfig)
        if config is not None:
            self._same("the authority of iog_jobs", config.authority, self.authority)
            self._same("the guardian of iog_jobs", config.guardian, guardian)
            self._same("the arbiter of iog_jobs", config.arbiter, arbiter)
            self._same_chain("iog_jobs", config.genesis_hash, genesis_hash)
            return self._done("iog_jobs initialized")
        sent = jobs_initialize(
            {"genesis_hash": genesis_hash, "guardian": guardian, "arbiter": arbiter},
            {
                "program_key": addresses.PROGRAMS["iog_jobs"],
                "payer": self.authority,
                "authority": self.authority,
                "config": addresses.jobs_config(),
                "fee_vault": addresses.fee_vault(),
                "mint": addresses.mint(),
                "token_config": addresses.token_config(),
            },
        )
        await self._initialize("iog_jobs", sent)

    async def _initialize(self, program: str, instruction: Instruction) -> None:
        """Send an initialize instruction, which the program's own key has to sign."""
        await self.sender.send([instruction], signers=[self._program_key(program)])
        self._done(f"{program} initialized", new=True)

    def _program_key(self, program: str) -> Keypair:
        path = self.program_keys / f"{program}.json"
        if not path.exists():
            raise NotFound(f"{path} is missing: the id key of {program} signs its initialization")
        key = wallets.load(path, f"{program} id key")
        self._same(f"the id of {program}", addresses.PROGRAMS[program], key.pubkey())
        return key

    def _key(self, name: str) -> Pubkey:
        return self.keys.address(getattr(self.file.keys, name), name)

    async def _read(self, address: Pubkey, kind: Any) -> Any:
        account = await self.rpc.account(address)
        return None if account is None else kind.decode(account.data)

    @staticmethod
    def _same(what: str, on_chain: object, asked: object) -> None:
        if on_chain != asked:
            raise Mismatch(what, on_chain, asked)

    def _same_chain(self, program: str, held: bytes, own: bytes) -> None:
        what = f"the genesis hash that {program} was initialized with"
        self._same(what, str(Pubkey.from_bytes(held)), str(Pubkey.from_bytes(own)))

    def _done(self, what: str, *, new: bool = False) -> None:
        self.report(f"{what}" if new else f"{what} already")


def _listed(keys: Sequence[Pubkey]) -> str:
    return ", ".join(map(str, keys))
