"""The end of a run as its worker tells it: checked, and stored before anything is made of it."""

from iog_client.protocol import Ended, result_hash
from iog_client.reasons import EndReason
from iog_orchestrator.core.context import Context
from iog_orchestrator.domain.errors import RequestRefused
from iog_orchestrator.domain.jobs import ChainJob, Input, Run, RunEnd

MAX_METRICS = 100


async def take_end(context: Context, job: ChainJob, frame: Ended) -> None:
    """Store how a run ended. Its outputs become the client's to read once the chain knows it.

    Raises:
        RequestRefused: a reason a device cannot give, a hash that is not the result's, an output
        that
            was not uploaded.
    """
    _check_reason(frame)
    if frame.result_hash != result_hash(frame.reason, frame.exit_code, frame.outputs, frame.image):
        raise RequestRefused("the result hash is not that of reason, exit code, outputs and image")
    if len(frame.metrics) > MAX_METRICS:
        raise RequestRefused(f"{len(frame.metrics)} metrics; at most {MAX_METRICS} are accepted")
    store = context.ports.store
    for output in frame.outputs:
        size = context.ports.blobs.size(output.sha256)
        if size is None or not await store.granted(job.device, output.sha256):
            raise RequestRefused(f"the output {output.path} was not uploaded by this device")
        if size != output.size:
            raise RequestRefused(f"the output {output.path} has {size} bytes, not {output.size}")
    stored = await store.run(job.address, job.run) or Run(job.address, job.run, job.device)
    if stored.end is not None:
        # What was said first may be signed already.
        return
    end = RunEnd(
        reason=frame.reason,
        exit_code=frame.exit_code,
        outputs=tuple(Input(one.path, one.sha256, one.size) for one in frame.outputs),
        metrics=dict(frame.metrics),
        seconds=frame.seconds,
        result_hash=frame.result_hash,
        image=frame.image,
    )
    await store.put_run(Run(job.address, job.run, job.device, "ended", stored.detail, end))
    await give_outputs(context, job)
    context.changed.open()


async def give_outputs(context: Context, job: ChainJob) -> None:
    """Let the client, and the delegate that opened the job, read the outputs of a run that its
    device has ended on chain.

    Not before: a client that has its results already could still cancel the job.
    """
    if not EndReason(job.reason).from_device:
        return
    run = await context.ports.store.run(job.address, job.run)
    if run is not None and run.end is not None:
        hashes = [one.sha256 for one in run.end.outputs]
        for key in {job.client, job.payer}:
            await context.ports.store.grant(key, hashes)


def _check_reason(frame: Ended) -> None:
    try:
        reason = EndReason.from_label(frame.reason)
    except KeyError as error:
        raise RequestRefused(f"`{frame.reason}` is not an end reason") from error
    # a cancelled run's worker may say so; the chain knows it already
    if not reason.from_device and reason is not EndReason.CANCELLED:
        raise RequestRefused(f"a device cannot end a run as {frame.reason}")
