"""What ``mapped_features=true`` asks of a folder: features that stay in their files are read as they lie there."""

from collections.abc import Mapping, Sequence
from typing import Any

from mmgraph.datasets.features import Modality


def check_options(options: Mapping[str, Any], scalings: Mapping[str, Sequence[str]]) -> None:
    """Refuses what would have to write into the features.

    Args:
        options: those of the folder.
        scalings: of the modalities that are read.

    Raises:
        ValueError: a scaling or a k-core is asked for; names the option.
    """
    scaled = {name: list(steps) for name, steps in scalings.items() if set(steps) != {"raw"}}
    if scaled:
        raise ValueError(
            f"mapped_features=true leaves features in their files, so they cannot be scaled: features={scaled}; give "
            "features=raw (and scale the files once, with numpy, if a model wants that), or mapped_features=false"
        )
    if options["k_core"] is not None:
        raise ValueError(
            f"mapped_features=true reads row i as item i, and k_core={options['k_core']} numbers the items anew; "
            "prepare the core first (mmgraph-prepare ... k_core=), or set mapped_features=false"
        )


def check_complete(features: Mapping[str, Modality]) -> None:
    """Refuses rows that would have to be filled.

    Raises:
        ValueError: an item lacks a modality; names it.
    """
    for name, (_, has) in features.items():
        if has is not None:
            raise ValueError(
                f"mapped_features=true leaves features in their files, and {int((~has).sum())} of {len(has)} items "
                f"lack {name} (the first is row {int(has.argmin())}), whose rows would be filled: write rows for them "
                f"into {name}_feat.npy, or set mapped_features=false"
            )
