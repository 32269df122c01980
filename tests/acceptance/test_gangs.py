"""Gangs as their clients see them, over a whole network of two nodes with two GPUs each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from market_samples import Market, serving

RESOURCES = "{gpus: 2, nodes: 2}"
COMMAND = "echo $IOG_RANK of $IOG_NODES; sleep 2; mkdir out; echo $IOG_PEERS > out/peers"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with serving(tmp_path_factory.mktemp("gangs"), "first", "second") as found:
        yield found


@pytest.fixture(scope="module")
def ran(served: Market) -> dict[str, Any]:
    """A gang of two that ran to its end, as it was printed."""
    file = served.job("gang", COMMAND, resources=RESOURCES, outputs="[out/peers]")
    planned = served.client.json("job", "plan", file)
    assert (planned["nodes"], len(planned["placed"])) == (2, 2)
    return served.client.json("job", "submit", file, "--wait", "--yes")


def test_a_gang_runs_on_two_nodes_and_both_are_paid(served: Market, ran: dict[str, Any]) -> None:
    members = ran["members"]
    assert [(one["state"], one["reason"]) for one in members] == [("settled", "completed")] * 2
    assert len({one["device"] for one in members}) == 2
    for one in members:
        assert one["proven_seconds"] >= 2
        assert int(one["node_paid"]) > 0
        spent = sum(int(one[name]) for name in ("node_paid", "fees", "refunded"))
        assert spent == int(one["funded"])
    shown = [served.client.json("job", "show", one["address"]) for one in members]
    assert shown[0]["started_at"] == shown[1]["started_at"]
    [gang] = served.client.json("gang", "show", "0")
    assert (gang["state"], gang["members"], gang["joined"]) == ("started", 2, 2)


def test_each_member_is_told_its_rank_and_all_the_peers(
    served: Market, ran: dict[str, Any]
) -> None:
    number = str(ran["number"])
    for rank in (0, 1):
        said = served.client("job", "logs", number, "--member", str(rank)).stdout
        assert said == f"{rank} of 2\n"
    fetched = served.client.json("job", "fetch", number, "--out", "results")
    assert [each["path"] for each in fetched["files"]] == ["0/out/peers", "1/out/peers"]
    peers = ",".join(one["device"] for one in ran["members"])
    for rank in ("0", "1"):
        assert (served.folder / "results" / rank / "out/peers").read_text() == peers + "\n"


def test_a_gang_is_one_row_of_the_list_and_shows_its_members(
    served: Market, ran: dict[str, Any]
) -> None:
    first, last = (one["number"] for one in ran["members"])
    listed = served.client("job", "list").stdout
    assert f"{first}-{last}" in listed
    shown = served.client("job", "show", str(last)).stdout
    assert f"job {first}: settled, completed on " in shown
    line = served.client.refused(3, "job", "logs", str(first), "--member", "2")
    assert line == "the gang has members 0 to 1, none of rank 2"


def test_why_it_ran_there_is_on_record_and_decides_again(
    served: Market, ran: dict[str, Any]
) -> None:
    for one in ran["members"]:
        decision = served.client.json("job", "why", one["address"])["decision"]
        assert (decision["device"], decision["nodes"], decision["replayed"]) == (
            one["device"],
            2,
            True,
        )
        assert [each["chosen"] for each in decision["ranked"]].count(True) == 1
    said = served.client("job", "why", str(ran["number"])).stdout
    assert "decided again from its record, it gives the same node" in said


def test_a_gang_that_does_not_fit_is_refused_and_told_what_would(served: Market) -> None:
    before = served.io("client")
    file = served.job("three", "true", resources="{gpus: 2, nodes: 3}")
    line = served.client.refused(1, "job", "submit", file, "--yes")
    assert line == (
        "no node fits (the 3 jobs of the gang have no room at once); it would fit with "
        "resources.nodes: 2; nothing was opened, nothing paid"
    )
    assert served.io("client") == before


def test_a_gang_of_three_on_two_nodes_waits_says_why_and_is_refunded(served: Market) -> None:
    before = served.io("client")
    file = served.job("queued", "true", resources="{gpus: 2, nodes: 3}")
    opened = served.client.json("job", "submit", file, "--queue", "--place-within", "45s", "--yes")
    number = str(opened["number"])
    assert [one["state"] for one in opened["members"]] == ["open"] * 3
    why: dict[str, Any] = {}

    def waits() -> bool:
        why.update(served.client.json("job", "why", number))
        return why["place"] == 1

    served._until(waits)
    text = served.client("job", "why", number).stdout
    assert (why["members"], why["fitting"], why["queue"]) == (3, 2, 1)
    assert why["waiting"][0]["text"] == "2 of the 3 jobs of the gang have room at once"
    assert [(one["key"], one["value"]) for one in why["changes"]] == [
        ("resources.nodes", "2"),
        ("resources.gpus", "1"),
    ]
    assert "it would be placed with resources.nodes: 2" in text
    for one in opened["members"]:
        job = served.wait_for(one["number"], "settled")
        assert (job["reason"], job["fault"]) == ("gang_incomplete", "network")
    assert served.io("client") == before
    assert [served.owner.json("node", "show", one["device"])["busy"] for one in _nodes(served)] == [
        0,
        0,
    ]


def test_a_gang_is_cancelled_whole_and_what_was_not_used_comes_back(served: Market) -> None:
    file = served.job("cancelled", "sleep 50", resources=RESOURCES)
    opened = served.client.json("job", "submit", file, "--yes")
    for one in opened["members"]:
        served.wait_for(one["number"], "running")
    ended = served.client.json("job", "cancel", str(opened["number"]))
    assert {one["reason"] for one in ended["members"]} == {"cancelled"}
    for one in opened["members"]:
        job = served.wait_for(one["number"], "settled")
        assert int(job["refunded"]) > int(job["funded"]) // 2
    line = served.client.refused(1, "job", "cancel", str(opened["number"]))
    assert line == "all jobs of the gang have ended: there is nothing to cancel"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--gang", "0"], "--gang takes single jobs, and resources.nodes is 2"),
        (
            ["--for", "11111111111111111111111111111112"],
            "a delegate opens no gang, and resources.nodes is 2",
        ),
    ],
)
def test_a_gang_is_not_opened_in_a_way_that_cannot_be(
    served: Market, words: list[str], line: str
) -> None:
    file = served.job("wrong", "true", resources=RESOURCES)
    assert served.client.refused(2, "job", "submit", file, *words, "--yes") == line


def _nodes(served: Market) -> list[dict[str, Any]]:
    return served.owner.json("node", "list")
