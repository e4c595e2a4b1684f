"""Broken office files, archives and PDF: no exception, no hang, nothing told of what is in them."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.fuzzing import CANARY, holds, mutations
from tests.support.office import (
    COUNTS,
    added,
    archive,
    binary_workbook,
    document,
    laid_out,
    old_workbook,
    open_spreadsheet,
    open_text,
    pdf,
    slides,
    workbook,
)
from tests.support.rich_text import with_everything


PACKAGES = {
    "xlsx": added(
        workbook(),
        {
            "xl/sharedStrings.xml": f'<sst xmlns="x"><si><t>{CANARY}</t></si></sst>',
            "xl/e.xml": '<externalLink xmlns="x"><sheetData><row r="1"><cell r="A1"><v>3</v></cell></row>'
            "</sheetData></externalLink>",
            "xl/p.xml": f'<pivotCacheDefinition xmlns="x"><cacheField name="{CANARY}"><sharedItems><n v="3"/>'
            "</sharedItems></cacheField></pivotCacheDefinition>",
            "xl/c.xml": '<chartSpace xmlns="x"><ser><val><pt idx="0"><v>3</v></pt></val></ser></chartSpace>',
        },
    ),
    "xlsb": binary_workbook(2),
    "docx": document(),
    "ods": open_spreadsheet(),
    "odt": open_text(),
    "pptx": slides(),
    "zip": archive({f"{CANARY}.csv": f"{CANARY},n\nx,3\n", "x.zip": archive({CANARY: "n\n3\n"})}),
}
FILES = PACKAGES | {
    "rtf": with_everything(),
    "xls": old_workbook(2),
    "pdf": pdf(
        [(60, 740, CANARY), *laid_out(COUNTS)], page_more=b"/Annots[<</Subtype/Text/Contents(x)>>]"
    ),
}


@pytest.mark.parametrize("kind", FILES)
@given(data=st.data())
@settings(max_examples=20)
def test_broken_files_are_read_or_said_to_be_unread(kind, data):
    content = data.draw(mutations(FILES[kind]))

    holds(content, f"released_outputs/x.{kind}".encode())


@pytest.mark.parametrize("kind", PACKAGES)
@given(data=st.data())
@settings(max_examples=20)
def test_packages_with_a_broken_part_are_read_or_said_to_be_unread(kind, data):
    with zipfile.ZipFile(io.BytesIO(FILES[kind])) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    name = data.draw(st.sampled_from([name for name, part in parts.items() if part]))
    parts[name] = data.draw(mutations(parts[name]))

    holds(archive(parts, zipfile.ZIP_STORED), f"released_outputs/x.{kind}".encode())
