"""An item's final vector from the final vectors of the users who chose it."""

from typing import NamedTuple

from jaxtyping import Float, Float64, Int
from torch import Tensor

from mmgraph.extension.linear import LinearMap
from mmgraph.extension.sums import counts, pair_sums


class Audience(NamedTuple):
    r"""A linear map of what LightGCN would sum up, users over the roots of both degrees, fitted on old items.

    .. math:: \mathbf a_i = \sum_{u \in N_i} \frac{\mathbf e_u}{\sqrt{d_u} \sqrt{n_i}}, \qquad
              \hat{\mathbf e}_i = \mathbf M \mathbf a_i + \mathbf b

    Its length grows with the root of the number of users, for that is how a model knows what is popular. A new item has
    few users because it is new: until it has as many as the median old item, :math:`\mathbf a_i` is taken at the length
    that this one's would have.

    Attributes:
        map: M and b.
        least: users of the median old item.
    """

    map: LinearMap
    least: Tensor

    @classmethod
    def fit(
        cls,
        user: Float[Tensor, "users dim"],
        item: Float[Tensor, "items dim"],
        edge_index: Int[Tensor, "2 edges"],
    ) -> "Audience":
        """Learns it from old items.

        Args:
            user: final vectors of the users.
            item: final vectors of the items.
            edge_index: who chose what, users over items.
        """
        weighed = weigh_users(user, edge_index)
        count = counts(edge_index[1], item.size(0))
        known = count > 0
        total = pair_sums(weighed, edge_index[0], edge_index[1], item.size(0))[known]
        seen = total / count[known].sqrt().unsqueeze(1)
        return cls(LinearMap.fit(seen, item[known]), count[known].median())

    def guess(
        self, total: Float64[Tensor, "items dim"], count: Float64[Tensor, " items"]
    ) -> Float64[Tensor, "items dim"]:
        """Items' vectors.

        Args:
            total: sums of their users' vectors, which :func:`weigh_users` has weighed.
            count: how many these are, at least 1.
        """
        length = count.clamp(min=float(self.least)).sqrt() / count
        return self.map(total * length.unsqueeze(1))


def weigh_users(user: Float[Tensor, "users dim"], edge_index: Int[Tensor, "2 edges"]) -> Float64[Tensor, "users dim"]:
    """Users' vectors over the root of their number of items."""
    degree = counts(edge_index[0], user.size(0)).clamp(min=1)
    return user.double() / degree.sqrt().unsqueeze(1)
