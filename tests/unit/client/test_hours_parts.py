"""An hour in parts is read row by row, and each byte of its parts is bound by its document."""

from collections.abc import Callable

import pytest
from hour_samples import facts, two_hours, wallet
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.pubkey import Pubkey

from iog_client import hours_parts, merkle
from iog_client.errors import UsageError
from iog_client.hours import HourHead, PublishedHour, sha256_hex
from iog_client.hours_parts import HourFile, Part, PartedHour, Parts, leaf_line, node_line
from iog_client.hours_verify import verify

FIRST, SECOND = two_hours()
Change = Callable[[bytes], bytes]


def parted(hour: PublishedHour, rows: int = 2, change: Change = lambda data: data) -> HourFile:
    """The same hour in parts of some rows, each changed before it is hashed."""
    held: dict[str, bytes] = {}

    def parts(lines: list[bytes]) -> Parts:
        made = []
        for at in range(0, len(lines), rows):
            data = change(b"".join(line + b"\n" for line in lines[at : at + rows]))
            held[sha256_hex(data)] = data
            made.append(Part(sha256=sha256_hex(data), rows=len(lines[at : at + rows])))
        return Parts(rows=len(lines), parts=made)

    document = PartedHour(
        **{name: getattr(hour, name) for name in HourHead.model_fields},
        nodes=parts([node_line(one) for one in hour.nodes]),
        leaves=parts([leaf_line(one) for one in hour.leaves]),
    )
    return HourFile.parse(document.to_bytes(), held.__getitem__)


def test_rows_come_back_as_they_were() -> None:
    hour = parted(SECOND)
    assert list(hour.nodes()) == SECOND.nodes
    assert list(hour.leaves()) == SECOND.leaves
    assert (hour.node_count, hour.leaf_count) == (3, len(SECOND.leaves))
    assert len(hour.part_hashes()) == 2 + 2


def test_an_hour_in_parts_holds_as_one_document_does() -> None:
    seen: list[tuple[int, int]] = []
    hour = parted(SECOND)
    known = facts(SECOND)
    assert known.live
    found = verify(hour, FIRST.to_bytes(), known, lambda done, of: seen.append((done, of)))
    assert found.problems == [
        f"data hash is {hour.data_hash} by the file, "
        f"{known.live.data_hash} in the live root on chain"
    ]
    assert seen == []


def test_a_lie_in_a_part_is_one_line() -> None:
    hour = parted(SECOND, change=lambda data: data.replace(b'"granted":0', b'"granted":1'))
    [_, line] = verify(hour, FIRST.to_bytes(), facts(SECOND)).problems[::-1]
    assert line.endswith("granted is 1 in the file, 0 recomputed")


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (lambda data: data[:-1], "part 1 of nodes does not have 2 lines that end in a line feed"),
        (lambda data: data + data, "part 1 of nodes does not have 2 lines"),
        (lambda data: data.replace(b":", b": ", 1), "part 1 of nodes: line 1 is not in canonical"),
        (lambda data: data.replace(b'"gpus":', b'"cards":', 1), "part 1 of nodes: line 1"),
    ],
)
def test_rows_written_otherwise_are_refused(change: Change, line: str) -> None:
    with pytest.raises(UsageError, match=line):
        list(parted(SECOND, change=change).nodes())


def test_a_part_that_is_not_what_the_document_names_is_refused() -> None:
    hour = parted(SECOND)
    other = HourFile.parse(hour.document, lambda _: b"something else\n")
    with pytest.raises(UsageError, match="part 1 of leaves has SHA-256"):
        list(other.leaves())


def test_parts_with_fewer_rows_than_the_document_says_are_refused() -> None:
    hour = parted(SECOND).head
    assert isinstance(hour, PartedHour)
    short = hour.model_copy(update={"nodes": Parts(rows=4, parts=hour.nodes.parts)})
    with pytest.raises(UsageError, match="its parts do not have 4 rows"):
        list(HourFile.parse(short.to_bytes(), lambda _: b"").nodes())


@pytest.mark.parametrize("data", [b'{"parts":[', b'{"parts":[]}'])
def test_something_else_is_not_an_hour_in_parts(data: bytes) -> None:
    with pytest.raises(UsageError, match="not a published hour"):
        HourFile.parse(data)


def test_leaves_are_hashed_row_by_row_as_in_one_array() -> None:
    for hour, following in ((FIRST, SECOND),):
        assert hours_parts.leaves_hash(hour.leaves) == following.previous_leaves_hash
    assert hours_parts.leaves_hash([]) == sha256_hex(b"[]")


@settings(deadline=None)
@given(st.integers(1, 70))
def test_a_root_is_found_without_holding_the_tree(count: int) -> None:
    pairs = [(at.to_bytes(32, "big"), at + 1) for at in range(count)]
    distributor = Pubkey.from_string(wallet(1))
    tree = merkle.Tree(distributor, [(Pubkey.from_bytes(key), amount) for key, amount in pairs])
    assert merkle.root(distributor, pairs) == tree.root
    assert merkle.root(distributor, []) is None
