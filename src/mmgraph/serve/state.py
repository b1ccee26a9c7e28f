"""Endpoints on the service itself: health, readiness, metrics, what is served."""

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from mmgraph.serve.answering import Json
from mmgraph.serve.answers import Refusal, RunInfo, Status
from mmgraph.serve.service import service_of

router = APIRouter(tags=["service"])


@router.get("/health", summary="Whether the process answers", responses={200: {"model": Status}})
async def health() -> Json:
    """Whether the process answers."""
    return Json({"status": "ok"})


@router.get("/ready", summary="Whether a run is loaded", responses={200: {"model": Status}, 503: {"model": Refusal}})
async def ready(request: Request) -> Json:
    """Whether a run is loaded."""
    service_of(request).run()
    return Json({"status": "ready"})


@router.get("/run", summary="What is served", responses={200: {"model": RunInfo}})
async def run(request: Request) -> Json:
    """What is served, and what requests may ask for."""
    service = service_of(request)
    found = service.run()
    limits = {name: getattr(service.settings, name) for name in ("k_max", "batch_max", "body_max", "concurrency")}
    return Json(
        {
            "run": found.name,
            "users": len(found.users),
            "items": len(found.items),
            "about": dict(found.about),
            "limits": limits,
        }
    )


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """Counts and times for Prometheus."""
    return Response(service_of(request).metrics.text(), media_type=CONTENT_TYPE_LATEST)
