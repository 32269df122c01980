"""Writes tests/vectors/hour.json: two published hours, one after the other, with their hashes.

The rule, the tree and the canonical bytes are written down here once more, without any code of the
project (solders gives keys, base58 and signatures). Hour 1 has three nodes in two pools, one of
them a second short. Hour 2 asks for GPU proofs: one node's is a second too old and it is blocked
besides, one's is as old as may be, and one, proven at the hour's end, pays a wallet that has a leaf
already and a co-staker, who has half of its requirement in it for a third of its reward.

Usage: python scripts/vectors_hour.py
"""

import json
import struct
from hashlib import sha256
from pathlib import Path

from solders.keypair import Keypair
from solders.pubkey import Pubkey

OUT = Path(__file__).resolve().parent.parent / "tests" / "vectors" / "hour.json"
LENGTH = 3600
START = 1_800_000_000
END_2 = START + 2 * LENGTH
MAX_AGE = 24 * LENGTH
MINTED = [410_958_904_110, 821_917_808_219]
"""90% of what the emission has brought by the end of each hour."""
CHAIN = {
    name: str(Pubkey(bytes([seed] * 32)))
    for name, seed in (("genesis_hash", 7), ("jobs_program", 8), ("mint", 9), ("distributor", 10))
}
POOLS = ("enterprise", "community")

Json = dict


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def device(seed: int) -> Keypair:
    """A device's key."""
    return Keypair.from_seed(bytes([seed] * 32))


def wallet(seed: int) -> str:
    """The wallet that owns the device of that seed."""
    return str(device(100 + seed).pubkey())


def raw(address: str) -> bytes:
    """The 32 bytes of an address."""
    return bytes(Pubkey.from_string(address))


def statement(key: Keypair, hour: int, seconds: int) -> Json:
    """The device's signed word for an hour."""
    said = (
        b"iog-statement-v1"
        + b"".join(raw(CHAIN[name]) for name in ("genesis_hash", "jobs_program"))
        + bytes(key.pubkey())
        + b"\x01"
        + struct.pack("<Q24xIQQ", hour, 0, 60, seconds)
    )
    return {"counter": 60, "seconds": seconds, "signature": str(key.sign_message(said))}


def node(seed: int, hour: int, multiplier: int, gpus: int, seconds: int, payee: str) -> Json:
    """A node with its stake; only that of seed 3 is of the smaller class."""
    needed = 200 * 10**8 * max(1000, multiplier) * gpus // 1000
    return {
        "device": str(device(seed).pubkey()),
        "owner": wallet(seed),
        "payee": payee,
        "gpu_class": "rtx-4090" if seed == 3 else "h100-pcie",
        "class_enabled": True,
        "pool": "community" if seed == 3 else "enterprise",
        "multiplier": multiplier,
        "gpus": gpus,
        "stake": needed,
        "requirement": needed,
        "state": "active",
        "active_from_hour": 1,
        "statement": statement(device(seed), hour, seconds),
        "simulated": False,
        "blocked": None,
        "proof": 0,
        "costaker": None,
        "costake": 0,
        "costake_share_bps": 0,
        "eligible": seconds * 6 >= 5 * LENGTH,
        "reasons": [] if seconds * 6 >= 5 * LENGTH else ["too_few_seconds"],
        "granted": 0,
    }


def costaked(one: Json, seed: int, share_bps: int) -> Json:
    """The node with the wallet of that seed as co-staker, who brought half of its requirement."""
    half = one["requirement"] // 2
    shared = {"costaker": wallet(seed), "costake_share_bps": share_bps}
    return one | shared | {"stake": one["requirement"] - half, "costake": half}


def root(leaves: list) -> str:
    """Root of the reward tree over leaves that stand sorted by wallet."""
    level = []
    for address, cumulative in leaves:
        inner = b"iog-reward-v1" + raw(CHAIN["distributor"]) + raw(address)
        amount = cumulative.to_bytes(8, "little")
        level.append(sha256(b"\x00" + sha256(inner + amount).digest()).digest())
    while len(level) > 1:
        pairs = [sorted(level[at : at + 2]) for at in range(0, len(level), 2)]
        level = [
            sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0]
            for pair in pairs
        ]
    return level[0].hex()


def give(nodes: list[Json], brings: int, carry: Json) -> tuple[Json, Json]:
    """Writes into the nodes what they are granted; what was released, and what is carried on."""
    shares = {"enterprise": brings * 95 // 100}
    shares["community"] = brings - shares["enterprise"]
    released = {pool: shares[pool] + min(carry[pool], shares[pool]) for pool in POOLS}
    after = {pool: carry[pool] + shares[pool] for pool in POOLS}
    for pool in POOLS:
        earning = [one for one in nodes if one["pool"] == pool and one["eligible"]]
        scores = [one["multiplier"] * one["gpus"] * one["statement"]["seconds"] for one in earning]
        for one, score in zip(earning, scores, strict=True):
            one["granted"] = released[pool] * score // sum(scores)
            after[pool] -= one["granted"]
    return released, after


def published(nodes: list[Json], minted: int, before: Json | None) -> Json:
    """The hour after `before`, as it is published."""
    carry = before["carry_after"] if before else dict.fromkeys(POOLS, 0)
    brings = minted - (before["to_rewards_total"] if before else 0)
    released, after = give(nodes, brings, carry)
    earned = dict(before["leaves"]) if before else {}
    for one in nodes:
        part = one["granted"] * one["costake_share_bps"] // 10_000
        for who, amount in ((one["costaker"], part), (one["payee"], one["granted"] - part)):
            if amount:
                earned[who] = earned.get(who, 0) + amount
    leaves = [list(pair) for pair in sorted(earned.items(), key=lambda pair: raw(pair[0]))]
    return CHAIN | {
        "version": 1,
        "hour": before["hour"] + 1 if before else 1,
        "start": START,
        "hour_length": LENGTH,
        "parameters": {
            "enterprise_bps": 9500,
            "proven_numerator": 5,
            "proven_denominator": 6,
            "proof_max_age": MAX_AGE if before else 0,
        },
        "to_rewards": brings,
        "to_rewards_total": minted,
        "previous_root": before["root"] if before else None,
        "previous_data_hash": sha256(canonical(before)).hexdigest() if before else None,
        "previous_leaves_hash": sha256(canonical(before["leaves"])).hexdigest() if before else None,
        "carry_before": carry,
        "nodes": sorted(nodes, key=lambda one: one["device"]),
        "released": released,
        "carry_after": after,
        "leaves": leaves,
        "root": root(leaves),
        "total": sum(earned.values()),
    }


def hours() -> list[Json]:
    """Both hours."""
    first = [
        node(1, 1, 10_600, 8, 3600, wallet(1)),
        node(2, 1, 10_600, 2, 3000, wallet(2)),
        node(3, 1, 700, 1, 2999, wallet(3)),
    ]
    second = [
        costaked(node(1, 2, 10_600, 8, 3600, wallet(2)), 4, 3333) | {"proof": END_2},
        node(3, 2, 700, 1, 3600, wallet(3)) | {"proof": END_2 - MAX_AGE},
        node(9, 2, 10_600, 2, 3600, wallet(9))
        | {"proof": END_2 - MAX_AGE - 1, "blocked": "GPU-1 is also in another node"}
        | {"eligible": False, "reasons": ["blocked", "proof_old"]},
    ]
    one = published(first, MINTED[0], None)
    return [one, published(second, MINTED[1], one)]


def main() -> None:
    """Writes the file."""
    vectors = [
        {
            "data_hash": sha256(canonical(hour)).hexdigest(),
            "root": hour["root"],
            "total": hour["total"],
            "bytes": canonical(hour).decode(),
        }
        for hour in hours()
    ]
    OUT.write_text(json.dumps({"hours": vectors}, indent=2) + "\n")


if __name__ == "__main__":
    main()
