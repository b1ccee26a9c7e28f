"""The sum that training minimises, term by term."""

import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from torch import Tensor, nn

from mmgraph.losses.base import LossTerm, PairScorer
from mmgraph.typing import Encoding, Triplets, check_kind


class Objective(nn.Module):
    """Named, weighted loss terms; built from ``conf/loss``, or by hand: ``Objective(bpr=BPR(), reg=L2("final"))``.

    Args:
        terms: terms by name. Terms of weight 0 are never computed. Settings without a class (left over by ``tuned/``
            when another loss is chosen) are dropped with a warning. Nothing at all is allowed: closed-form models
            minimise nothing here.
        named: the same, as keywords.

    Attributes:
        idle: names of terms that can only be 0 with the views that were given, known from the first step.

    Raises:
        TypeError: if ``terms`` is no mapping, such as a term without a name.
        ValueError: if there are entries but no term of weight above 0, or an entry is neither a term nor settings.

    Example:
        >>> import torch
        >>> from mmgraph.losses import BPR, L2
        >>> class DotProduct:
        ...     def score_pairs(self, encoding, user_idx, item_idx):
        ...         return (encoding.user[user_idx] * encoding.item[item_idx]).sum(-1)
        >>> objective = Objective(bpr=BPR(base=2), reg=L2("final", weight=0))
        >>> one = torch.tensor([0])
        >>> objective(DotProduct(), Encoding(torch.ones(1, 2), torch.ones(3, 2)), Triplets(one, one, one))
        {'bpr': tensor(1.)}
    """

    def __init__(
        self, terms: Mapping[str, LossTerm | Mapping[str, Any]] = MappingProxyType({}), **named: LossTerm
    ) -> None:
        super().__init__()
        check_kind("terms", terms, Mapping, "of loss terms by name: Objective(bpr=BPR())")  # type: ignore[type-abstract]
        terms = {**terms, **named}
        wrong = {name: type(term).__name__ for name, term in terms.items() if not isinstance(term, LossTerm | Mapping)}
        if wrong:
            raise ValueError(f"terms {wrong} are not loss terms; give each a _target_ such as mmgraph.losses.BPR")
        leftovers = [name for name, term in terms.items() if isinstance(term, Mapping)]
        if leftovers:
            warnings.warn(f"loss terms {leftovers} have settings but no _target_; they are dropped", stacklevel=2)
        active = {name: term for name, term in terms.items() if isinstance(term, LossTerm) and term.weight > 0}
        if terms and not active:
            raise ValueError(f"no loss term is active: of {list(terms)} none has a _target_ and a weight above 0")
        self.terms = nn.ModuleDict(active)
        self.idle: set[str] = set()

    @property
    def groups(self) -> set[str]:
        """The parameter groups that some term is minimised by."""
        return {term.group for term in self._active()}

    @property
    def needs_all_rows(self) -> bool:
        """Whether some term reads the vectors of more nodes than those in the batch."""
        return any(term.needs_all_rows for term in self._active())

    def _active(self) -> list[LossTerm]:
        return [term for term in self.terms.values() if isinstance(term, LossTerm)]

    def forward(
        self, model: PairScorer, encoding: Encoding, batch: Triplets, *, group: str | None = None
    ) -> dict[str, Tensor]:
        """Weighted terms of one step.

        Args:
            model: gives the scores of pairs.
            encoding: what the model made of the step's graph.
            batch: the step's triplets, rows of that graph.
            group: only the terms that this parameter group minimises; None: all.

        Returns:
            Scalars by name; their sum is the loss.
        """
        named = zip(self.terms, self._active(), strict=True)
        chosen = {name: term for name, term in named if group in (None, term.group)}
        self.idle |= {name for name, term in chosen.items() if not term.can_act(encoding)}
        return {name: term.weight * term(model, encoding, batch) for name, term in chosen.items()}
