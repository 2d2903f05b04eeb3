"""Values of header fields: MIME types with their parameters, encoded words, names of files."""

import binascii
import re
from itertools import islice

# A run that has matched is never tried again, so the work is linear.
_TOKEN = r"[!#$%&'*+.^_`{|}~0-9A-Za-z-]"
_TYPE = re.compile(rf"\s*+({_TOKEN}{{1,127}}/{_TOKEN}{{1,127}})\s*+(?=;|\(|$)")
_WORD = re.compile(rf"\s*+({_TOKEN}{{1,127}})\s*+(?=;|\(|$)")
_PARAMETER = re.compile(
    r';\s*+([^\s;="]{1,127}+)\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"?|([^;\s"]*+))', re.DOTALL
)
_MAX_PARAMETERS = 100
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64}+)\?([BbQq])\?([^?\s]*+)\?=")
_MAX_SHOWN = 8192  # octets of a field that are looked at for display
_MAX_FILENAME = 64

# Charsets of RFC 2047 and 2231 that are decoded. Python knows more, some of them costly.
_CHARSETS = frozenset(
    ["utf-8", "utf8", "us-ascii", "ascii", "latin1", "koi8-r", "koi8-u"]
    + ["gb2312", "gbk", "gb18030", "big5", "shift_jis", "euc-jp", "euc-kr", "iso-2022-jp"]
    + [f"iso-8859-{number}" for number in (*range(1, 12), *range(13, 17))]
    + [f"windows-{number}" for number in range(1250, 1259)]
)

Parameters = tuple[tuple[str, str], ...]


def parse_content_type(value: bytes) -> tuple[str, Parameters] | None:
    """Type in lower case and parameters (RFC 2045 section 5.1); None if it has no such form."""
    text = value.decode("utf-8", "replace")
    found = _TYPE.match(text)
    return (found[1].lower(), _parameters(text)) if found else None


def parse_disposition(value: bytes) -> tuple[str, Parameters]:
    """RFC 2183 section 2; "" if there is no such word."""
    text = value.decode("utf-8", "replace")
    found = _WORD.match(text)
    return (found[1].lower() if found else "", _parameters(text))


def parse_encoding(value: bytes) -> str:
    """RFC 2045 section 6.1, in lower case."""
    found = _WORD.match(value.decode("utf-8", "replace"))
    return found[1].lower() if found else ""


def parameter(parameters: Parameters, name: str) -> str:
    """The first of this name, put together and decoded by RFC 2231; "" if there is none."""
    given = dict(reversed(parameters))
    if f"{name}*" in given:
        return _extended(given[f"{name}*"])
    if name in given:
        return given[name]
    pieces = []
    is_extended = f"{name}*0*" in given
    for number in range(_MAX_PARAMETERS):
        plain, coded = f"{name}*{number}", f"{name}*{number}*"
        if coded in given:
            pieces.append(given[coded])
        elif plain in given:
            pieces.append(given[plain].replace("%", "%25") if is_extended else given[plain])
        else:
            break
    return _extended("".join(pieces)) if is_extended else "".join(pieces)


def safe_filename(name: str) -> str:
    """ASCII letters, digits, `.`, `-` and `_` without folders; "" if nothing is left."""
    last = re.split(r"[/\\]", display_field(name.encode("utf-8", "replace")))[-1]
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", last).strip("._")
    stem, dot, ending = safe.rpartition(".")
    if len(safe) <= _MAX_FILENAME or not dot or len(ending) > 10:
        return safe[:_MAX_FILENAME]
    return f"{stem[: _MAX_FILENAME - len(ending) - 1]}.{ending}"


def display_field(raw: bytes) -> str:
    """A field for reading, encoded words decoded (RFC 2047). Still hostile: show it as `visible`.

    A word in a charset that is not known stays as it is.
    """
    text = raw[:_MAX_SHOWN].decode("utf-8", "replace")
    shown: list[str] = []
    charset, octets, behind = "", b"", 0  # of the words before, which a character may straddle
    for found in _ENCODED_WORD.finditer(text):
        of = found[1].partition("*")[0].lower()  # `charset*language`: RFC 2231 section 5
        if of not in _CHARSETS:
            continue
        gap = text[behind : found.start()]
        if not charset or gap.strip():
            shown += [_text(octets, charset), gap]
            octets = b""
        elif of != charset:
            shown.append(_text(octets, charset))
            octets = b""
        charset, octets, behind = of, octets + _decode_word(found[2], found[3]), found.end()
    return "".join([*shown, _text(octets, charset), text[behind:]])


def _parameters(text: str) -> Parameters:
    return tuple(
        (name.lower(), re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL) if quoted else plain)
        for name, quoted, plain in (
            found.groups(default="") for found in islice(_PARAMETER.finditer(text), _MAX_PARAMETERS)
        )
    )


def _extended(value: str) -> str:
    """`charset'language'text%20with%20escapes` (RFC 2231 section 4)."""
    charset, quote, rest = value.partition("'")
    text = rest.partition("'")[2] if quote else value
    octets = re.sub(
        rb"%([0-9A-Fa-f]{2})",
        lambda found: binascii.unhexlify(found[1]),
        text.encode("utf-8", "replace"),
    )
    return _text(octets, charset.lower() if quote and charset.lower() in _CHARSETS else "utf-8")


def _decode_word(encoding: str, text: str) -> bytes:
    coded = text.encode("utf-8", "replace")
    if encoding in "Qq":
        return binascii.a2b_qp(coded, header=True)
    return decode_base64(coded, len(coded))


def decode_base64(octets: bytes, limit: int) -> bytes:
    """What can be made of it (RFC 2045 section 6.8): other characters are passed over."""
    coded = octets.translate(None, _NOT_BASE64).partition(b"=")[0][: (limit + 2) // 3 * 4]
    if len(coded) % 4 == 1:
        coded = coded[:-1]
    return binascii.a2b_base64(coded + b"=" * (-len(coded) % 4))[:limit]


_NOT_BASE64 = bytes(code for code in range(256) if not re.match(rb"[A-Za-z0-9+/=]", bytes([code])))


def _text(octets: bytes, charset: str) -> str:
    return octets.decode(charset, "replace") if charset else ""
