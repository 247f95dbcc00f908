"""Reads the values of tensors of PyTorch."""

import contextlib
import ctypes
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def as_array(tensor: "Any") -> "Any":
    """Return the bytes of a tensor of any type on any device."""
    import torch  # type: ignore[import-not-found,unused-ignore]

    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy()


def raw_array(tensor: "Any") -> "Any":
    """Return the values of a tensor as ``as_array`` does, at any point of the program.

    The program may be recording operations just then, to trace, compile or capture them. So this
    calls no operation for a tensor in memory, and none for one on a device while a graph of
    operations is being captured.
    """
    import torch

    with _without_subclasses(torch):
        if getattr(tensor, "is_meta", False):
            return ("%s %s;" % (tensor.dtype, tuple(tensor.shape))).encode()
        if tensor.device.type == "cpu" and tensor.layout is torch.strided:
            return _in_memory(tensor)
        if torch.cuda.is_initialized() and torch.cuda.is_current_stream_capturing():
            raise RuntimeError("a graph is being captured")
        return _without_modes(tensor)


def _in_memory(tensor: "Any") -> "Any":
    import numpy

    shape, size = tuple(tensor.shape), tensor.element_size()
    strides = [size * stride for stride in tensor.stride()]
    if 0 in shape:
        return numpy.empty(0, numpy.uint8)
    extent = size + sum((length - 1) * stride for length, stride in zip(shape, strides))
    memory = (ctypes.c_ubyte * extent).from_address(tensor.data_ptr())
    elements = numpy.ndarray(shape, "V%d" % size, memory, 0, strides)
    return numpy.ascontiguousarray(elements).reshape(-1).view(numpy.uint8)


def _without_subclasses(torch: "Any") -> "Any":
    """Return a block in which attributes of tensors run no code of the program."""
    block = getattr(getattr(torch, "_C", None), "DisableTorchFunction", contextlib.ExitStack)
    return block()


def _without_modes(tensor: "Any") -> "Any":
    """Copy a tensor from its device past the modes that see the program's operations."""
    modes = sys.modules.get("torch.utils._python_dispatch")
    disable: "Any" = getattr(modes, "_disable_current_modes", None)
    if disable is None:
        return as_array(tensor)
    with disable():
        return as_array(tensor)
