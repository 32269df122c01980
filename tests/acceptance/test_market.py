"""Clients, owners and their money: the commands as people use them, over a whole network."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from cli_samples import parsed
from market_samples import HOUR, Market, serving

from iog_client.amounts import IO

AWAY = {"IOG_ORCHESTRATOR_URL": "http://127.0.0.1:9"}
MOST = 13_888 * 60 + 2084
"""One GPU for a minute at 0.5 IO/h, and a quarter percent."""


def spent(job: dict[str, Any]) -> int:
    """Where a settled job's escrow went."""
    return sum(int(job[name]) for name in ("node_paid", "fees", "refunded"))


class Copied(NamedTuple):
    number: str
    before: int
    after: int
    out: str
    err: str


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Market]:
    with serving(tmp_path_factory.mktemp("market"), "node") as found:
        yield found


@pytest.fixture(scope="module")
def copied(served: Market) -> Copied:
    """A job that copied its input: number, what the client had before, and what was printed."""
    before = served.io("client")
    (served.folder / "data.txt").write_text("hello\n")
    command = "cat data.txt; sleep 2; mkdir out; cp data.txt out/copy.txt"
    file = served.job("copy", command, inputs="[data.txt]", outputs="[out/copy.txt]")
    done = served.client("job", "submit", file, "--wait", "--yes")
    assert done.returncode == 0, done.stderr
    number = str(served.client.json("job", "list")[0]["number"])
    return Copied(number, before, served.io("client"), done.stdout, done.stderr)


def test_what_does_not_fit_is_not_paid_and_the_refusal_is_on_record(served: Market) -> None:
    before = served.io("client")
    file = served.job("early", "true", resources="{class: b200}")
    line = served.client.refused(1, "job", "submit", file, "--yes")
    assert line == (
        "no node fits (1 node of another class); it would fit with resources.class: rtx-3070; "
        "nothing was opened, nothing paid"
    )
    planned = served.client("job", "plan", file, "--json")
    assert planned.returncode == 1
    assert parsed(planned.stdout)["quote"]["funded"] == str(MOST)
    [refused] = [job for job in served.client.json("job", "list") if job["name"] == "early"]
    assert (refused["state"], refused["address"], refused["funded"]) == ("refused", None, "0")
    assert served.client.json("job", "show", refused["id"])["name"] == "early"
    assert "there is nothing to cancel" in served.client.refused(1, "job", "cancel", refused["id"])
    assert served.io("client") == before


def test_a_job_runs_and_only_its_proven_seconds_are_paid(served: Market, copied: Copied) -> None:
    assert copied.out.startswith(f"hello\njob {copied.number}: completed, exit code 0; ")
    assert f"settled on {served.device}" in copied.err
    job = served.client.json("job", "show", copied.number)
    assert (job["state"], job["reason"], job["fault"]) == ("settled", "completed", "none")
    assert spent(job) == int(job["funded"]) == MOST
    assert job["proven_seconds"] >= 2
    assert copied.after == copied.before - MOST + int(job["refunded"])


def test_outputs_and_logs_are_fetched_as_they_were(served: Market, copied: Copied) -> None:
    fetched = served.client.json("job", "fetch", copied.number, "--out", "results")
    assert [each["path"] for each in fetched["files"]] == ["out/copy.txt"]
    assert (served.folder / "results/out/copy.txt").read_text() == "hello\n"
    assert served.client("job", "logs", copied.number).stdout == "hello\n"


def test_fetching_again_keeps_what_is_right_and_never_overwrites(
    served: Market, copied: Copied
) -> None:
    for _ in range(2):
        served.client.json("job", "fetch", copied.number, "--out", "again")
    (served.folder / "again/out/copy.txt").write_text("mine")
    line = served.client.refused(1, "job", "fetch", copied.number, "--out", "again")
    assert line == "again/out/copy.txt exists and is something else; --out names another folder"


def test_a_command_that_fails_is_the_clients_fault_and_exit_code_one(served: Market) -> None:
    file = served.job("fails", "echo bad; exit 7")
    done = served.client("job", "submit", file, "--wait", "--json")
    assert done.returncode == 1
    job = parsed(done.stdout)
    assert (job["reason"], job["fault"], job["exit_code"]) == ("command_failed", "client", 7)
    assert int(job["funded"]) == spent(job)


def test_a_cancelled_job_pays_its_proven_seconds_and_frees_the_node(served: Market) -> None:
    file = served.job("long", "sleep 50")
    opened = served.client.json("job", "submit", file, "--yes")
    number = opened["number"]
    served.wait_for(number, "running")
    time.sleep(2)
    job = served.client.json("job", "cancel", str(number))
    shown = served.client.json("job", "show", str(number))
    assert opened.keys() == job.keys() == shown.keys()
    for key in ("name", "max_runs", "created_at", "settled_at"):
        assert job[key] == shown[key]
    assert (opened["name"], opened["created_at"]) == ("long", shown["created_at"])
    assert (job["state"], job["reason"], job["fault"]) == ("settled", "cancelled", "client")
    assert job["proven_seconds"] >= 1
    assert int(job["funded"]) == spent(job)
    assert int(job["refunded"]) > MOST // 2
    line = served.client.refused(1, "job", "cancel", str(number))
    assert line == "the job is settled and cannot be cancelled"
    node = served.owner.json("node", "show", served.device)
    assert node["busy"] == 0


def test_a_cancel_behind_the_orchestrators_back_still_pays_the_node(served: Market) -> None:
    file = served.job("behind", "sleep 50")
    number = served.client.json("job", "submit", file, "--yes")["number"]
    served.wait_for(number, "running")
    time.sleep(3)
    done = served.client("job", "cancel", str(number), "--json", **AWAY)
    assert done.returncode == 0, done.stderr
    # The orchestrator may have settled it before the client has looked.
    if parsed(done.stdout)["state"] == "cancelled":
        assert "the refund follows once the node's last statement is in; after " in done.stderr
    job = served.wait_for(number, "settled")
    assert (job["reason"], job["fault"]) == ("cancelled", "client")
    assert 1 <= job["proven_seconds"] < 20
    assert int(job["node_paid"]) > 0
    assert int(job["funded"]) == spent(job)


def test_a_job_too_big_for_the_network_says_what_would_fit(served: Market) -> None:
    file = served.job("poor", "true", price="0.1 IO/h")
    line = served.client.refused(1, "job", "submit", file, "--yes")
    assert line == (
        "no node fits (1 node asking more than the price); it would fit with price: "
        "0.35 IO/h; nothing was opened, nothing paid"
    )


def test_a_wallet_that_cannot_pay_is_told_what_is_missing(served: Market) -> None:
    file = served.job("rich", "true", price="100 IO/h", duration="10h")
    before = served.io("client")
    line = served.client.refused(1, "job", "submit", file, "--yes")
    assert "the job's escrow takes 1002.49" in line
    assert line.endswith("IO are missing")
    assert served.io("client") == before


def test_what_belongs_to_another_wallet_is_not_shown(served: Market, copied: Copied) -> None:
    address = served.client.json("job", "show", copied.number)["address"]
    public = served.owner.json("job", "show", address)
    assert (public["name"], public["outputs"]) == ("", [])
    for command in ("logs", "fetch"):
        line = served.owner.refused(4, "job", command, address)
        assert line == "only the job's client may do that"
    line = served.owner.refused(4, "job", "cancel", address)
    assert line.startswith("the job belongs to ")


def test_a_stake_says_of_simulated_gpus_that_they_are(served: Market) -> None:
    [staked] = served.owner.json("stake", "show")
    assert (staked["device"], staked["simulated"]) == (served.device, True)
    away = served.owner("stake", "show", "--json", **AWAY)
    assert parsed(away.stdout) == [{**staked, "simulated": None}]
    assert "so this is what the chain knows" in away.stderr


@pytest.mark.parametrize(
    ("code", "words", "line"),
    [
        (3, ["job", "show", "99"], "job 99 of this wallet: there is no job"),
        (2, ["job", "show", "nonsense"], "`nonsense` is not a job: an address or your job's"),
        (3, ["job", "logs", "99"], "job 99 of this wallet: there is no job"),
        (3, ["job", "submit", "none.yaml"], "none.yaml: there is no such file"),
        (2, ["job", "plan", "network.json"], "network.json: duration: missing; accepted: a time"),
        (2, ["job", "submit", ".", "--yes"], ".: Is a directory"),
        (2, ["node", "show", "x"], "`x` is not an address of a device"),
        (2, ["node", "register", "network.json"], "network.json is not a registration"),
        (1, ["node", "register", "node/registration.json"], "the node "),
        (2, ["node", "register", "node/registration.json", "--ask", "0"], "`0` names no time"),
        (2, ["stake", "add", "x"], "say either a DEVICE and an AMOUNT"),
        (2, ["stake", "add", "x", "1 IO"], "`x` is not an address of a device"),
        (2, ["reward", "verify"], "missing option '--hour'"),
        (3, ["reward", "verify", "--hour", "175200"], "http"),
        (2, ["reward", "verify", "--hour", "1", "--from", "none"], "`none` is neither a folder"),
        (2, ["reward", "claim", "--for", "x"], "`x` is not an address"),
        (2, ["reward", "show", "x"], "`x` is not an address"),
    ],
)
def test_bad_input_is_refused_in_one_line(
    served: Market, code: int, words: list[str], line: str
) -> None:
    assert served.owner.refused(code, *words).startswith(line)


def test_with_the_orchestrator_away_no_money_moves(served: Market, copied: Copied) -> None:
    before = served.io("client")
    file = served.job("away", "true")
    for command in ("submit", "plan"):
        line = served.client.refused(5, "job", command, file, **AWAY)
        assert line.startswith("http://127.0.0.1:9 is not reachable")
    assert served.io("client") == before
    shown = served.client("job", "show", copied.number, "--json", **AWAY)
    assert parsed(shown.stdout)["reason"] == "completed"
    listed = served.client("job", "list", "--json", **AWAY)
    assert "completed" in [job["reason"] for job in parsed(listed.stdout)]


def test_an_hour_is_earned_claimed_and_verified_from_files_alone(served: Market) -> None:
    end = time.monotonic() + 8 * HOUR
    while not (claimable := int(served.owner.json("reward", "show")["claimable"])):
        assert time.monotonic() < end, "no hour was earned"
        time.sleep(1)
    before, published = served.io("owner"), str(served.folder / "db/hours")
    done = served.owner("reward", "claim", "--from", published, "--json", **AWAY)
    assert done.returncode == 0, done.stderr
    claimed = parsed(done.stdout)
    assert int(claimed["claimed"]) >= claimable > 0
    assert served.io("owner") == before + int(claimed["claimed"])
    verified = served.owner.json("reward", "verify", "--hour", str(claimed["epoch"]))
    assert (verified["holds"], verified["anchored"]) == (True, True)
    first = served.owner.json("reward", "verify", "--hour", "1", "--from", published)
    assert first["summary"].startswith("hour 1 holds, and its hash is on chain through hour ")


def test_the_doctors_find_nothing_broken_in_a_network_that_works(served: Market) -> None:
    record = str(served.folder / "network.json")
    looked = {
        "client": served.owner.json("doctor"),
        "node": served.owner.json("node", "doctor", "--folder", "node"),
        "orchestrator": served.owner.json(
            "orchestrator", "doctor", "--network", record, "--db", "db"
        ),
    }
    broken = [one for found in looked.values() for one in found if one["state"] != "ok"]
    assert [(one["check"], one["state"]) for one in broken if one["state"] != "doubt"] == []
    said = {one["check"]: one["said"] for one in looked["node"]}
    assert said["GPUs"] == "2xrtx-3070, simulated"
    assert said["worker"] == "a worker runs this node now"
    said = {one["check"]: one["said"] for one in looked["orchestrator"]}
    assert said["folder"].endswith("in use by an orchestrator")
    assert said["fees"].startswith("the matcher holds ")


def test_a_doctor_ends_with_1_and_names_what_is_broken(served: Market) -> None:
    done = served.owner("doctor", **AWAY)
    assert done.returncode == 1
    assert "FAIL  orchestrator        http://127.0.0.1:9 is not reachable" in done.stdout
    assert done.stdout.endswith("1 of 11 checks failed\n")


def test_a_node_that_nobody_registered_is_told_how(served: Market) -> None:
    owner = str(served.keys["owner"].pubkey())
    served.owner("node", "init", "--owner", owner, "--folder", "new", "--simulate", "1xrtx-3070")
    done = served.owner("node", "doctor", "--folder", "new")
    assert done.returncode == 1
    assert "FAIL  registration" in done.stdout
    assert "/new/registration.json`, where the owner's wallet is\n" in done.stdout


def test_a_registered_node_keeps_its_gpus(served: Market) -> None:
    owner = str(served.keys["owner"].pubkey())
    usual = ("node", "init", "--owner", owner, "--folder", "node", "--simulate")
    for change in ((), ("--change",)):
        done = served.owner(*usual, "1xt4", *change)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"which {owner} has registered with 2x rtx-3070: its GPUs stay so" in done.stderr
    done = served.owner(*usual, "2xrtx-3070")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing changed: " in done.stdout


def test_an_api_key_reads_for_its_wallet_until_it_is_revoked(
    served: Market, copied: Copied
) -> None:
    made = served.client.json("key", "create", "dashboard", "--expires", "10m")
    assert (made["scope"], made["name"]) == ("read", "dashboard")
    job = served.client.json("job", "show", copied.number)["address"]
    asked = httpx.Request(
        "GET",
        f"{served.url}/v1/jobs/{job}/logs",
        headers={"Authorization": f"Bearer {made['key']}"},
    )
    with httpx.Client(trust_env=False) as http:
        assert http.send(asked).text == "hello\n"
        shown = served.client("key", "list").stdout
        assert made["id"] in shown
        assert made["key"] not in shown
        served.client.json("key", "revoke", made["id"])
        refused = http.send(asked)
    assert (refused.status_code, refused.json()["code"]) == (401, "not_signed")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "x", "--scope", "all"), "--scope is `all`; read and submit are accepted"),
        (("create", "x", "--expires", "1s"), "--expires is 1s; a minute to 366 days is good"),
        (("create", ""), "the name of a key has 1 to 60 letters and no control characters"),
        (("revoke", "x"), "`x` is not the id of an API key, twelve letters 0-9 and a-f"),
    ],
)
def test_bad_words_about_api_keys_are_refused(
    served: Market, arguments: tuple[str, ...], said: str
) -> None:
    assert served.client.refused(2, "key", *arguments) == said


def test_a_published_hour_that_was_changed_is_caught(served: Market, tmp_path: Path) -> None:
    hour = served.owner.json("reward", "show")["epoch"]
    shutil.copytree(served.folder / "db/hours", tmp_path / "hours")
    file = tmp_path / f"hours/hour-{hour:06}.json"
    text = file.read_text()
    total = json.loads(text)["total"]
    file.write_text(text.replace(f'"total":{total}', f'"total":{total + 1}'))
    words = ("reward", "verify", "--hour", str(hour), "--from", str(tmp_path / "hours"))
    done = served.owner(*words)
    assert done.returncode == 1
    assert done.stdout.startswith(f"total is {total + 1} in the file, {total} recomputed\n")
    assert f"hour {hour} does not hold: " in done.stdout


def test_submits_of_one_wallet_at_the_same_moment_all_get_a_number(served: Market) -> None:
    names = [f"beside-{one}" for one in range(3)]
    files = [served.job(name, f"echo {name} > out") for name in names]
    started = [served.start("job", "submit", file, "--yes", "--queue") for file in files]
    assert [one.wait(90) for one in started] == [0, 0, 0]
    end = time.monotonic() + 90
    while True:
        mine = [job for job in served.owner.json("job", "list") if job["name"] in names]
        if all(job["state"] == "settled" for job in mine):
            break
        assert time.monotonic() < end
    assert {job["name"] for job in mine} == set(names)
    assert {job["reason"] for job in mine} == {"completed"}


def test_leaving_a_wait_leaves_the_job_running(served: Market) -> None:
    process = served.start("job", "submit", served.job("left", "sleep 25"), "--wait", "--yes")
    end = time.monotonic() + 90
    while not (mine := [job for job in served.owner.json("job", "list") if job["name"] == "left"]):
        assert time.monotonic() < end
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    while (job := served.owner.json("job", "show", str(mine[0]["number"])))["state"] != "settled":
        assert time.monotonic() < end
    assert job["reason"] == "completed"


def test_an_hour_of_a_co_staked_node_pays_both_wallets(served: Market) -> None:
    served.co_stake(50 * IO, 2_500)
    node, client = served.shown(), str(served.keys["client"].pubkey())
    assert (node["costaker"], node["costake"]) == (client, 50 * IO)
    hour, end = node["costake_from_hour"], time.monotonic() + 12 * HOUR
    while not (published := served.published(hour)):
        assert time.monotonic() < end, f"hour {hour} was not closed"
        time.sleep(1)
    before = served.published(hour - 1)
    assert before is not None
    assert client not in dict(before.leaves)
    [shared] = [one for one in published.nodes if one.device == served.device]
    assert (shared.reasons, shared.costaker, shared.costake_share_bps) == ((), client, 2_500)
    assert dict(published.leaves)[client] == shared.granted * 2_500 // 10_000 > 0
    folder = str(served.folder / "db/hours")
    verified = served.owner.json("reward", "verify", "--hour", str(hour), "--from", folder)
    assert verified["holds"] is True


def test_the_run_of_a_killed_worker_is_carried_out_by_another_node(served: Market) -> None:
    workers = {served.device: served.worker}
    served.join("second")
    workers[served.device] = served.worker
    file = served.job("retried", "echo begun; sleep 8; echo done")
    number = served.client.json("job", "submit", file, "--yes")["number"]
    first = served.wait_for(number, "running")["device"]
    workers[first].kill()
    job = served.wait_for(number, "settled")
    assert (job["reason"], job["run"], job["max_runs"]) == ("completed", 2, 3)
    assert job["device"] != first
    assert [(run["device"], run["state"], run["reason"]) for run in job["runs"]] == [
        (first, "released", "node_lost"),
        (job["device"], "ended", "completed"),
    ]
    assert 8 <= job["proven_seconds"] < 20
    assert spent(job) == int(job["funded"])
    assert served.client("job", "logs", str(number)).stdout.endswith("begun\ndone\n")
    shown = served.client("job", "show", str(number)).stdout
    assert f"run 1 on {first}: node_lost" in shown
    assert served.owner.json("node", "show", first)["busy"] == 0


def test_a_delegate_runs_a_job_with_the_wallets_io(served: Market) -> None:
    delegate, wallet = (str(served.keys[name].pubkey()) for name in ("owner", "client"))
    limits = ("--per-job", "0.1 IO", "--per-day", "0.1 IO")
    served.client.json("delegate", "set", delegate, *limits)
    before = served.io("client")
    file = served.job("delegated", "echo hello; sleep 2")
    done = served.owner("job", "submit", file, "--for", wallet, "--wait", "--yes")
    assert done.returncode == 0, done.stderr
    assert "hello" in done.stdout
    newest = served.client.json("job", "list")[0]
    assert (newest["name"], newest["client"], newest["state"]) == ("delegated", wallet, "settled")
    paid = int(newest["node_paid"]) + int(newest["fees"])
    assert paid > 0
    assert served.io("client") == before - paid
    [shown] = served.client.json("delegate", "show")["delegates"]
    assert shown["spent"] == newest["funded"]
    file = served.job("dear", "true", price="1000 IO/h")
    said = served.owner.refused_last(1, "job", "submit", file, "--for", wallet, "--yes")
    assert said.startswith("the job takes ")
    served.client.json("delegate", "close", delegate)
