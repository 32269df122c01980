"""End reasons are those of iog_jobs, to the last column."""

import json
from pathlib import Path

from iog_client.reasons import EndReason

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "end_reasons.json").read_text())


def test_the_table_is_that_of_the_program() -> None:
    ours = [
        {
            "code": int(reason),
            "name": reason.label,
            "fault": reason.fault,
            "pays": reason.pays,
            "device": reason.from_device,
        }
        for reason in EndReason
    ]
    assert ours == sorted(VECTORS, key=lambda row: row["code"])
