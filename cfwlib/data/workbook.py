"""Open Excel workbooks as rows of values, within what a workbook can hold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cfwlib.data.genuine import refuse_stand_in
from cfwlib.data.packed import open_zip
from cfwlib.errors import InputError
from cfwlib.reading import reading

SUFFIXES = {".xlsx", ".xlsm"}
_MOST_ROWS = 1 << 20  # Excel's own limit; a row that says it is further down would be waited for without end
_MOST_CELLS = 50_000_000
_REMEDY = "Save it again in Excel as .xlsx without a password, or as CSV."


def sheets(path: Path, name: str) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Yield the title and the rows of every sheet: values, of a formula the last one Excel worked out.

    Parameters
    ----------
    path
        The workbook.
    name
        What messages call it: no name of the file or of a sheet, and no value, is ever in one.

    Raises
    ------
    InputError
        When it is no workbook, is damaged or protected by a password, or claims more cells than Excel has.
    """
    from openpyxl import load_workbook  # slow to import, and seldom needed

    refuse_stand_in(path, name=name)
    how = "cannot be read as an Excel workbook"
    open_zip(path, name, how=how).close()
    with reading(name, _REMEDY, how=how, tell=False):
        book = load_workbook(path, read_only=True, data_only=True)
        found = book.worksheets
    try:
        for number, sheet in enumerate(found, start=1):
            with reading(name, _REMEDY, how=f"sheet {number} cannot be read to its end", tell=False):
                sheet.reset_dimensions()
                rows, cells = [], 0
                for row in sheet.iter_rows(values_only=True):
                    rows.append(row)
                    cells += len(row)
                    if len(rows) > _MOST_ROWS or cells > _MOST_CELLS:
                        raise InputError(f"{name}, sheet {number}: claims more cells than fit. {_REMEDY}")
            yield sheet.title, rows
    finally:
        book.close()
