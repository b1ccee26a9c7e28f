"""The largest tensor that a computation makes."""

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class Largest(TorchDispatchMode):
    """Watches while it is entered.

    Args:
        known: tensors that are there already; views of them are not new.

    Attributes:
        bytes: size of the largest new tensor, of the memory behind it.
        made_by: the operation that made it.
    """

    def __init__(self, known=()):
        super().__init__()
        self.known = {address(tensor) for tensor in known if tensor.layout is torch.strided}
        self.bytes, self.made_by = 0, ""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        made = [x for x in tree_leaves(result) if isinstance(x, torch.Tensor) and x.layout is torch.strided]
        for tensor in made:
            size = tensor.untyped_storage().nbytes()
            if size > self.bytes and address(tensor) not in self.known:
                self.bytes, self.made_by = size, f"{func} {tuple(tensor.shape)}"
        return result


def address(tensor):
    return tensor.untyped_storage().data_ptr()
