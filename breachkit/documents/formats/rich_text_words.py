r"""What the control words of rich text mean to a reader of it: where the text behind them goes.

What is not named here and is marked as something that a reader may pass over (`\*`) is words beside.

Source: Microsoft, Rich Text Format Specification 1.9.1; for those of TextEdit and LibreOffice, what they write.
"""

from collections.abc import Mapping


FLOWS: Mapping[bytes, str] = {
    b"header": "header",
    b"headerl": "header",
    b"headerr": "header",
    b"headerf": "header",
    b"footer": "footer",
    b"footerl": "footer",
    b"footerr": "footer",
    b"footerf": "footer",
    b"footnote": "footnote",
    b"shptxt": "shape",
    b"shprslt": "shape",
    b"dptxbxtext": "shape",
    b"annotation": "comment",
}
"""Destinations in which people write, tables too, and what reports call them."""

AUTHORS = frozenset({b"author", b"operator", b"atnauthor", b"revtbl", b"protusertbl"})
ABOUT = frozenset(
    {
        b"title", b"subject", b"keywords", b"doccomm", b"comment", b"category", b"hlinkbase",
        b"propname", b"staticval", b"linkval",
    }
)  # fmt: skip
"""What somebody says of the document."""

BESIDE = frozenset(
    {
        b"company", b"manager", b"docvar", b"bkmkstart", b"fldinst", b"tc", b"xe", b"txe", b"rxe",
        b"listtext", b"pntext", b"sv", b"objclass", b"objname", b"atnid", b"nonesttables", b"upr",
        b"formfield", b"filetbl", b"template",
    }
)  # fmt: skip
"""What a person does not see at once, or has seen elsewhere."""

WITHIN = frozenset(
    {
        b"info", b"userprops", b"field", b"fldrslt", b"object", b"result", b"shp", b"shpinst", b"shpgrp",
        b"sp", b"do", b"picprop", b"shppict", b"nonshppict", b"nesttableprops", b"background",
    }
)  # fmt: skip
"""What holds other destinations, or belongs to the text around it."""

OF_LOOKS = frozenset(
    {
        b"fonttbl", b"colortbl", b"stylesheet", b"listtable", b"listoverridetable", b"rsidtbl",
        b"generator", b"latentstyles", b"themedata", b"colorschememapping", b"xmlnstbl",
        b"expandedcolortbl", b"pgptbl", b"wgrffmtfilter", b"pgdsctbl", b"blipuid", b"panose",
        b"mmathPr", b"sn", b"bkmkend", b"atntime", b"atndate", b"atnref", b"atnparent", b"atrfstart",
        b"atrfend", b"creatim", b"revtim", b"printim", b"buptim", b"defchp", b"defpap", b"oldcprops",
        b"oldpprops", b"oldtprops", b"oldsprops", b"passwordhash",
    }
)  # fmt: skip
"""What says how things look and hang together; read as such only where it begins a group."""

PICTURES: Mapping[bytes, bytes] = {
    b"pngblip": b"picture.png",
    b"jpegblip": b"picture.jpg",
    b"emfblip": b"picture.emf",
    b"wmetafile": b"picture.wmf",
}
"""Kinds of pictures, and names that tell them to readers."""

SIGNS: Mapping[bytes, str] = {
    b"tab": "\t",
    b"line": "\n",
    b"softline": "\n",
    b"lbr": "\n",
    b"emdash": "\u2014",
    b"endash": "\u2013",
    b"lquote": "\u2018",
    b"rquote": "\u2019",
    b"ldblquote": "\u201c",
    b"rdblquote": "\u201d",
    b"bullet": "\u2022",
    b"emspace": " ",
    b"enspace": " ",
    b"qmspace": " ",
}
SYMBOLS: Mapping[bytes, str] = {b"~": " ", b"_": "-", b"\t": "\t", b":": ":"}
PARAGRAPHS = frozenset({b"par", b"sect", b"page", b"column"})
