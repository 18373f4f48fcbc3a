"""Named tuples of arrays for compiled code, passed as one address instead of hundreds of arguments.

`World` and its companions are named tuples of some seventy arrays. Compiled as they are, each call would copy
every pointer, shape and stride. A `Handle` lays pointers and shapes out in one block of memory; its numba type
is the address of that block, and reading a field (``world.trust``) loads a view of the array behind it. Rules
are compiled unchanged: for them a handle behaves like the named tuple.

Arrays must be C-contiguous; the handle keeps them alive, compiled code only borrows them.
"""

import operator
import struct
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.types.containers import BaseTuple, UniTuple
from numba.core.typing.templates import AttributeTemplate
from numba.extending import (
    NativeValue,
    infer_getattr,
    lower_builtin,
    lower_getattr_generic,
    models,
    register_jitable,
    register_model,
    typeof_impl,
    unbox,
)
from numba.np import arrayobj
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])

_PLAIN = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "error_model": "numpy", "_nrt": False}
"""Compiled functions are called by compiled code alone, allocate nothing, and divide as NumPy does."""


SHORT = 260
"""Bytes of bytecode up to which a function is compiled into its callers: a run takes a tenth less time, for a few more
seconds of compilation."""


def compiled(function: Function) -> Function:
    """Allow compiled code to call a plain function, and return the function unchanged."""
    register_jitable(**_PLAIN, forceinline=len(function.__code__.co_code) <= SHORT)(function)
    return function


SCALAR = -1
"""Number of axes that stands for a plain number."""

_TYPES = {"float64": types.float64, "int64": types.int64, "bool": types.boolean}
_NAMES = {np.dtype(name): name for name in _TYPES}


class FieldLayout(NamedTuple):
    """Layout of one field: element type by name, number of axes (`SCALAR` for a number), and first word."""

    dtype: str
    axes: int
    word: int


class Handle:
    """A named tuple of arrays and numbers, laid out for compiled code.

    Parameters
    ----------
    record : NamedTuple
        Fields are C-contiguous arrays of float64, int64 or bool, or single floats and ints.

    over : array, optional
        For a record of numbers alone: the array that holds them, so that writing there changes what rules read.

    Attributes
    ----------
    address : int
        Address of the block: for an array its pointer and sizes, for a number its bits.
    """

    def __init__(self, record: Any, over: NDArray[np.float64] | None = None) -> None:
        self._kept = record, over
        words: list[int] = []
        layout: list[tuple[str, FieldLayout]] = []
        for name, value in zip(record._fields, record, strict=True):
            if not isinstance(value, np.ndarray):
                is_float = isinstance(value, float)
                layout.append((name, FieldLayout("float64" if is_float else "int64", SCALAR, len(words))))
                words.append(struct.unpack("q", struct.pack("d", value))[0] if is_float else int(value))
                continue
            dtype = _NAMES.get(value.dtype)
            if dtype is None or not value.flags.c_contiguous:
                raise TypeError(f"field {name}: {value.dtype} array, contiguous: {value.flags.c_contiguous}")
            layout.append((name, FieldLayout(dtype, value.ndim, len(words))))
            words += [value.ctypes.data, *value.shape]
        self._block = np.array(words, dtype=np.int64) if over is None else over
        self.layout = tuple(layout)
        self.address = self._block.ctypes.data


class TableType(types.Array):
    """The numba type of an array behind a handle; negative indices are not supported.

    Support for negative indices costs a comparison for each index, a sixth of the time of a run. No rule uses them,
    which a test checks.
    """

    def __init__(self, element: types.Type, axes: int) -> None:
        super().__init__(element, axes, "C", name=f"Table({element}, {axes})")


register_model(TableType)(models.ArrayModel)


def _from_start(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> tuple[Any, Sequence[Any]]:
    """Return a signature and arguments with integer indices converted to unsigned ones."""
    table, index, *rest = signature.args
    kinds = tuple(index) if isinstance(index, BaseTuple) else (index,)
    places = cgutils.unpack_tuple(builder, arguments[1]) if isinstance(index, BaseTuple) else [arguments[1]]
    if not all(isinstance(kind, types.Integer) for kind in kinds):
        return signature, arguments
    places = [context.cast(builder, part, kind, types.intp) for part, kind in zip(places, kinds, strict=True)]
    unsigned = UniTuple(types.uintp, len(places))
    packed = context.make_tuple(builder, unsigned, places)
    return signature.replace(args=(table, unsigned, *rest)), (arguments[0], packed, *arguments[2:])


@lower_builtin(operator.getitem, TableType, types.Integer)  # type: ignore[untyped-decorator]
@lower_builtin(operator.getitem, TableType, BaseTuple)  # type: ignore[untyped-decorator]
def _get(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
    return arrayobj.getitem_array_tuple(context, builder, *_from_start(context, builder, signature, arguments))


@lower_builtin(operator.setitem, TableType, types.Integer, types.Any)  # type: ignore[untyped-decorator]
@lower_builtin(operator.setitem, TableType, BaseTuple, types.Any)  # type: ignore[untyped-decorator]
def _set(context: Any, builder: Any, signature: Any, arguments: Sequence[Any]) -> Any:
    return arrayobj.setitem_array(context, builder, *_from_start(context, builder, signature, arguments))


class HandleType(types.Type):
    """The numba type of a handle: an address with a layout."""

    def __init__(self, layout: tuple[tuple[str, FieldLayout], ...]) -> None:
        self.fields = dict(layout)
        super().__init__(name=f"Block{zlib.crc32(repr(layout).encode()):08x}")


@typeof_impl.register(Handle)  # type: ignore[untyped-decorator]
def _typeof(value: Handle, _context: Any) -> HandleType:
    return _block(value.layout)


@cache
def _block(layout: tuple[tuple[str, FieldLayout], ...]) -> HandleType:
    return HandleType(layout)


@register_model(HandleType)
class _HandleModel(models.PrimitiveModel):  # type: ignore[misc]
    def __init__(self, dmm: Any, fe_type: HandleType) -> None:
        super().__init__(dmm, fe_type, ir.IntType(64).as_pointer())


@unbox(HandleType)  # type: ignore[untyped-decorator]
def _unbox(_typ: HandleType, value: Any, context: Any) -> NativeValue:
    address = context.pyapi.object_getattr_string(value, "address")
    number = context.pyapi.long_as_longlong(address)
    context.pyapi.decref(address)
    pointer = context.builder.inttoptr(number, ir.IntType(64).as_pointer())
    return NativeValue(pointer, is_error=cgutils.is_not_null(context.builder, context.pyapi.err_occurred()))


@infer_getattr
class _HandleFields(AttributeTemplate):  # type: ignore[misc]
    key = HandleType

    def generic_resolve(self, block: HandleType, name: str) -> types.Type | None:
        field = block.fields.get(name)
        if field is None:
            return None
        element = _TYPES[field.dtype]
        return element if field.axes == SCALAR else TableType(element, field.axes)


@lower_getattr_generic(HandleType)  # type: ignore[untyped-decorator]
def _read(context: Any, builder: Any, block: HandleType, pointer: Any, name: str) -> Any:
    field = block.fields[name]

    def word(offset: int) -> Any:
        address = builder.gep(pointer, [ir.Constant(ir.IntType(64), field.word + offset)])
        loaded = builder.load(address)
        loaded.set_metadata("invariant.load", builder.module.add_metadata([]))
        return loaded

    element = _TYPES[field.dtype]
    if field.axes == SCALAR:
        return builder.bitcast(word(0), context.get_value_type(element))
    array_type = TableType(element, field.axes)
    array = context.make_array(array_type)(context, builder)
    size = context.get_abi_sizeof(context.get_data_type(element))
    shape = [word(axis + 1) for axis in range(field.axes)]
    strides = [ir.Constant(ir.IntType(64), size)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    arrayobj.populate_array(
        array,
        data=builder.inttoptr(word(0), context.get_data_type(element).as_pointer()),
        shape=shape,
        strides=strides,
        itemsize=ir.Constant(ir.IntType(64), size),
        meminfo=None,
    )
    return array._getvalue()
