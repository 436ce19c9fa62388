"""Bytes of a text file -> text, by the declared encoding; none is ever guessed."""

from __future__ import annotations

from analysis.intake.codes import quoted
from analysis.intake.tabulate import Reading, failed

UTF_8 = "utf-8"
_UTF_16 = "utf-16"
_CODECS = {
    "iso-8859-1": "latin-1",
    "mac-roman": "mac_roman",
    **{f"windows-{page}": f"cp{page}" for page in range(1250, 1255)},
}
_MARKS_16 = (b"\xff\xfe", b"\xfe\xff")


def decoded(file: str, content: bytes, encoding: str | None = None) -> str | Reading:
    """Return the text of a file with its byte-order mark, or the reading that says what is wrong.

    Parameters
    ----------
    file : str
    content : bytes
    encoding : str, optional
        As declared in trial.yaml; UTF-8 where nothing is declared.
    """
    if content[:4] == b"PK\x03\x04" or content[:4] == b"\xd0\xcf\x11\xe0":
        message = "This is a spreadsheet or an archive, not a text file."
        return failed("F14", file, message, "Rename it to .xlsx, or save it as CSV (UTF-8).")
    if content[:2] in _MARKS_16:
        return _utf_16(file, content, encoding)
    if b"\x00" in content:
        row = content[: content.index(b"\x00")].count(b"\n") + 1
        message = "The file contains null bytes; it is damaged or not a text file."
        return failed("F02", file, message, "Export or copy it again.", row)
    if encoding in (None, UTF_8):
        return _utf_8(file, content)
    return _declared(file, content, str(encoding))


def _utf_16(file: str, content: bytes, encoding: str | None) -> str | Reading:
    if encoding != _UTF_16:
        message = (
            f"The file is UTF-16 (Excel calls it Unicode text); expected {encoding or 'UTF-8'}."
        )
        remedy = "Save it as 'CSV UTF-8', or write `csv: {encoding: utf-16}`."
        return failed("F04", file, message, remedy)
    try:
        text = content.decode(_UTF_16)
    except UnicodeDecodeError as problem:
        message = f"Byte {problem.start + 1} is not UTF-16; the file seems to be cut off."
        return failed("F04", file, message, "Export or copy it again.")
    if "\x00" in text:
        message = "The file contains null characters; it is damaged or not a text file."
        return failed("F02", file, message, "Export or copy it again.")
    return "\ufeff" + text


def _utf_8(file: str, content: bytes) -> str | Reading:
    try:
        return content.decode(UTF_8)
    except UnicodeDecodeError as problem:
        near, row = _near(content, problem.start)
        message = (
            f"Byte {problem.start + 1} is not UTF-8; the file is probably Windows-1252 or Mac "
            f"Roman (near {quoted(near)})."
        )
        remedy = (
            "Save it as 'CSV UTF-8'. If the text in quotation marks is right, you may write "
            "`csv: {encoding: windows-1252}` instead."
        )
        return failed("F04", file, message, remedy, row)


def _declared(file: str, content: bytes, encoding: str) -> str | Reading:
    if encoding == _UTF_16:
        message = "The file does not start with the byte-order mark of UTF-16."
        return failed("F04", file, message, "Correct or remove `encoding` in trial.yaml.", 1)
    try:
        text = content.decode(_CODECS.get(encoding, encoding))
    except UnicodeDecodeError as problem:
        near, row = _near(content, problem.start)
        message = f"Byte {problem.start + 1} is not {encoding} (near {quoted(near)})."
        return failed("F04", file, message, "Correct `encoding` in trial.yaml.", row)
    try:
        meant = content.decode(UTF_8)
    except UnicodeDecodeError:
        return text
    if meant.isascii():
        return text
    # Text in a one-byte encoding is next to never valid UTF-8 by chance.
    # `splitlines` would take some of the signs looked for (U+0085) for ends of lines.
    lines = meant.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    row, line = next((row, line) for row, line in enumerate(lines, 1) if not line.isascii())
    message = f"trial.yaml declares {encoding}, but the file is UTF-8: row {row} reads "
    message += f"{quoted(line.removeprefix(chr(0xFEFF)))}."
    return failed("F04", file, message, "Remove `encoding` in trial.yaml.", row)


def _near(content: bytes, place: int) -> tuple[str, int]:
    """Return the text around a byte, within its line, and the row of that line."""
    before = content[max(0, place - 10) : place].splitlines()[-1:] or [b""]
    after = content[place : place + 10].splitlines()[:1]
    text = b"".join([*before, *after]).decode("cp1252", "replace")
    return text, content[:place].count(b"\n") + 1
