"""What Prometheus reads at /metrics: gauges over the core's state, computed when asked."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from iog_orchestrator.core.daemon import Core


class Metrics(Collector):
    """A collector over one core, with its own registry."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, core: Core) -> None:
        self._core = core
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        known, core = self._core.context.known, self._core
        nodes = GaugeMetricFamily("iog_nodes", "Nodes by what is known of them", labels=["is"])
        nodes.add_metric(["registered"], len(known.nodes))
        nodes.add_metric(["connected"], len(core.agents.sessions))
        ready = sum(one.ready for one in core.context.fleet.all())
        nodes.add_metric(["ready"], ready)
        yield nodes
        jobs = GaugeMetricFamily("iog_jobs", "Jobs that are not settled", labels=["state"])
        for state, count in Counter(one.state.label for one in known.jobs.values()).items():
            jobs.add_metric([state], count)
        yield jobs
        yield GaugeMetricFamily("iog_hour_running", "Number of the hour running", core.context.hour)
        yield GaugeMetricFamily(
            "iog_hour_closed", "Number of the last closed hour", core.statements.closed_hour
        )
        yield GaugeMetricFamily(
            "iog_root_epoch",
            "Epoch of the newest root on chain",
            max(known.distributor.epoch, known.distributor.pending_epoch),
        )
