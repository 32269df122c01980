"""What Prometheus reads at /metrics: gauges over the core's state, computed when asked, and what
the instruments counted and timed."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from iog_orchestrator.adapters.instruments import Instruments
from iog_orchestrator.core.daemon import Core
from iog_orchestrator.core.reconcile import KINDS
from iog_orchestrator.domain.jobs import JobState


class Metrics(Collector):
    """A collector over one core, in the instruments' registry."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, core: Core, instruments: Instruments) -> None:
        self._core = core
        self._registry = instruments.registry
        self._registry.register(self)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self._registry)

    def close(self) -> None:
        """Another core's gauges may take the place of these."""
        self._registry.unregister(self)

    def collect(self) -> Iterable[Metric]:
        yield from self._nodes()
        yield from self._jobs()
        yield from self._hours()
        yield _labelled(
            "iog_mismatches",
            "Differences between chain, workers and database that stand, by kind",
            "kind",
            {kind: self._core.reconcile.standing[kind] for kind in KINDS},
        )

    def _nodes(self) -> Iterable[Metric]:
        core, fleet = self._core, self._core.context.fleet
        ready = [one for one in fleet.all() if one.ready]
        counts = {
            "registered": len(core.context.known.nodes),
            "connected": len(core.agents.sessions),
            "ready": len(ready),
        }
        yield _labelled("iog_nodes", "Nodes by what is known of them", "is", counts)
        braked = core.agents.brake.reason is not None
        yield GaugeMetricFamily("iog_degraded", "1 while too many nodes vanished at once", braked)
        free = sum(max(0, fleet.free(one.device)) for one in ready)
        total = sum(one.gpus for one in ready)
        gpus = {"free": free, "taken": total - free}
        yield _labelled("iog_gpus", "GPUs of nodes that are ready, by their use", "is", gpus)

    def _jobs(self) -> Iterable[Metric]:
        known = self._core.context.known
        # a state that no job is in is 0, and not away
        states = Counter({one.label: 0 for one in JobState if not one.is_final})
        states.update(one.state.label for one in known.jobs.values())
        yield _labelled("iog_jobs", "Jobs that are not settled", "state", states)
        escrow = sum(one.funded for one in known.jobs.values())
        yield GaugeMetricFamily("iog_escrow_base_units", "IO held for these jobs", escrow)

    def _hours(self) -> Iterable[Metric]:
        core, known = self._core, self._core.context.known
        yield GaugeMetricFamily("iog_hour_running", "Number of the hour running", core.context.hour)
        closed = core.statements.closed_hour
        yield GaugeMetricFamily("iog_hour_closed", "Number of the last closed hour", closed)
        epoch = max(known.distributor.epoch, known.distributor.pending_epoch)
        yield GaugeMetricFamily("iog_root_epoch", "Epoch of the newest root on chain", epoch)
        ports = core.context.ports
        lead = ports.chain_clock.now() - ports.clock.wall()
        yield GaugeMetricFamily(
            "iog_chain_clock_lead_seconds", "Chain's clock ahead of this machine's", lead
        )
        yield GaugeMetricFamily(
            "iog_matcher_lamports", "SOL of the matcher, who pays the fees", known.lamports
        )


def _labelled(name: str, text: str, label: str, values: "dict[str, int] | Counter[str]") -> Metric:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
