"""Text that a terminal shows and does not obey."""

from __future__ import annotations

_C0 = range(0x20)
_DEL_AND_C1 = range(0x7F, 0xA0)
_LINE_SEPARATORS = (0x2028, 0x2029)
_BIDIRECTIONAL = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""They change the order in which the rest of a line is shown."""

_ESCAPES = {code: f"\\x{code:02x}" for code in _C0 if chr(code) != "\t"} | {
    # JSON may contain these characters as they are, and it has this escape for them.
    code: f"\\u{code:04x}"
    for code in (*_DEL_AND_C1, *_LINE_SEPARATORS, *_BIDIRECTIONAL)
}


def terminal_text(text: str) -> str:
    r"""Returns a line with each control character except the tab as an escape: `\x1b`, `\u009b`.

    JSON is still the same JSON afterwards.
    """
    return text.translate(_ESCAPES)
