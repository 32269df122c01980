"""An hour over columns gives what the rule over models gives, to the base unit and to the byte."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.keypair import Keypair
from solders.pubkey import Pubkey

from iog_client import hours, hours_parts, hours_rule, merkle
from iog_client.hours import publish
from iog_client.hours_parts import HourFile, leaf_line, node_line
from iog_client.hours_rule import (
    HourEvidence,
    HourInputs,
    HourNode,
    Parameters,
    PoolAmounts,
    Previous,
    allocate,
)
from iog_client.protocol import canonical
from iog_orchestrator.adapters.forks import Forks
from iog_orchestrator.adapters.hour_folder import HourFolder
from iog_orchestrator.adapters.hour_works import FolderWorks
from iog_orchestrator.domain.errors import Unknown
from iog_orchestrator.domain.hour_columns import Columns, Said, names
from iog_orchestrator.domain.hour_leaves import Leaves
from iog_orchestrator.domain.hour_lines import leaf_rows, node_rows

U64 = st.one_of(st.integers(0, (1 << 64) - 1), st.integers(0, 9_000), st.just((1 << 64) - 1))
U32 = st.one_of(st.integers(0, (1 << 32) - 1), st.integers(0, 3))
SHARE = st.integers(0, 10_000)
SIGNATURE = "5" * 88
KEYS = [str(Keypair.from_seed(bytes([seed] * 32)).pubkey()) for seed in range(1, 40)]
ADDRESS = str(Pubkey(bytes([7] * 32)))


@st.composite
def nodes(draw: st.DrawFn, device: str) -> HourNode:
    key = st.sampled_from(KEYS[:6])
    said = st.builds(
        HourEvidence, U64, st.one_of(U64, st.integers(2_990, 3_700)), st.just(SIGNATURE)
    )
    return HourNode(
        device=device,
        owner=draw(key),
        payee=draw(key),
        gpu_class=draw(st.sampled_from(["h100-pcie", 'a"b\\', "ü", ""])),
        class_enabled=draw(st.integers(0, 9)) > 0,
        pool=draw(st.sampled_from(hours_rule.POOLS)),
        multiplier=draw(U32),
        gpus=draw(st.integers(1, 65_535)),
        stake=draw(U64),
        requirement=draw(st.one_of(st.just(0), U64)),
        state=draw(st.sampled_from(("active", "active", "active", *hours_rule.STATES))),
        active_from_hour=draw(U32),
        statement=draw(st.one_of(said, said, st.none())),
        simulated=draw(st.booleans()),
        blocked=draw(st.one_of(st.none(), st.none(), st.sampled_from(["why", 'ü\n"']))),
        proof=draw(st.one_of(U64, st.integers(0, 12_000))),
        costaker=draw(st.one_of(st.none(), key)),
        costake=draw(U64),
        costake_share_bps=draw(SHARE),
    )


@st.composite
def inputs(draw: st.DrawFn) -> HourInputs:
    """An hour of up to seven nodes with any amounts the accounts can hold."""
    count = draw(st.integers(0, 7))
    devices = draw(st.permutations(KEYS[10:17]))[:count]
    brings = draw(st.one_of(st.integers(0, 9), st.integers(0, 10**15)))
    before = draw(
        st.lists(st.tuples(st.sampled_from(KEYS[:9]), st.integers(1, 10**15)), max_size=4)
    )
    leaves = sorted(dict(before).items(), key=lambda pair: bytes(Pubkey.from_string(pair[0])))
    carry = PoolAmounts(draw(st.integers(0, 10**15)), draw(st.integers(0, 9)))
    hour = draw(st.integers(0, 3))
    return HourInputs(
        genesis_hash=ADDRESS,
        mint=ADDRESS,
        distributor=ADDRESS,
        jobs_program=ADDRESS,
        start=draw(st.sampled_from([1, 4_000])),
        hour_length=3600,
        to_rewards_total=10**15 + brings,
        nodes=[draw(nodes(device)) for device in devices],
        previous=Previous(hour, 10**15, None, None, leaves, carry),
        parameters=Parameters(
            proven_numerator=draw(st.sampled_from([5, 0, 7, 1 << 60])),
            proof_max_age=draw(st.sampled_from([0, 3600])),
        ),
    )


@settings(max_examples=300, deadline=None)
@given(inputs())
def test_columns_give_what_models_give(asked: HourInputs) -> None:
    ordered = replace(asked, nodes=sorted(asked.nodes, key=lambda node: node.device))
    real, columns = allocate(ordered), Columns.collect(asked.nodes, len(asked.nodes))
    made = columns.allocate(asked)
    assert [names(int(bits)) for bits in made.reasons] == real.reasons
    assert made.granted.tolist() == real.grants
    assert (made.released, made.carry) == (real.released, real.carry)


@settings(max_examples=150, deadline=None)
@given(inputs())
def test_every_base_unit_of_columns_is_earned_or_carried_and_each_share_is_exact(
    asked: HourInputs,
) -> None:
    columns = Columns.collect(asked.nodes, len(asked.nodes))
    made = columns.allocate(asked)
    given_out = int(made.granted.sum(dtype=np.uint64))
    assert given_out + made.carry.total == asked.previous.carry.total + asked.to_rewards
    ordered = sorted(asked.nodes, key=lambda node: node.device)
    scores = [
        0 if bits or not node.statement else hours_score(node, node.statement.seconds)
        for node, bits in zip(ordered, made.reasons.tolist(), strict=True)
    ]
    for node, score, granted in zip(ordered, scores, made.granted.tolist(), strict=True):
        pool = [s for n, s in zip(ordered, scores, strict=True) if n.pool == node.pool]
        exact = Fraction(made.released.of(node.pool) * score, sum(pool) or 1)
        assert granted == exact.numerator // exact.denominator
    parts = columns.shared(made.granted).tolist()
    for node, granted, part in zip(ordered, made.granted.tolist(), parts, strict=True):
        assert part == (granted * node.costake_share_bps // 10_000 if node.costaker else 0)


def hours_score(node: HourNode, seconds: int) -> int:
    return node.multiplier * node.gpus * min(seconds, 3600)


@settings(max_examples=60, deadline=None)
@given(asked=inputs())
def test_an_hour_in_parts_says_what_the_document_says(
    asked: HourInputs, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = HourFolder(tmp_path_factory.mktemp("hours"))
    whole = publish(asked)
    document, _ = folder.build(asked, Columns.collect(asked.nodes, len(asked.nodes)), before(asked))
    parted = HourFile.parse(document.to_bytes(), folder.part)
    assert list(parted.nodes()) == whole.nodes
    assert list(parted.leaves()) == whole.leaves
    same = set(hours.HourHead.model_fields) - {"previous_leaves_hash"}
    assert {name: getattr(document, name) for name in same} == {
        name: getattr(whole, name) for name in same
    }
    for wallet, cumulative in whole.leaves:
        earned, siblings = folder.proof(whole.hour, wallet)
        assert earned == cumulative
        assert siblings == whole.tree().proof(Pubkey.from_string(wallet))


def before(asked: HourInputs) -> HourFile | None:
    """The hour before, as far as its leaves go."""
    if not asked.previous.hour:
        return None if not asked.previous.leaves else parent_of(asked, 1)
    return parent_of(asked, asked.previous.hour)


def parent_of(asked: HourInputs, hour: int) -> HourFile:
    empty = publish(replace(asked, nodes=[], previous=Previous(0), to_rewards_total=0))
    made = empty.model_copy(update={"hour": hour, "leaves": list(asked.previous.leaves)})
    return HourFile.parse(made.to_bytes())


@settings(deadline=None)
@given(st.data())
def test_the_row_of_a_node_is_its_canonical_json(data: st.DataObject) -> None:
    node = data.draw(nodes(KEYS[20]))
    made = replace(node, reasons=("blocked", "no_proof"), granted=data.draw(U64))
    dumped = hours_parts._NODE.dump_python(made, mode="json")
    assert node_line(made) == canonical(dumped)


def test_the_rows_of_the_vector_are_those_of_its_document() -> None:
    vector = json.loads((Path(__file__).parents[2] / "vectors/hour.json").read_text())
    for one in vector["hours"]:
        hour = HourFile.parse(one["bytes"].encode())
        rows = [b",".join(map(node_line, hour.nodes())), b",".join(map(leaf_line, hour.leaves()))]
        assert b'"nodes":[' + rows[0] + b"]" in hour.document
        assert b'"leaves":[' + rows[1] + b"]" in hour.document


def test_statements_go_to_their_devices_and_strangers_are_left_out() -> None:
    made = [replace(plain(key), statement=None) for key in KEYS[:3]]
    columns = Columns.collect(made, 3)
    columns.say(said((KEYS[1], 9, 3600), (KEYS[30], 9, 3600)))
    Columns.collect([], 0).say(said((KEYS[1], 9, 3600)))
    at = sorted(KEYS[:3]).index(KEYS[1])
    assert columns.of["signed"].tolist() == [row == at for row in range(3)]
    assert columns.of["counter"][at] == 9


def test_what_all_devices_say_goes_to_each_in_one_piece() -> None:
    columns = Columns.collect([replace(plain(key), statement=None) for key in KEYS[:3]], 3)
    most = (1 << 63) - 1
    columns.say(said(*((key, most - row, row) for row, key in enumerate(sorted(KEYS[:3])))))
    assert columns.of["counter"].tolist() == [most, most - 1, most - 2]
    assert columns.of["seconds"].tolist() == [0, 1, 2]
    assert set(columns.of["signature"].tolist()) == {SIGNATURE.encode()}


def said(*statements: tuple[str, int, int]) -> Said:
    lines = [f"{device},{counter},{seconds},{SIGNATURE}" for device, counter, seconds in statements]
    return Said(max(one[0] for one in statements), ",".join(lines))


def test_a_device_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="a device stands twice"):
        Columns.collect([plain(KEYS[0]), plain(KEYS[0])], 2)


@pytest.mark.parametrize("count", [0, 2])
def test_another_number_of_nodes_than_said_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="node"):
        Columns.collect([plain(KEYS[0])], count)


def test_less_minted_than_before_is_refused() -> None:
    less = HourInputs(ADDRESS, ADDRESS, ADDRESS, ADDRESS, 1, 3600, 4, [], Previous(1, 5))
    with pytest.raises(ValueError, match="less was minted"):
        Columns.collect([], 0).allocate(less)


def test_amounts_of_one_wallet_are_added_up() -> None:
    leaves = Leaves.of([]).plus(b"b" * 32 + b"a" * 32 + b"b" * 32, np.array([1, 2, 4], np.uint64))
    assert leaves.to_bytes() == b"a" * 32 + (2).to_bytes(8, "little") + b"b" * 32 + (5).to_bytes(
        8, "little"
    )
    assert Leaves.from_bytes(leaves.to_bytes()).total == 7


WALLETS = st.builds(
    lambda begin, middle, end: bytes([begin] * 8 + [middle] * 8 + [end] * 16),
    *[st.integers(0, 2)] * 3,
)


@settings(deadline=None)
@given(st.lists(st.tuples(WALLETS, st.integers(0, 1 << 40))))
def test_amounts_stand_in_the_order_of_wallets_however_alike_these_are(
    earned: list[tuple[bytes, int]],
) -> None:
    half = len(earned) // 2
    leaves = Leaves.of([])
    for some in (earned[:half], earned[half:]):
        amounts = np.array([amount for _, amount in some], np.uint64)
        leaves = leaves.plus(b"".join(wallet for wallet, _ in some), amounts)
    totals = {wallet: 0 for wallet, _ in earned}
    for wallet, amount in earned:
        totals[wallet] += amount
    assert leaves.to_bytes() == b"".join(
        wallet + total.to_bytes(8, "little") for wallet, total in sorted(totals.items())
    )


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 1000, 20_001])
@pytest.mark.parametrize("processes", [1, 3])
def test_the_tree_in_columns_is_the_tree_of_the_program(count: int, processes: int) -> None:
    pairs = [(str(Pubkey(i.to_bytes(32, "big"))), i + 1) for i in range(count)]
    tree = merkle.Tree(Pubkey.from_string(ADDRESS), [(Pubkey.from_string(w), n) for w, n in pairs])
    levels = Leaves.of(pairs).levels(ADDRESS, Forks(processes))
    assert levels[-1] == tree.root
    assert len(levels[0]) == 32 * count


def test_a_fork_that_dies_is_an_error() -> None:
    def fails(begin: int, _end: int) -> bytes:
        if begin:
            raise SystemExit(3)
        return b""

    with pytest.raises(RuntimeError, match="has died"):
        Forks(2)(fails, 50_000)


def test_no_proof_is_given_of_strangers_and_of_hours_that_are_not_here(tmp_path: Path) -> None:
    folder = HourFolder(tmp_path)
    asked = HourInputs(ADDRESS, ADDRESS, ADDRESS, ADDRESS, 1, 3600, 100, [plain(KEYS[0])])
    folder.build(asked, Columns.collect(asked.nodes, 1), None)
    assert folder.proof(1, KEYS[0])[0] == 95
    with pytest.raises(Unknown, match="has earned nothing by hour 1"):
        folder.proof(1, KEYS[1])
    with pytest.raises(Unknown, match="no tree of hour 2"):
        folder.proof(2, KEYS[0])
    with pytest.raises(Unknown, match="no part"):
        folder.part("0" * 64)


def test_two_hours_in_parts_follow_each_other(tmp_path: Path) -> None:
    folder = HourFolder(tmp_path)
    asked = HourInputs(ADDRESS, ADDRESS, ADDRESS, ADDRESS, 1, 3600, 100, [plain(KEYS[0])])
    document, _ = folder.build(asked, Columns.collect(asked.nodes, 1), None)
    first = HourFile.parse(document.to_bytes(), folder.part)
    again = replace(asked, to_rewards_total=200, previous=first.as_previous())
    following, _ = folder.build(again, Columns.collect(asked.nodes, 1), first)
    whole = publish(asked)
    expected = publish(replace(again, previous=whole.as_previous(first.data_hash)))
    assert following.previous_leaves_hash == expected.previous_leaves_hash
    assert (following.root, following.total) == (expected.root, expected.total)
    for left in tmp_path.glob("trees/hour-000001.*"):
        left.unlink()
    assert folder.leaves(first).total == 95


async def test_a_big_hour_is_built_in_a_process_of_its_own_and_leaves_no_inputs_behind(
    tmp_path: Path,
) -> None:
    asked = HourInputs(ADDRESS, ADDRESS, ADDRESS, ADDRESS, 1, 3600, 100, [])
    nodes = [replace(plain(KEYS[0]), blocked=None), replace(plain(KEYS[1]), blocked="ü")]
    works = FolderWorks(tmp_path)
    built = await works.build(asked, Columns.collect(nodes, 2), None)
    whole = publish(replace(asked, nodes=nodes))
    hour = HourFile.parse(built.document, works.part)
    assert list(hour.nodes()) == whole.nodes
    assert (hour.head.root, built.granted, built.eligible) == (whole.root, 95, 1)
    assert works.proof(1, KEYS[0]) == (95, [])
    assert not list(tmp_path.glob("trees/*.nodes"))  # noqa: ASYNC240


def plain(device: str) -> HourNode:
    return HourNode(
        device=device,
        owner=device,
        payee=device,
        gpu_class="h100-pcie",
        class_enabled=True,
        pool="enterprise",
        multiplier=1000,
        gpus=1,
        stake=0,
        requirement=0,
        state="active",
        active_from_hour=1,
        statement=HourEvidence(1, 3600, SIGNATURE),
    )


def test_parts_of_twenty_thousand_rows_are_the_rows_in_order() -> None:
    asked = HourInputs(ADDRESS, ADDRESS, ADDRESS, ADDRESS, 1, 3600, 100, [plain(k) for k in KEYS])
    columns = Columns.collect(asked.nodes, len(KEYS))
    made = columns.allocate(asked)
    rows = node_rows(columns, made, 0, 20) + node_rows(columns, made, 20, len(KEYS))
    assert rows == b"".join(node_line(one) + b"\n" for one in publish(asked).nodes)
    leaves = Leaves.of(publish(asked).leaves)
    assert leaf_rows(leaves, 3, 5) == b"".join(
        leaf_line(one) + b"\n" for one in publish(asked).leaves[3:5]
    )
