"""Packages that an extra of mmgraph brings: what to install where one is missing."""

_EXTRAS = {
    "joblib": "sweeps",
    "optuna": "optuna",
    "ray": "ray",
    "submitit": "submitit",
    "tensorboard": "tensorboard",
    "wandb": "wandb",
    "mlflow": "mlflow",
    "faiss": "search",
    "matplotlib": "evidence",
    "umap": "umap",
    "safetensors": "hub",
    "huggingface": "hub",
    "pyarrow": "hub",
    "duckdb": "prepare",
    "sklearn": "prepare",
    "threadpoolctl": "prepare",
    "PIL": "prepare",
    "transformers": "encoders",
    "sentence": "encoders",
    "timm": "encoders",
    "fastapi": "serve",
    "orjson": "serve",
    "prometheus": "serve",
    "swagger": "serve",
    "uvicorn": "serve",
}


def missing_package(name: str) -> str | None:
    """The message for a package, launcher or sweeper that is missing; None if no extra brings it.

    >>> missing_package("submitit_slurm")
    'submitit_slurm is not installed: pip install -e ".[submitit]"'
    >>> missing_package("os.path")
    """
    extra = _EXTRAS.get(name.partition(".")[0].partition("_")[0])
    return f'{name} is not installed: pip install -e ".[{extra}]"' if extra else None
