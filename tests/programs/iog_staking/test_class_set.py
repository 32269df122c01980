import pytest

from iog_client import addresses
from iog_client._generated.iog_staking import events
from iog_client._generated.iog_staking.accounts import Class
from registry_world import MULTIPLIER, SLUG, Registry, refused
from stages import HOUR, Network
from world import swap, unsigned

NOTICE = 168
AT = addresses.class_address(SLUG)


def values(registry: Registry) -> tuple[int, ...]:
    read = registry.world.account(Class, AT)
    return (
        read.multiplier,
        read.enabled,
        read.next_multiplier,
        read.next_enabled,
        read.next_from_hour,
    )


def test_a_new_class_counts_at_once(registry: Registry) -> None:
    result = registry.world.send(registry.class_set(pool=1), signers=[registry.net.authority])
    assert values(registry) == (MULTIPLIER, 1, MULTIPLIER, 1, 0)
    read = registry.world.account(Class, AT)
    assert (read.slug, read.pool) == (addresses.slug_bytes(SLUG), 1)
    assert registry.world.events(result) == [
        events.ClassSet(
            class_=AT,
            slug=addresses.slug_bytes(SLUG),
            pool=1,
            multiplier=MULTIPLIER,
            enabled=1,
            next_multiplier=MULTIPLIER,
            next_enabled=1,
            next_from_hour=0,
        )
    ]


def test_a_change_is_announced_168_hours_ahead(registry: Registry) -> None:
    registry.classed()
    registry.world.now += 3 * HOUR  # in the fourth hour
    change = registry.class_set(multiplier=3_000, enabled=0)
    registry.world.send(change, signers=[registry.net.authority])
    assert values(registry) == (MULTIPLIER, 1, 3_000, 0, 4 + NOTICE)


@pytest.mark.parametrize(("hour", "current"), [(4 + NOTICE - 1, MULTIPLIER), (4 + NOTICE, 3_000)])
def test_a_later_change_starts_from_what_then_holds(
    registry: Registry, hour: int, current: int
) -> None:
    authority = registry.net.authority
    registry.classed()
    registry.world.now += 3 * HOUR
    registry.world.send(registry.class_set(multiplier=3_000), signers=[authority])
    registry.world.now += (hour - 4) * HOUR
    registry.world.send(registry.class_set(multiplier=4_000), signers=[authority])
    assert values(registry) == (current, 1, 4_000, 1, hour + NOTICE)


def test_before_the_start_a_change_holds_at_once(net: Network) -> None:
    registry = Registry(net.initialized().staking(), net.world.keypair(), net.world.keypair())
    registry.classed()
    net.world.send(registry.class_set(multiplier=7, enabled=0), signers=[net.authority])
    assert values(registry) == (7, 0, 7, 0, 0)


@pytest.mark.parametrize("multiplier", [1, 100_000])
def test_multipliers_at_the_limits_are_accepted(registry: Registry, multiplier: int) -> None:
    call = registry.class_set(multiplier=multiplier)
    registry.world.send(call, signers=[registry.net.authority])
    assert values(registry)[0] == multiplier


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"multiplier": 0}, "MultiplierOutOfRange"),
        ({"multiplier": 100_001}, "MultiplierOutOfRange"),
        ({"pool": 2}, "PoolUnknown"),
        ({"enabled": 2}, "FlagMalformed"),
    ],
)
def test_values_out_of_range_are_refused(
    registry: Registry, changes: dict[str, int], name: str
) -> None:
    with refused(name):
        registry.world.send(registry.class_set(**changes), signers=[registry.net.authority])


@pytest.mark.parametrize("slug", [b"", b"H100", b"h100 pcie", b"h100\0pcie", "größe".encode()])
def test_a_malformed_slug_is_refused(registry: Registry, slug: bytes) -> None:
    with refused("SlugMalformed"):
        registry.world.send(
            registry.class_set(slug.ljust(16, b"\0")), signers=[registry.net.authority]
        )


def test_a_slug_of_16_characters_is_accepted(registry: Registry) -> None:
    registry.world.send(registry.class_set("abcdefghij-01234"), signers=[registry.net.authority])
    assert registry.world.exists(addresses.class_address("abcdefghij-01234"))


def test_the_pool_of_an_existing_class_is_fixed(registry: Registry) -> None:
    registry.classed()
    with refused("PoolFixed"):
        registry.world.send(registry.class_set(pool=1), signers=[registry.net.authority])


def test_another_signer_is_refused(registry: Registry) -> None:
    authority, other = registry.net.authority.pubkey(), registry.owner
    with refused("NotAuthority"):
        registry.world.send(swap(registry.class_set(), authority, other.pubkey()), signers=[other])
    with refused("MissingRequiredSignature"):
        registry.world.send(unsigned(registry.class_set(), authority))


def test_a_class_under_another_address_is_refused(registry: Registry) -> None:
    other = addresses.class_address("other")
    with refused("InvalidSeeds"):
        registry.world.send(swap(registry.class_set(), AT, other), signers=[registry.net.authority])
