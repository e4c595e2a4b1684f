"""A SAS data file, written by ReadStat: pyreadstat brings its writer, but no function for it."""

import ctypes
from collections.abc import Sequence

from pyreadstat import _readstat_writer


_STRING, _DOUBLE = 0, 5


def sas7bdat(names: Sequence[str], rows: Sequence[tuple[float | str, ...]]) -> bytes:
    """Write rows of numbers and strings; the first row says which column is what."""
    library = ctypes.CDLL(_readstat_writer.__file__)
    for function in ("readstat_writer_init", "readstat_add_variable"):
        getattr(library, function).restype = ctypes.c_void_p
    out = bytearray()

    @ctypes.CFUNCTYPE(ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p)
    def write(data, size, _context):
        out.extend(ctypes.string_at(data, size))
        return size

    writer = ctypes.c_void_p(library.readstat_writer_init())
    library.readstat_set_data_writer(writer, write)
    variables = [_variable(library, writer, *column) for column in zip(names, rows[0], strict=True)]
    assert library.readstat_begin_writing_sas7bdat(writer, None, ctypes.c_long(len(rows))) == 0
    for row in rows:
        library.readstat_begin_row(writer)
        for variable, value in zip(variables, row, strict=True):
            _insert(library, writer, variable, value)
        assert library.readstat_end_row(writer) == 0
    assert library.readstat_end_writing(writer) == 0
    library.readstat_writer_free(writer)
    return bytes(out)


def _variable(library, writer, name, value):
    kind, width = (_STRING, 40) if isinstance(value, str) else (_DOUBLE, 0)
    found = library.readstat_add_variable(writer, name.encode(), kind, ctypes.c_size_t(width))
    return ctypes.c_void_p(found)


def _insert(library, writer, variable, value):
    if isinstance(value, str):
        library.readstat_insert_string_value(writer, variable, value.encode())
    else:
        library.readstat_insert_double_value(writer, variable, ctypes.c_double(value))
