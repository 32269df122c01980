"""The network of the orchestrator's tests: hours of ten seconds, two classes, one bucket."""

from pathlib import Path

from solders.keypair import Keypair

from iog_client import wallets

HOUR = 10
SLUG = "h100-pcie"


def key_of(name: str) -> Keypair:
    """The key that has this name in every test."""
    return Keypair.from_seed(name.encode().ljust(32, b"."))


def network_file(folder: Path, allow_simulated: bool) -> dict[str, object]:
    """The file that describes the network, and the keys that it names in `folder`."""
    for name in ("authority", "matcher", "faucet"):
        path = folder / f"{name}.json"
        if not path.exists():
            wallets.write(path, key_of(name), name)
    return {
        "name": "test",
        "local": True,
        "hour_length": HOUR,
        "allow_simulated": allow_simulated,
        "keys": {
            **dict.fromkeys(("authority", "guardian", "slasher", "arbiter"), "authority.json"),
            "matcher": "matcher.json",
            "oracles": ["matcher.json"],
            "faucet": "faucet.json",
        },
        "genesis": [
            {
                "name": "all",
                "amount": "500000000 IO",
                "beneficiary": str(key_of("faucet").pubkey()),
                "launch_bps": 10_000,
            }
        ],
        "classes": [
            _class(SLUG, "NVIDIA H100 PCIe", 10, "enterprise", 80),
            _class("t4", "Tesla T4", 1, "community", 16),
        ],
    }


def _class(slug: str, name: str, multiplier: int, pool: str, memory: int) -> dict[str, object]:
    return {
        "slug": slug,
        "names": [name],
        "multiplier": multiplier,
        "pool": pool,
        "memory_gib": memory,
    }
