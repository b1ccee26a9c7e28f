"""What every answer is made with."""

from dataclasses import dataclass

from starlette.requests import Request

from mmgraph.reading.images import ImageFolder
from mmgraph.serve.answering import RefusedError
from mmgraph.serve.answers import ItemWriter
from mmgraph.serve.keeper import Keeper
from mmgraph.serve.metrics import Metrics
from mmgraph.serve.served import ServedRun
from mmgraph.serve.settings import Settings


@dataclass(frozen=True)
class Service:
    """Settings, the run that is served, pictures, metrics."""

    settings: Settings
    keeper: Keeper
    images: ImageFolder | None
    metrics: Metrics

    def run(self) -> ServedRun:
        """The run that is served now.

        Raises:
            RefusedError: if none is loaded: the application has not been started.
        """
        run = self.keeper.current
        if run is None:
            raise RefusedError(503, "no run is loaded yet: try again in a second")
        return run

    def writer(self, run: ServedRun, *, details: bool) -> ItemWriter:
        """Writes items of the run."""
        return ItemWriter(run, self.images, details=details)

    def check_k(self, name: str, value: int) -> None:
        """Refuses lists that are too long.

        Raises:
            RefusedError: for one.
        """
        if value > self.settings.k_max:
            raise RefusedError(422, f"{name} must be at most {self.settings.k_max} here; got {value}")

    def check_batch(self, size: int) -> None:
        """Refuses empty and large batches.

        Raises:
            RefusedError: for one.
        """
        if size == 0:
            raise RefusedError(422, "the request asks for no list: give users, or histories, or both")
        if size > self.settings.batch_max:
            most = self.settings.batch_max
            raise RefusedError(422, f"a request may ask for at most {most} lists here, got {size}; send several")


def service_of(request: Request) -> Service:
    """That of the application that a request has come to."""
    service: Service = request.app.state.service
    return service
