"""Plans, prices and ends in words, with units and who pays what."""

from typing import Any

import pytest

from iog_client.cli import job_text, job_why
from iog_client.job_models import (
    Change,
    JobView,
    Offer,
    PlanResult,
    Quote,
    Rejected,
    WhyView,
)

KEY = "4Tp5kY98LBgVDGC1xeJKuztsSvW7gr5c4oA4VnkiqGky"
QUOTE = Quote(
    price=9722, gpus=2, max_seconds=5400, gross=104_997_600, fee=262_494, funded=105_260_094
)
OFFER = Offer(
    device=KEY,
    gpu_class="rtx-3090",
    gpus_free=2,
    ask=9722,
    total=105_260_094,
    gpu_memory=24576,
    simulated=True,
)


def job(**changes: Any) -> JobView:
    known: dict[str, Any] = {
        "id": KEY,
        "address": KEY,
        "number": 3,
        "client": KEY,
        "name": "x",
        "state": "settled",
        "reason": "completed",
        "gpus": 1,
        "max_price": 9722,
        "max_seconds": 60,
        "funded": 1000,
        "node_paid": 300,
        "fees": 10,
        "refunded": 690,
        "spec_hash": "0" * 64,
    }
    return JobView(**{**known, **changes})


def test_a_plan_says_what_is_held_and_by_whom_it_could_be_done() -> None:
    assert job_text.plan_text(PlanResult(offers=[OFFER], quote=QUOTE)).splitlines() == [
        "at most 1.05260094 IO: 2 GPUs x 1h30m at 0.35 IO/h, and 0.00262494 IO fee; "
        "held in escrow, what is not used comes back",
        f"  {KEY}  rtx-3090  2 free  0.35 IO/h a GPU, 1.05260094 IO at most  "
        "(24576 MiB a GPU, not confined, simulated)",
    ]


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        (None, ""),
        (Change(key="price", value="9722", text=""), "price: 0.35 IO/h"),
        (Change(key="resources.memory", value="40960", text=""), "resources.memory: 40960MiB"),
        (Change(key="resources.class", value="any", text=""), "resources.class: any"),
    ],
)
def test_a_misfit_is_one_line_with_the_change_that_would_help(
    change: Change | None, shown: str
) -> None:
    rejected = [
        Rejected(code="price", text="3 asking more than the price", nodes=3),
        Rejected(code="class", text="1 of another class", nodes=1),
        Rejected(code="spec", text="the spec is not here", nodes=0),
    ]
    line = job_text.misfit(PlanResult(offers=[], rejected=rejected, change=change, quote=QUOTE))
    hint = f"; it would fit with {shown}" if shown else ""
    assert line == (
        "no node fits (3 nodes asking more than the price; 1 node of another class; "
        f"the spec is not here){hint}; nothing was opened, nothing paid"
    )


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({"max_seconds": 0, "max_price": 0, "state": "refused"}, "1 GPU"),
        ({"gpu_class": "h100"}, "1 x h100 for at most 1m at up to 0.35 IO/h a GPU"),
    ],
)
def test_what_a_job_asks_for_is_told_as_far_as_it_is_known(
    changes: dict[str, Any], asked: str
) -> None:
    assert job_text.details(job(**changes))["asked"] == asked


@pytest.mark.parametrize(
    ("changes", "money"),
    [
        ({"state": "refused"}, "nothing was opened, nothing paid"),
        ({"state": "running"}, "0.00001 IO in escrow"),
        (
            {},
            "of 0.00001 IO in escrow 0.000003 IO to the node, 0.0000001 IO fees, "
            "0.0000069 IO back to you",
        ),
    ],
)
def test_the_money_of_a_job_says_who_got_what(changes: dict[str, Any], money: str) -> None:
    assert job_text.money(job(**changes)) == {"money": money}


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"exit_code": 0}, "job 3: completed, exit code 0; 0 s proven"),
        (
            {"reason": "node_failed", "detail": "its disk is full"},
            "job 3: node_failed (its disk is full); 0 s proven",
        ),
        ({"state": "open", "reason": "none"}, "job 3: open; 0 s proven"),
    ],
)
def test_an_end_is_one_line(changes: dict[str, Any], line: str) -> None:
    assert job_text.ended_line(job(**changes)) == line


def test_details_leave_out_what_is_not_known() -> None:
    shown = job_text.details(job(device=KEY, run=2, fault="none", proven_seconds=4))
    assert shown["reason"] == "completed (fault: none)"
    assert shown["node"] == f"{KEY}, run 2"
    assert "exit code" not in shown
    assert "waiting" not in shown


def test_why_of_a_job_that_is_too_late_names_its_state_and_no_place() -> None:
    late = Rejected(code="too_late", text="it was to be placed by noon", nodes=0)
    found = WhyView(id=KEY, state="open", waiting=[late])
    assert job_why.waiting(found) == ["the job is open:", "  it was to be placed by noon"]
    waits = found.model_copy(update={"place": 1, "queue": 2, "priority": 50})
    assert job_why.waiting(waits)[0] == "the job waits: place 1 of 2 in the queue, priority 50"
