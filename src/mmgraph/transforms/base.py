"""What the transforms share."""

from torch_geometric.transforms import BaseTransform

from mmgraph.representation import settings_text


class GraphTransform(BaseTransform):
    """PyG's transform, which shows its settings."""

    def __repr__(self) -> str:
        """Its settings."""
        return f"{type(self).__name__}({settings_text(self)})"
