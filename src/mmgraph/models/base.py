"""What every model is: a function of a graph."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping

import torch.nn.functional as F
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch_geometric.data import HeteroData

from mmgraph.models.scoring import InnerProduct, Scorer
from mmgraph.nn import FeatureTables, Resettable, check_edges, edge_rows, redraw_, table_rows, xavier_uniform
from mmgraph.representation import settings_text
from mmgraph.typing import EdgeType, Encoding, Sides, Triplets


class Recommender(Resettable, ABC):
    """A model keeps parameters and sizes, never the graph: the same one runs on all of it, a pruned one or a subgraph.

    Only :meth:`forward` must be written. The constructor receives the graph for its sizes:
    ``conf/model/<name>.yaml`` is ``_partial_: true`` and is completed with it.

    Args:
        graph: the message graph (no labels): number of users and items, features, edge types.
        reads: the edge types beside the interactions that :meth:`forward` reads with the settings at hand.

    Raises:
        ValueError: if the graph lacks one of them; names the word that draws it; or if its interactions lie in files
            and the model would have them in memory.
    """

    needs_modalities: bool = False
    """Whether items must have features, ``x_<name>`` of at least one modality."""
    projects_features: bool = False
    """Whether features are only projected, by :class:`~mmgraph.nn.FeatureLinear`: they may be in half precision, and in
    a file that memory does not hold. Else a model may copy, normalise or train them."""
    cost: str = "medium"
    """What an epoch takes, for people who choose: see :class:`mmgraph.pipeline.catalog.ModelInfo`."""
    needs_full_graph: bool = False
    """True where an equation sums over all nodes, so that a sampled subgraph would change its meaning."""
    num_hops: int | None = None
    """How many edges away the farthest node is that a final vector depends on: rounds of propagation, plus those on
    graphs of items or users that come after them; 0: a node on its own. None: unknown; ``loader=neighbor`` refuses."""
    num_graph_hops: int = 0
    """How many of these hops, the first ones, may follow edges within one node type (kNN, co-interaction graphs)."""
    reads_edge_rows: bool = False
    """Whether :meth:`forward` reads interactions by :mod:`mmgraph.nn` alone, which reads those in files too; a model
    without hops reads none."""
    divides_by_rows: bool = False
    """Whether :meth:`forward` is right where a process has only some rows of users and items: what it makes of a node
    comes from the node's own rows, from parameters that are no tables, and from neighbours by the propagation of
    :mod:`mmgraph.nn`; and scores are products of final vectors (``trainer.partition``)."""
    _draw_table: Callable[[int, int], nn.Parameter] | None = None

    encodes_new_nodes: bool = False
    """Whether :meth:`forward` makes of a new node's interactions all that scores need of it, or all but rows of tables.
    Else what new users and items are is inferred from the final vectors of old ones (:mod:`mmgraph.extension`), which
    is right wherever scores hang on the two vectors alone."""
    bound_to_nodes: str = ""
    """Why :meth:`forward` cannot run on a graph with more users or items, where it cannot."""
    entangled: str = ""
    """Why a modality's branch cannot be taken out of the trained model exactly, where it cannot."""

    def __init__(self, graph: HeteroData, *, reads: Iterable[EdgeType] = ()) -> None:
        super().__init__()
        self.check_interactions(graph)
        self.reads = tuple(reads)
        check_edges(graph, self.reads)
        self.num_users = int(graph["user"].num_nodes)
        self.num_items = int(graph["item"].num_nodes)

    @classmethod
    def check_interactions(cls, graph: HeteroData) -> None:
        """Refuses a graph whose interactions lie in files where the model needs them in memory.

        Raises:
            ValueError: names what to do.
        """
        if edge_rows(graph) is not None and cls.num_hops != 0 and not cls.reads_edge_rows:
            raise ValueError(
                f"dataset.interactions=mapped: {cls.__name__} reads interactions that are in memory, and these lie in "
                "files; take dataset.interactions=memory, or a model that reads them row by row or not at all "
                "(lightgcn, simgcl, mf_bpr, vbpr)"
            )

    def extra_repr(self) -> str:
        """Its sizes and settings, for ``print``."""
        sizes = f"{self.num_users:,} users, {self.num_items:,} items"
        settings = settings_text(self)
        return f"{sizes}, {settings}" if settings else sizes

    @abstractmethod
    def forward(self, graph: HeteroData) -> Encoding:
        """Encodes the users and items of ``graph``; reads what is in the graph, nothing that was kept from before."""

    def training_graph(self, graph: HeteroData, epoch: int) -> HeteroData:
        """The graph one epoch trains on: pruned, augmented, rebuilt. Called once an epoch, without gradients."""
        return graph

    def inference_graph(self, graph: HeteroData) -> HeteroData:
        """The graph to rank with: a function of ``graph`` and the weights, never of the training that came before."""
        return graph

    def scorer(self) -> Scorer:
        """How its scores come from an encoding, for whoever keeps that; the inner product unless a model overrides it.

        A model that overrides :meth:`score` and not this one is needed itself, with its graph, whenever it ranks.
        """
        return InnerProduct()

    def score(self, encoding: Encoding, user_idx: Int[Tensor, " batch"]) -> Float[Tensor, "batch items"]:
        """Scores of every item for each user of ``user_idx``, by :meth:`scorer`."""
        return self.scorer().score(encoding, user_idx)

    def score_pairs(
        self, encoding: Encoding, user_idx: Int[Tensor, " batch"], item_idx: Int[Tensor, " batch *n"]
    ) -> Float[Tensor, " batch *n"]:
        """Scores of given pairs, ``item_idx`` being ``(B,)`` or ``(B, n)``: what a ranking loss needs of them."""
        user = F.embedding(user_idx, encoding.user)
        item = F.embedding(item_idx, encoding.item)
        if item_idx.dim() == 2:
            user = user.unsqueeze(1)
        return (user * item).sum(-1)

    def fit_closed_form(self, graph: HeteroData) -> bool:
        """Fits without epochs; returns True if that is all the training there is."""
        return False

    def leave_out(self, name: str, dims: Mapping[str, int]) -> None:
        """Takes out what a modality's branch has beside the parts that bear its name, which are gone already.

        Nothing, unless a model overrides it: one whose parameters have a column or an entry for each modality.

        Args:
            name: the modality.
            dims: sizes of all modalities' features in their order, this one among them.
        """

    def node_tables(self) -> dict[str, str]:
        """The parameters that have a row for each user or item, by name: ``"user"`` or ``"item"``.

        Those of :meth:`make_tables` and features that are trained, unless a model that divides by rows overrides it.
        """
        found = {f"{side}_table": side for side in ("user", "item")}
        for name, part in self.named_modules():
            if isinstance(part, FeatureTables):
                found |= {f"{name}.{key}": "item" for key in part}
        return {name: side for name, side in found.items() if name in dict(self.named_parameters())}

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """The parameters by who minimises what: each group has an optimiser, and follows the loss terms of its name.

        In a step the groups move one after the other in this order, from the same encoding; a group's terms see what
        those before it have become.
        """
        return {"main": list(self.parameters())}

    def parameters_without(self, part: nn.Module) -> list[nn.Parameter]:
        """All parameters but those of one part, which a group of its own minimises."""
        own = {id(parameter) for parameter in part.parameters()}
        return [parameter for parameter in self.parameters() if id(parameter) not in own]

    def group_batches(self, graph: HeteroData, group: str, epoch: int) -> Iterable[Triplets] | None:
        """The steps that a parameter group takes by itself before the epoch's graph is drawn, on the whole ``graph``.

        None, as it is unless a model overrides it: the group takes part in every step of the loader.
        """
        return None

    rows = staticmethod(table_rows)

    def make_tables(self, emb_dim: int, *, draw: Callable[[int, int], nn.Parameter] = xavier_uniform) -> None:
        """Makes the free vectors of all users, then those of all items: ``user_table`` and ``item_table``.

        Args:
            emb_dim: their size.
            draw: gives a table of so many rows and columns.
        """
        self._draw_table = draw
        self.user_table = draw(self.num_users, emb_dim)
        self.item_table = draw(self.num_items, emb_dim)

    def reset_parameters(self) -> None:
        """Draws all parameters anew, in place: the tables, then the parts in the order in which they were made.

        Running statistics are forgotten too, and features that are trained get their given values again. From one state
        of torch's generator this is a newly made model; draws are made where the parameters lie, on a GPU by its
        generator.

        Raises:
            NotImplementedError: if a part has parameters and no ``reset_parameters``, or the model parameters of its
                own and no :meth:`draw_parameters`.
        """
        self.draw_tables()
        super().reset_parameters()

    def draw_tables(self) -> None:
        """Draws what :meth:`make_tables` made anew; nothing where a model has no such tables."""
        if self._draw_table is not None:
            redraw_(self.user_table, self._draw_table)
            redraw_(self.item_table, self._draw_table)

    def draw_parameters(self) -> None:
        """Draws the parameters that belong to the model itself, but for the tables; a model that has any overrides it.

        Raises:
            NotImplementedError: if there are any.
        """
        tables = {"user_table", "item_table"} if self._draw_table else set()
        own = [name for name, _ in self.named_parameters(recurse=False) if name not in tables]
        if own:
            raise NotImplementedError(
                f"{type(self).__name__} has parameters of its own, {own}, which nothing draws anew: draw them in its "
                "draw_parameters, or all parameters in its reset_parameters"
            )

    def ego(self, graph: HeteroData) -> Sides:
        """The free vectors of the users and items in ``graph``: their rows of the two tables."""
        return Sides(self.rows(self.user_table, graph["user"]), self.rows(self.item_table, graph["item"]))


def item_features(graph: HeteroData, trained: nn.ParameterDict | None = None) -> dict[str, Tensor]:
    """The items' modalities by name: every ``x_<name>`` of the item store, ``(I, d_name)`` each.

    Args:
        graph: whose items.
        trained: tables of all items that stand in for the features of these names; none by default.

    >>> from torch_geometric.data import HeteroData
    >>> import torch
    >>> graph = HeteroData(item={"x_text": torch.zeros(2, 3), "degree": torch.ones(2)})
    >>> {name: tuple(x.shape) for name, x in item_features(graph).items()}
    {'text': (2, 3)}
    """
    given = {key[2:]: value for key, value in graph["item"].items() if key.startswith("x_")}
    return given | {name: table_rows(table, graph["item"]) for name, table in (trained or {}).items()}
