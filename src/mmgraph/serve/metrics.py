"""What Prometheus is shown."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

SEVERAL = "PROMETHEUS_MULTIPROC_DIR"
"""The folder through which several workers add up; prometheus_client reads it when it is imported."""
_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0)


class Metrics:
    """Requests by route and status, their times, refusals, loads of runs; of all workers together.

    Example:
        >>> metrics = Metrics()
        >>> metrics.answered("/recommend", 200, 0.003)
        >>> 'mmgraph_serve_requests_total{route="/recommend",status="200"} 1.0' in metrics.text().decode()
        True
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "mmgraph_serve_requests", "Requests answered.", ["route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "mmgraph_serve_request_seconds",
            "Time from a request's arrival at the application to its answer.",
            ["route"],
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._loads = Counter(
            "mmgraph_serve_run_loads", "Loads of a run, by outcome.", ["outcome"], registry=self._registry
        )
        self._loaded = Gauge(
            "mmgraph_serve_run_loaded_timestamp_seconds",
            "When the run that is served was loaded; of several workers, by the last one.",
            multiprocess_mode="max",
            registry=self._registry,
        )
        for outcome in ("done", "failed"):
            self._loads.labels(outcome)

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Counts a request."""
        self._requests.labels(route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def run_loaded(self, when: float) -> None:
        """Counts a run that is served from now on."""
        self._loads.labels("done").inc()
        self._loaded.set(when)

    def load_failed(self) -> None:
        """Counts a run that could not be loaded."""
        self._loads.labels("failed").inc()

    def text(self) -> bytes:
        """In Prometheus's text format."""
        if SEVERAL not in os.environ:
            return generate_latest(self._registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)
        return generate_latest(together)
