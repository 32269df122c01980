"""Slash cases: the slasher takes stake out of a node; what becomes of it is decided later.

| state | its deadline is | left by |
|---|---|---|
| open | appeal by | the owner or co-staker's appeal, the slasher's drop; then it is upheld |
| appealed | decide by | the arbiter's uphold or drop; then it is dropped |
| upheld, dropped | none | never |

Upheld: the stake is burned. Dropped: it goes back to where it was, or to what its owner has on the
way out since.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import addresses, nodes, records, stakes
from iog_client._generated.iog_staking.accounts import Node, SlashCase
from iog_client._generated.iog_staking.instructions.case_appeal import case_appeal
from iog_client._generated.iog_staking.instructions.case_close import case_close
from iog_client._generated.iog_staking.instructions.case_drop import case_drop
from iog_client._generated.iog_staking.instructions.case_open import case_open
from iog_client._generated.iog_staking.instructions.case_uphold import case_uphold
from iog_client.amounts import BPS, format_amount, format_share
from iog_client.errors import NotAllowed, NotFound, Refused, UsageError
from iog_client.rpc import Rpc
from iog_client.times import Now
from iog_client.transactions import Sender, Sent

STATES = ("open", "appealed", "upheld", "dropped")
"""In the order of iog_staking's numbers."""
KINDS: dict[str, int] = {
    "hardware_false": 10_000,
    "work_forged": 10_000,
    "data_compromised": 10_000,
    "overuse": 2_500,
    "poor_service": 500,
}
"""The most of the stake, in 1/10,000, that each kind may take; numbered from 1 in this order."""
SECONDS = 30 * 86_400
"""The time to appeal, and again to decide, before scaling."""
_NODE_AT = 8


@dataclass(frozen=True, slots=True)
class Charge:
    """What a case is opened with. `share_bps` of the stake in 1/10,000."""

    kind: str
    share_bps: int
    evidence_hash: bytes


def state(case: SlashCase) -> str:
    """The case's state in a word."""
    return STATES[case.state] if case.state < len(STATES) else f"state {case.state}"


def kind(case: SlashCase) -> str:
    """What the node is charged with, in a word."""
    names = tuple(KINDS)
    return names[case.kind - 1] if 1 <= case.kind <= len(names) else f"kind {case.kind}"


def amount(case: SlashCase) -> int:
    """Base units that the case took out of the node."""
    return case.own + case.costake + case.cooling + case.cooling_costake


def taken(node: Node, share_bps: int) -> int:
    """Base units that a case of this share would take out of the node now."""
    held = node.stake + node.costake + node.cooling + node.cooling_costake
    return held * share_bps // BPS


def evidence_hash(file: Path) -> bytes:
    """The sha256 of an evidence file, by which a case names it. Raises `NotFound`."""
    try:
        return hashlib.sha256(file.read_bytes()).digest()
    except OSError as error:
        raise NotFound(f"{file} cannot be read: {error.strerror}") from error


def parse_hash(text: str) -> bytes:
    """A sha256 in hex. Raises `UsageError`."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != hashlib.sha256().digest_size:
        raise UsageError("the hash of the evidence is not a sha256: one is 64 digits of hex")
    return found


async def get(rpc: Rpc, name: Pubkey) -> tuple[Pubkey, SlashCase]:
    """A case by its address, or the open one of a node by its device.

    Raises:
        NotFound: there is neither.
    """
    account = await rpc.account(name)
    if account is not None and account.data[:8] == SlashCase.discriminator:
        return name, SlashCase.decode(account.data)
    node = await records.find(rpc, Node, addresses.node(name))
    if node is None:
        raise NotFound(f"{name} is neither a slash case nor the device of a node")
    found = await open_case(rpc, name) if node.case_open else None
    if found is None:
        raise NotFound(f"no slash case against the node {name} is open")
    return found


async def open_case(rpc: Rpc, device: Pubkey) -> tuple[Pubkey, SlashCase] | None:
    """The case against a node that is not decided; there is at most one."""
    found = await search(rpc, device)
    return next((pair for pair in found if state(pair[1]) in ("open", "appealed")), None)


async def device(rpc: Rpc, case: SlashCase) -> Pubkey:
    """The device of the node that a case is about, which the chain never forgets."""
    node = await records.get(rpc, Node, case.node, f"there is no node {case.node} on chain")
    return node.device


async def search(rpc: Rpc, device: Pubkey | None = None) -> list[tuple[Pubkey, SlashCase]]:
    """All cases, or those against one node, the newest first."""
    where = [(_NODE_AT, bytes(addresses.node(device)))] if device else []
    found = await records.search(rpc, addresses.STAKING, SlashCase, where)
    return sorted(found, key=lambda pair: (-pair[1].opened_at, str(pair[0])))


async def openable(rpc: Rpc, slasher: Pubkey, device: Pubkey, charge: Charge) -> Node:
    """The node, if that key may open this case against it now.

    Raises:
        NotFound: no node has that device.
        UsageError: there is no such kind, or it takes no such share.
        NotAllowed: another key is the slasher.
        Refused: a case is open, this evidence was judged, nothing is there, or staking is paused.
    """
    most = KINDS.get(charge.kind)
    if most is None:
        raise UsageError(f"there is no kind of case `{charge.kind}`: {', '.join(KINDS)}")
    if not 1 <= charge.share_bps <= most:
        raise UsageError(
            f"a case of {charge.kind} takes 0.01% to {format_share(most)} of the stake, "
            f"not {format_share(charge.share_bps)}"
        )
    node = await nodes.get(rpc, device)
    settings = await stakes.config(rpc)
    if settings.slasher != slasher:
        raise NotAllowed(f"the slasher is {settings.slasher}, the wallet is {slasher}")
    stakes.require_no_case(node, "another is opened once it is decided")
    address = addresses.slash_case(addresses.node(device), charge.evidence_hash)
    if (before := await records.find(rpc, SlashCase, address)) is not None:
        raise Refused(f"this evidence was judged already: case {address} is {state(before)}")
    if not taken(node, charge.share_bps):
        raise Refused(f"nothing is staked on the node {device} that could be taken")
    if settings.paused:
        raise Refused("staking is paused: no case is opened")
    return node


async def open_(
    sender: Sender, slasher: Keypair, device: Pubkey, charge: Charge
) -> tuple[Sent, Pubkey]:
    """Open a case: its share of the node's stake counts for nothing from now on.

    Returns the case's address with what was sent. Raises what `openable` does.
    """
    await openable(sender.rpc, slasher.pubkey(), device, charge)
    address = addresses.slash_case(addresses.node(device), charge.evidence_hash)
    opened = case_open(
        {
            "kind": tuple(KINDS).index(charge.kind) + 1,
            "bps": charge.share_bps,
            "evidence_hash": charge.evidence_hash,
        },
        {
            "slasher": slasher.pubkey(),
            "payer": sender.payer.pubkey(),
            "config": addresses.staking_config(),
            "node": addresses.node(device),
            "case": address,
            "token_config": addresses.token_config(),
        },
    )
    return await sender.send([opened], signers=[slasher]), address


async def appeal(sender: Sender, party: Keypair, address: Pubkey) -> Sent:
    """Ask the arbiter to decide: the owner or the co-staker at the opening may.

    Raises:
        NotFound: there is no such case.
        NotAllowed: the wallet is neither.
        Refused: it is not open, or the time to appeal has passed.
    """
    _, case = await get(sender.rpc, address)
    now = await Now.read(sender.rpc)
    _require(case, now, "appealed", "open")
    parties = [case.owner, *([] if case.costaker == nodes.NOBODY else [case.costaker])]
    if party.pubkey() not in parties:
        known = " and ".join(map(str, parties))
        raise NotAllowed(f"the case may be appealed by {known}, the wallet is {party.pubkey()}")
    wanted = case_appeal(
        {"party": party.pubkey(), "config": addresses.staking_config(), "case": address}
    )
    return await sender.send([wanted], signers=[party])


async def decidable(rpc: Rpc, judge: Pubkey, address: Pubkey, verdict: str) -> SlashCase:
    """The case, if that key may decide it so now; `verdict` is upheld or dropped.

    Raises:
        NotFound: there is no such case.
        NotAllowed: it is for another key to decide.
        Refused: it is not to be decided, or the time for it has passed.
    """
    _, case = await get(rpc, address)
    states = ("appealed",) if verdict == "upheld" else ("open", "appealed")
    _require(case, await Now.read(rpc), verdict, *states)
    settings = await stakes.config(rpc)
    is_open = state(case) == "open"
    name, key = ("slasher", settings.slasher) if is_open else ("arbiter", settings.arbiter)
    if key != judge:
        raise NotAllowed(f"an {state(case)} case is {verdict} by the {name} {key}, not by {judge}")
    return case


async def uphold(sender: Sender, arbiter: Keypair, address: Pubkey) -> Sent:
    """Burn what an appealed case took. Raises what `decidable` does."""
    case = await decidable(sender.rpc, arbiter.pubkey(), address, "upheld")
    wanted = case_uphold(
        {
            "arbiter": arbiter.pubkey(),
            "config": addresses.staking_config(),
            "node": case.node,
            "case": address,
            "stake_vault": addresses.stake_vault(),
            "mint": addresses.mint(),
        }
    )
    return await sender.send([wanted], signers=[arbiter])


async def drop(sender: Sender, judge: Keypair, address: Pubkey) -> Sent:
    """Give back what a case took: the slasher of an open one, the arbiter of an appealed one.

    Raises what `decidable` does.
    """
    case = await decidable(sender.rpc, judge.pubkey(), address, "dropped")
    wanted = case_drop(
        {
            "judge": judge.pubkey(),
            "config": addresses.staking_config(),
            "node": case.node,
            "case": address,
            "token_config": addresses.token_config(),
        }
    )
    return await sender.send([wanted], signers=[judge])


async def close(sender: Sender, address: Pubkey) -> Sent:
    """End a case whose time has passed: what nobody appealed is upheld, what nobody decided is
    dropped. Anyone may.

    Raises:
        NotFound: there is no such case.
        Refused: it is decided, or its time has not passed.
    """
    _, case = await get(sender.rpc, address)
    now = await Now.read(sender.rpc)
    if state(case) not in ("open", "appealed"):
        raise Refused(f"the case is {state(case)} already")
    if now.at < case.deadline:
        until = "may be appealed" if state(case) == "open" else "waits for the arbiter"
        raise Refused(f"the case {until} until {now.moment(case.deadline)}")
    wanted = case_close(
        {
            "config": addresses.staking_config(),
            "node": case.node,
            "case": address,
            "stake_vault": addresses.stake_vault(),
            "mint": addresses.mint(),
            "token_config": addresses.token_config(),
        }
    )
    return await sender.send([wanted])


def _require(case: SlashCase, now: Now, verb: str, *states: str) -> None:
    """Raises `Refused` unless the case is in one of the states and its time has not passed."""
    if state(case) not in states:
        known = " or ".join(states)
        raise Refused(f"the case is {state(case)}, and only an {known} one is {verb}")
    if now.at >= case.deadline:
        outcome = "upheld" if state(case) == "open" else "dropped"
        raise Refused(
            f"the time for it has passed {now.moment(case.deadline)}: `iog slash close` ends the "
            f"case, {outcome}, {format_amount(amount(case))}"
        )
