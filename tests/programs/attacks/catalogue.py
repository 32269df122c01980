"""The eleven classes of coral-xyz/sealevel-attacks as they apply to an instruction.

Each class has a function that yields the attacks on a scenario, and the reason to give where it
yields none. An attack's name starts with its class.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from solders.account import Account
from solders.pubkey import Pubkey

from attacks import sysvars
from attacks.engine import Attempt, Scenario, Stage
from attacks.kinds import (
    Kind,
    derivation,
    fresh,
    home,
    not_canonical,
    other_subject,
    sibling,
    stranger,
)
from iog_client import addresses
from scripts import idls
from scripts.idls import Json

Run = Callable[[Stage], None]


@dataclass(frozen=True)
class Attack:
    """One attack on one scenario; `run` fails when it is not met as it should be."""

    name: str
    run: Run


@dataclass(frozen=True)
class AttackClass:
    number: int
    name: str
    title: str
    attacks: Callable[[Scenario], Iterator[Attack]]
    reason: str
    """Why an instruction has none of them."""


FOREIGN = fresh("program of somebody else").pubkey()
CLOSED = b"\xff" * 8
"""What older versions of Anchor left in a closed account."""


def _refused(change: Callable[[Stage], Attempt]) -> Run:
    return lambda stage: stage.refused(change(stage))


def _allowed(change: Callable[[Stage], Attempt]) -> Run:
    return lambda stage: stage.succeeds(change(stage))


def _existing(told: Scenario, *sorts: str) -> Iterator[tuple[str, Kind, Json]]:
    """The accounts of these sorts that are there before the instruction."""
    for one in told.idl["accounts"]:
        kind = told.kind(one)
        if kind.sort in sorts and (one["name"] not in told.creates):
            yield one["name"], kind, one


def _changed(
    account: Account, *, data: bytes | None = None, owner: Pubkey | None = None
) -> Account:
    return Account(
        account.lamports,
        bytes(account.data) if data is None else data,
        owner or account.owner,
        account.executable,
    )


# --- 0 signer authorization -----------------------------------------------------------------------


def signer(told: Scenario) -> Iterator[Attack]:
    names = [one["name"] for one in told.idl["accounts"] if one.get("signer")]
    for name in [*names, *told.signers]:
        key = fresh(f"other {name}")
        yield Attack(f"signer-{name}-unsigned", _refused(lambda at, name=name: at.unsigned(name)))

        def other(at: Stage, name: str = name, key=key) -> Attempt:  # type: ignore[no-untyped-def]
            rich = Account(10**11, b"", addresses.SYSTEM)
            made = at.replaced(name, key.pubkey(), rich)
            return made.signed_also(key)

        if name in told.free:
            yield Attack(f"signer-{name}-anyone", _allowed(other))
        else:
            yield Attack(f"signer-{name}-stranger", _refused(other))


# --- 1 account data matching ----------------------------------------------------------------------


def data(told: Scenario) -> Iterator[Attack]:
    for name, kind, one in _existing(told, "state", "token", "mint", "key"):
        if one.get("signer") or (kind.sort == "state" and kind.single):
            continue
        change = _another(name, kind, sibling if name in told.free else stranger)
        if name in told.free:
            yield Attack(f"data-{name}-free", _allowed(change))
        else:
            yield Attack(f"data-{name}-stranger", _refused(change))


def _another(
    name: str, kind: Kind, changed: Callable[[Kind, bytes], bytes]
) -> Callable[[Stage], Attempt]:
    """The valid account of somebody else in the place of one."""

    def state(at: Stage) -> Attempt:
        held = at.held(name)
        address, content = home(kind, changed(kind, bytes(held.data)))
        return at.replaced(name, address, _changed(held, data=content))

    def token(at: Stage) -> Attempt:
        held, wallet = at.held(name), fresh("wallet of another").pubkey()
        content = bytes(held.data[:32]) + bytes(wallet) + bytes(held.data[64:])
        owner = wallet if name not in at.scenario.free else None
        content = content if owner else bytes(held.data)
        return at.replaced(name, addresses.tokens(wallet), _changed(held, data=content))

    def mint(at: Stage) -> Attempt:
        return at.replaced(name, fresh("another mint").pubkey(), at.held(name))

    def key(at: Stage) -> Attempt:
        at.address(name)
        return at.replaced(name, fresh(f"another {name}").pubkey())

    return {"state": state, "token": token, "mint": mint, "key": key}[kind.sort]


# --- 2 owner checks, 3 type cosplay ---------------------------------------------------------------


def owner(told: Scenario) -> Iterator[Attack]:
    for name, _, _ in _existing(told, "state", "token", "mint"):

        def forged(at: Stage, name: str = name) -> Attempt:
            return at.rewritten(name, _changed(at.held(name), owner=FOREIGN))

        yield Attack(f"owner-{name}", _refused(forged))


def cosplay(told: Scenario) -> Iterator[Attack]:
    for name, kind, _ in _existing(told, "state", "token", "mint"):
        yield Attack(f"cosplay-{name}", _refused(_disguised(name, kind)))


def _disguised(name: str, kind: Kind) -> Callable[[Stage], Attempt]:
    def state(at: Stage) -> Attempt:
        held = at.held(name)
        types = [one for one in idls.account_names(kind.program) if one != kind.type]
        head = idls.discriminator(kind.program, types[0])
        return at.rewritten(name, _changed(held, data=head + bytes(held.data[8:])))

    def tokens(at: Stage) -> Attempt:
        other = at.world.svm.get_account(addresses.mint())
        if kind.sort == "mint":
            other = at.world.svm.get_account(addresses.vesting_vault())
        assert other is not None
        return at.rewritten(name, other)

    return state if kind.sort == "state" else tokens


# --- 4 initialization -----------------------------------------------------------------------------


def init(told: Scenario) -> Iterator[Attack]:
    for name in told.creates:

        def funded(at: Stage, name: str = name) -> Attempt:
            return at.rewritten(name, Account(1, b"", addresses.SYSTEM))

        def taken(at: Stage, name: str = name) -> Attempt:
            return at.rewritten(name, at.after[at.address(name)])

        yield Attack(f"init-{name}-donation", _allowed(funded))
        if name not in told.reuses:
            yield Attack(f"init-{name}-taken", _refused(taken))
    if told.creates and told.again:
        yield Attack("init-again-allowed", lambda at: at.again(refused=False))
    elif told.creates:
        yield Attack("init-again", lambda at: at.again(refused=True))


# --- 5 arbitrary CPI ------------------------------------------------------------------------------


def cpi(told: Scenario) -> Iterator[Attack]:
    for name, _, _ in _existing(told, "program"):

        def fake(at: Stage, name: str = name) -> Attempt:
            ours = {addresses.REWARDS, addresses.TOKEN} - {at.call.instruction.program_id}
            return at.replaced(name, sorted(ours, key=bytes)[0])

        yield Attack(f"cpi-{name}", _refused(fake))


# --- 6 duplicate mutable accounts -----------------------------------------------------------------


def duplicate(told: Scenario) -> Iterator[Attack]:
    mutable = [one for one in told.idl["accounts"] if one.get("writable")]
    for one in mutable:
        for other in mutable:
            if one is other or one.get("signer"):
                continue
            names = one["name"], other["name"]

            def twice(at: Stage, names: tuple[str, str] = names) -> Attempt:
                first, second = (at.address(name) for name in names)
                assert first != second, f"{names[0]} is {names[1]} in the scenario"
                return at.replaced(names[0], second)

            yield Attack(f"duplicate-{names[0]}-{names[1]}", _refused(twice))


# --- 7 bump seed canonicalization, 8 PDA sharing --------------------------------------------------


def _derived(told: Scenario) -> Iterator[tuple[str, Json, bool]]:
    """Accounts whose address the instruction derives; and whether their seeds name a subject."""
    for one in told.idl["accounts"]:
        kind = told.kind(one)
        if "pda" in one:
            yield one["name"], one, any(seed["kind"] != "const" for seed in one["pda"]["seeds"])
        elif one["name"] in told.creates and kind.sort == "state":
            yield one["name"], one, not kind.single


def _seeds(at: Stage, account: Json) -> tuple[list[bytes], Pubkey]:
    if "pda" in account:
        return derivation(at.scenario.program, account, at.known())
    kind, known = at.scenario.kind(account), at.known()
    return [
        known[f"{account['name']}.{seed}"] if isinstance(seed, str) else seed for seed in kind.seeds
    ], addresses.PROGRAMS[kind.program]


def _moved(at: Stage, name: str, address: Pubkey) -> Attempt:
    """The same account, if there is one, at another address."""
    return at.replaced(name, address, at.get(at.address(name)))


def bump(told: Scenario) -> Iterator[Attack]:
    for name, one, _ in _derived(told):

        def lower(at: Stage, name: str = name, one: Json = one) -> Attempt:
            return _moved(at, name, not_canonical(*_seeds(at, one)))

        yield Attack(f"bump-{name}", _refused(lower))


def sharing(told: Scenario) -> Iterator[Attack]:
    for name, one, subject in _derived(told):
        if not subject:
            continue

        def other(at: Stage, name: str = name, one: Json = one) -> Attempt:
            seeds, program = _seeds(at, one)
            changed = [seeds[0], other_subject(seeds[1]), *seeds[2:]]
            return _moved(at, name, Pubkey.find_program_address(changed, program)[0])

        yield Attack(f"sharing-{name}", _refused(other))


# --- 9 closing accounts, 10 sysvars ---------------------------------------------------------------


def closing(told: Scenario) -> Iterator[Attack]:
    for name, kind, _ in _existing(told, "state", "token", "mint"):

        def gone(at: Stage, name: str = name) -> Attempt:
            at.held(name)
            return at.rewritten(name, Account(0, b"", addresses.SYSTEM))

        def zeroed(at: Stage, name: str = name) -> Attempt:
            held = at.held(name)
            return at.rewritten(name, _changed(held, data=bytes(len(held.data))))

        def revived(at: Stage, name: str = name) -> Attempt:
            held = at.held(name)
            return at.rewritten(name, _changed(held, data=CLOSED + bytes(held.data[8:])))

        yield Attack(f"closing-{name}-drained", _refused(gone))
        yield Attack(f"closing-{name}-zeroed", _refused(zeroed))
        if kind.sort == "state":
            yield Attack(f"closing-{name}-revived", _refused(revived))
    if told.closes:
        yield Attack("closing-again", lambda at: at.again(refused=True))


def sysvar(told: Scenario) -> Iterator[Attack]:
    for name, _, _ in _existing(told, "sysvar"):

        def fake(at: Stage, name: str = name) -> Attempt:
            content = sysvars.instructions([*at.call.before, at.call.instruction])
            made = Account(10**9, content, sysvars.OWNER)
            return at.replaced(name, fresh("fake sysvar").pubkey(), made)

        yield Attack(f"sysvar-{name}", _refused(fake))


CLASSES = (
    AttackClass(0, "signer", "signer authorization", signer, "nobody signs: anyone may send it"),
    AttackClass(1, "data", "account data matching", data, "no account has others of its kind"),
    AttackClass(2, "owner", "owner checks", owner, "reads no account of a program"),
    AttackClass(3, "cosplay", "type cosplay", cosplay, "reads no account of a program"),
    AttackClass(4, "init", "initialization", init, "creates no account"),
    AttackClass(5, "cpi", "arbitrary CPI", cpi, "is given no program to call"),
    AttackClass(6, "duplicate", "duplicate mutable accounts", duplicate, "one mutable account"),
    AttackClass(7, "bump", "bump seed canonicalization", bump, "derives no address"),
    AttackClass(8, "sharing", "PDA sharing", sharing, "derives no address from a subject"),
    AttackClass(9, "closing", "closing accounts", closing, "reads no account, closes none"),
    AttackClass(10, "sysvar", "sysvar address checking", sysvar, "is given no sysvar"),
)


def attacks(told: Scenario) -> Iterator[Attack]:
    """All attacks on a scenario."""
    for one in CLASSES:
        yield from one.attacks(told)
