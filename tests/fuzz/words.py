# ruff: noqa: E501
"""Texts that have broken readers before: numbers, labels, formulas, paths, YAML."""

from __future__ import annotations

NUMBERS = (
    *("1e308", "1e309", "-1e309", "1e-400", "-0", "+5", "00012", "1e5", "1E5", "1.5.2", "1,5", "1.234,5"),
    *("1_000", "0x1F", "1e", ".5", "5.", "--5", "5-", "5 %", "50%", "½", "²", "١٢", "１２", "9" * 400),
    *("1/2", "1:30", "Infinity", "inf", "-inf", "nan", "NaN", "NA", "N/A", "#N/A", "#DIV/0!", "NULL"),
    *("None", "true", "TRUE", "-9", "99", "999", "-999", "9999", "0", "1e400", "0.1e-320", "1d5"),
    *("12e0000000000000000000000001", "1e999999999", "1e-999999999", "0." + "0" * 500 + "1"),
    *("2024-03-01", "3-5", "28-Feb", "45123", "24h", "10 mm", "~10", "<5", ">100", "10\u00a0", "10\u2009000"),
)  # fmt: skip
FORMULAS = (
    "=1+1", "=SUM(A1:A9)", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1,1)", "=2+5+cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org?x="&A1)', "{=1+1}", "=1+1)", "\t=1+1", "=IMPORTXML(A1)", "=1.5*2",
    "=__import__('os').system('true')", "${7*7}", "{{7*7}}", "`id`", "$(id)", "%7*7%",
)  # fmt: skip
LABELS = (
    *("", " ", "\u00a0", "\u200b", "\ufeff", "P01\u200b", "Р01", "p01", "P1", "01", "1", "1.0", "-", "."),
    *("<script>alert(1)</script>", "</td></tr>", "&amp;", "\\", "\\n", "$x^2$", "$\\frac{", "%s", "{0}", "{{x}}"),
    *("\x07", "\x1b[31m", "\u202e", "é", "e\u0301", "\U0001f600", "\ud7ff", "名前", "a" * 5000, "P" * 300),
    *("no", "off", "yes", "null", "~", "1e3", "0h", "24", "NaN", "nan", "inf", "True", "passive", "fir"),
    *("..", "../x", "/", "C:\\x", "con", "nul", "a/b", "a\tb", "a;b", "a|b", "'", "''", '"', "#", "=1+1"),
)  # fmt: skip
PATHS = (
    *("../../../../etc/passwd", "/etc/passwd", "..", ".", "./soreness.csv", "../trial/soreness.csv"),
    *("data/../soreness.csv", "~/soreness.csv", "$HOME/x.csv", "file:///etc/passwd", "http://127.0.0.1/x.csv"),
    *("\\\\server\\share\\x.csv", "C:\\Windows\\win.ini", "/dev/zero", "/dev/stdin", "/proc/self/environ", "-"),
    *("trial.yaml", "soreness.csv/", "soreness.csv/x", "a" * 300 + ".csv", "x\\0.csv", "*.csv", "?.csv", "|ls"),
    *("soreness", "soreness.xls", "soreness.xlsx", "soreness.ods", "soreness.exe", "soreness.CSV", ".csv", " "),
    *("sub/soreness.csv", "link.csv", "loop.csv", "gone.csv", "folder.csv", "zero.csv", "pipe.csv", "soreness.csv "),
)  # fmt: skip
YAML = (
    *("null", "~", "", "[]", "{}", "yes", "1e3", "0x10", "1_000", "!!python/object/apply:os.system [id]"),
    *("!!binary aGk=", "!!float x", "&a x", "*a", "<<: *a", "|\n  x\n", ">\n  x", '"\\u0000"', '"\\x1b"', "'"),
    *("- a", "a: b", "[a, b", "{a: b", "? a", "@x", "`x`", "%x", "\t", "---", "...", "# x", "a: b: c"),
    *("9" * 500, "1e999", "-1", "0", "1e400", ".inf", ".nan", "2024-03-01", "12:30:45", "\ufeff", "\x85", "\u2028"),
    *("<script>alert(1)</script>", "{{ 7*7 }}", "../../x", "{time}", "{arm}{arm}", "{time}{arm}", "{x}", "{", "}"),
)  # fmt: skip
