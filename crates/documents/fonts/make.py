#!/usr/bin/python3
"""Cut the fonts that ship with the documents crate.

Sources (Debian 12): fonts-noto-cjk, fonts-noto-cjk-extra (OFL-1.1), unicode-data (Unihan), python3-fonttools.
    apt-get install -y fonts-noto-cjk fonts-noto-cjk-extra unicode-data python3-fonttools
    /usr/bin/python3 make.py
The output is deterministic: same packages, same bytes (head.modified is kept from the source).
"""

import bz2
import hashlib
import pathlib
import re

from fontTools import subset
from fontTools.ttLib import TTCollection

HERE = pathlib.Path(__file__).parent
NOTO = pathlib.Path("/usr/share/fonts/opentype/noto")
UNIHAN = pathlib.Path("/usr/share/unicode/Unihan_OtherMappings.txt.bz2")


def codec(name: str) -> set[int]:
    """All hanzi and signs of a two-byte national code that Python knows."""
    found = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.add(ord(bytes([lead, trail]).decode(name)))
            except (UnicodeDecodeError, TypeError):
                pass
    return found


def tgh() -> set[int]:
    """通用规范汉字表 (2013): 8 105 characters, field kTGH of Unihan."""
    lines = bz2.open(UNIHAN, "rt", encoding="utf-8")
    return {int(m[1], 16) for m in (re.match(r"U\+(\w+)\tkTGH\t", line) for line in lines) if m}


LATIN = set(range(0x20, 0x7F)) | set(range(0xA0, 0x180))
SIGNS = set(map(ord, "—–‘’“”…‰′″※℃№™•·①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳■□▲△▼▽◆◇○●★☆✓✔✗✘〇〓〔〕【】《》〈〉「」『』〖〗￥×÷±≤≥≠→←↑↓㎡㎥"))
HALF = set(range(0xFF01, 0xFF5F)) | set(range(0x3000, 0x3018))
COMMON = LATIN | SIGNS | HALF | codec("gb2312")

# name, collection, family inside the collection, characters
CUTS = [
    ("serif-regular", "NotoSerifCJK-Regular.ttc", "Noto Serif CJK SC", COMMON | tgh()),
    ("serif-bold", "NotoSerifCJK-Bold.ttc", "Noto Serif CJK SC", COMMON),
    ("sans-bold", "NotoSansCJK-Bold.ttc", "Noto Sans CJK SC", COMMON),
]


def cut(name: str, collection: str, family: str, chars: set[int]) -> None:
    fonts = TTCollection(NOTO / collection, lazy=True).fonts
    font = next(f for f in fonts if family in (f["name"].getDebugName(16), f["name"].getDebugName(1)))
    options = subset.Options()
    options.layout_features = ["kern", "liga", "locl"]
    options.hinting = False
    options.desubroutinize = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    options.name_languages = [0x409]
    options.drop_tables += ["VORG", "vhea", "vmtx", "BASE", "DSIG"]
    options.recalc_timestamp = False
    font.recalcTimestamp = False
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=chars)
    cutter.subset(font)
    out = HERE / f"{name}.otf"
    font.save(out)
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    print(f"{out.name}  {out.stat().st_size:>9} bytes  {len(font.getBestCmap()):>6} characters  sha256 {digest[:16]}")


for entry in CUTS:
    cut(*entry)
