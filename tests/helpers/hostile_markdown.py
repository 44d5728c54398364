"""Messages that are hard to render, by name: group 12 of what the app must survive."""

from __future__ import annotations

_COLUMNS = "|" + "c|" * 200 + "\n|" + "-|" * 200 + "\n" + ("|" + "v|" * 200 + "\n") * 40

HOSTILE = {
    "unclosed fence": "Look:\n\n```python\n" + "print('x')\n" * 200,
    "5,000 lines of code": "```python\n" + "x = [1, 2, 3]  # numbers\n" * 5000 + "```",
    "many code blocks": "```\nx\n```\n\n" * 1500,
    "many fences in a list": "- a\n  ```\n  x\n  ```\n" * 800,
    "200 columns": _COLUMNS,
    "many tables": "|a|b|\n|-|-|\n|x|y|\n\n" * 700,
    "1,000 rows": "|a|b|c|\n|-|-|-|\n" + "|x|y|z|\n" * 1000,
    "quotes 100 deep": "> " * 100 + "deep",
    "quotes in each other's way": "\n".join("> " * (line % 60) + "word" for line in range(600)),
    "lists 100 deep": "\n".join("  " * depth + "- item" for depth in range(100)),
    "numbered lists": "\n".join(f"{n}. item\n   1. inner" for n in range(800)),
    "script": "<script>alert(1)</script>\n<img src=x onerror=alert(1)>\n<style>*{color:red}</style>\n" * 50,
    "links": "[a](file:///etc/passwd) [b](javascript:alert(1)) [c](data:text/html,x)\n" * 200,
    "remote images": "![x](https://example.invalid/x.png?q=secret) <img src='https://example.invalid/y.png'>\n"
    * 200,
    "data-URI bomb": "![x](data:image/png;base64," + "A" * 1_000_000 + ")",
    "data-URI links": ("[x](data:image/png;base64," + "A" * 3000 + ") ") * 300,
    "open brackets": "[" * 20_000,
    "brackets and parentheses": "[a](" * 5000,
    "nested links": "[" * 50 + "a" + "](b)" * 50 + " [a][b" * 3000,
    "stars": "a*" * 8000,
    "stars and underscores": "*a_ **b__ " * 2000,
    "backticks of every length": " ".join("`" * length for length in range(1, 300)),
    "backslashes": "\\" * 30_000,
    "entities": "&amp;&#x10FFFF;&bogus;" * 2000,
    "addresses": "https://a.example/" * 2000,
    "angle brackets": "<" * 20_000,
    "definitions": "\n".join(f"[r{n}]: https://a.example/{n}\n\n[r{n}]" for n in range(500)),
    "1 MB in one line": "x" * 1_000_000,
    "1 MB of words": "word " * 200_000,
    "1 MB of short lines": "a\n" * 500_000,
    "bidi overrides": "\u202eabc\u2066 \u200f" * 2000,
    "NULs and control signs": "a\x00b\x1b[31mc\x07\ufdd0\ufffc\u2028" * 2000,
    "combining signs": "a" + "\u0301" * 5000 + " b" * 100,
    "emoji families": "👩‍👩‍👧‍👦" * 2000,
    "huge formula": "$$" + "\\frac{1}{" * 300 + "x" + "}" * 300 + "$$",
    "deep formula": "$" + "\\sqrt{" * 30 + "x" + "}" * 30 + "$",
    "1,000 formulas": " ".join(f"$x_{{{n}}}^2$" for n in range(1000)),
    "1,000 formulas apart": "\n\n".join(f"$$x_{{{n}}} = \\frac{{1}}{{{n}}} + a$$" for n in range(1000)),
    "dollars": "$$a$a$ \\( \\[ $" * 2000,
    "500 footnotes": " ".join(f"word[^{n}]" for n in range(500))
    + "\n\n"
    + "\n".join(f"[^{n}]: Note {n}." for n in range(500)),
    "headings": "# a\n" * 4000,
    "rules": "---\n\n" * 4000,
    "tabs": "\t" * 50_000 + "x",
}
