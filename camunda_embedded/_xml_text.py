"""The encodings of XML files: what the parser cannot read itself is turned into UTF-8 first."""

from __future__ import annotations

import codecs
import re

__all__ = ["readable"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\s[^>]*?\bencoding\s*=\s*["']([^"']*)["']""")
#: What expat reads, by the names that Python has for them.
_NATIVE = frozenset({"utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso8859-1", "ascii"})
#: How files in UTF-16 begin that have no byte order mark.
_UNMARKED = {b"<\0?\0": "utf-16-le", b"\0<\0?": "utf-16-be"}
#: What is read besides: encodings of text in which the declaration itself is ASCII. Python
#: knows others, which no file should be able to ask for (some are no encodings of text,
#: and some are slow).
_KNOWN = _words("""
    big5 big5hkscs cp932 cp949 cp950 euc_jp euc_jis_2004 euc_jisx0213 euc_kr gb2312 gb18030 gbk hz johab shift_jis shift_jis_2004
    shift_jisx0213 iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr
    cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp856 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865 cp866 cp869 cp874 cp1006
    cp1125 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    iso8859-2 iso8859-3 iso8859-4 iso8859-5 iso8859-6 iso8859-7 iso8859-8 iso8859-9 iso8859-10 iso8859-11 iso8859-13 iso8859-14
    iso8859-15 iso8859-16 koi8-r koi8-t koi8-u kz1048 mac-cyrillic mac-greek mac-iceland mac-latin2 mac-roman mac-turkish ptcp154
    tis-620
""")


def readable(content: bytes) -> tuple[bytes, str | None]:
    """What to give to expat for a file, and the encoding to give along (None for the declared one).

    Raises:
        ValueError: the encoding is unknown, or the file is not in the encoding that it declares.
    """
    unmarked = _UNMARKED.get(content[:4])
    if unmarked is not None:
        return _in_utf_8(content, unmarked, unmarked), "utf-8"
    declared = _DECLARED.match(content[:1000])
    if declared is None:
        return content, None
    name = declared[1].decode("ascii", "replace")
    try:
        known = codecs.lookup(name).name
    except (LookupError, ValueError):
        known = ""
    if known in _NATIVE:
        return content, None
    if known not in _KNOWN:
        raise ValueError(f'The encoding "{name}" is not supported.')
    return _in_utf_8(content, known, name), "utf-8"


def _in_utf_8(content: bytes, encoding: str, name: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError:
        raise ValueError(f'The document is not in the encoding "{name}" that it declares.') from None
