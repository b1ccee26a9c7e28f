"""Memory that is not there, by whatever name it has."""

ADVICE = (
    "make the model or the step smaller: loader.batch_size, evaluator.chunk_size and model.emb_dim are its sizes, and "
    "loader=neighbor has a step see a part of the graph"
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error states that memory ran out, in this process or on its device.

    >>> is_out_of_memory(MemoryError()), is_out_of_memory(RuntimeError("[enforce fail] DefaultCPUAllocator: no"))
    (True, True)
    >>> is_out_of_memory(RuntimeError("shapes do not match"))
    False
    """
    if isinstance(error, MemoryError):  # numpy's is one
        return True
    if not isinstance(error, RuntimeError):
        return False
    named = f"{type(error).__name__}: {error}"
    return any(sign in named for sign in ("OutOfMemoryError", "DefaultCPUAllocator", "out of memory", "bad_alloc"))


def memory_message(error: BaseException) -> str:
    """What to do, with the first line of the reason that was given."""
    reason = (str(error).strip() or "no memory left").splitlines()[0]
    return f"not enough memory ({reason}); {ADVICE}"
