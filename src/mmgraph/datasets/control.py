"""What a run may change in the features of the items, to show what they bring."""

import copy
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64

from mmgraph.datasets.features import Modality

Features = Mapping[str, Modality]


class Control:
    """What a run changes in the items' features, to show what they bring; interactions and split stay as they are.

    This one changes nothing. It is applied by :meth:`mmgraph.datasets.base.InteractionDataset.controlled`.

    Args:
        modalities: which; ``None`` for all.
        seed: of what is drawn; ``None``: that of the run (:meth:`seeded`).

    Raises:
        ValueError: if ``modalities`` are no list of names, or ``seed`` is negative.
    """

    fill: str | None = None
    """What items without a modality get, in the place of what the data set gives them; ``None``: nothing else."""
    draws: bool = True
    """Whether anything in it is drawn."""

    def __init__(self, *, modalities: Sequence[str] | None = None, seed: int | None = None) -> None:
        if isinstance(modalities, str) or modalities == []:
            given = f"[{modalities}]" if modalities else "[text]"
            raise ValueError(f"modalities={modalities!r}: give a list, as in {given}, or null for all")
        if seed is not None and seed < 0:
            raise ValueError(f"seed={seed}: must be at least 0")
        self.modalities = modalities
        self.seed = seed

    def seeded(self, seed: int) -> "Control":
        """The control with this seed, unless it has one."""
        chosen = copy.copy(self)
        chosen.seed = seed if self.draws and self.seed is None else self.seed
        return chosen

    def names(self, found: Sequence[str]) -> list[str]:
        """Which of the modalities that are there it changes.

        Raises:
            ValueError: if one is not there, or none at all.
        """
        wanted = list(found) if self.modalities is None else list(self.modalities)
        if unknown := [name for name in wanted if name not in found]:
            raise ValueError(f"control.modalities: unknown {unknown}; the items have {list(found)}")
        if not wanted:
            raise ValueError("control: the items have no modality that could be changed; control=none leaves them")
        return wanted

    def before_scaling(self, features: Features, degree: Int64[np.ndarray, " items"]) -> dict[str, Modality]:
        """The features as they are read, with what it takes from them.

        Args:
            features: by modality.
            degree: train interactions of the items.
        """
        return dict(features)

    def after_scaling(self, features: Features) -> dict[str, Modality]:
        """The features that models see, but for rows that are filled by neighbours' afterwards."""
        return dict(features)

    def record(self, found: Sequence[str]) -> dict[str, Any]:
        """Its kind, modalities and settings, for reports.

        Example:
            >>> from mmgraph.datasets import Shuffle
            >>> Shuffle(seed=1).record(["audio", "text"])
            {'kind': 'shuffle', 'modalities': ['audio', 'text'], 'seed': 1}
        """
        settings = {name: value for name, value in vars(self).items() if name != "modalities" and value is not None}
        return {"kind": type(self).__name__.lower(), "modalities": self.names(found), **settings}

    def describe(self, found: Sequence[str]) -> str:
        """The same in a line.

        Example:
            >>> from mmgraph.datasets import Missing
            >>> Missing(rate=0.3, seed=0).describe(["text"])
            'control missing of text (rate 0.3, by random, seed 0)'
        """
        record = self.record(found)
        kind, names = record.pop("kind"), record.pop("modalities")
        settings = ", ".join(f"{name} {value}" for name, value in record.items())
        return f"control {kind} of {', '.join(names)}" + (f" ({settings})" if settings else "")

    def generator(self, name: str = "") -> np.random.Generator:
        """Draws of this seed; each modality has its own."""
        return np.random.default_rng([self.seed or 0, zlib.crc32(name.encode())])
