"""Formulas on an exported page: set by the browser, and nothing but read."""

import xml.etree.ElementTree as ElementTree

import pytest

from desktop.storage.exchange.mathml import MAX_LATEX, mathml


def test_a_formula_is_mathml_with_its_source() -> None:
    made = mathml(r"\frac{a}{b} < c", apart=True)

    assert made is not None
    root = ElementTree.fromstring(made)
    assert (root.get("display"), root.get("alttext")) == ("block", r"\frac{a}{b} < c")
    assert "".join(root.itertext()) == "ab<c"
    assert root.find(".//{*}mfrac") is not None


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<img/src=x onerror=alert(1)>}",
        r"\text{<script>alert(1)</script>}",
        r"\href{javascript:alert(1)}{x}",
        r'\class{a" onclick="alert(1)}{x}',
        r"\style{background:url(https://a.example/)}{x}",
    ],
)
def test_a_formula_can_do_nothing(latex: str) -> None:
    made = mathml(latex, apart=False)

    root = ElementTree.fromstring(made or "<math/>")
    for element in root.iter():
        assert element.tag.rpartition("}")[2].startswith(("math", "m"))
        assert not element.attrib.keys() & {"href", "class", "style", "src", "onclick", "id"}


@pytest.mark.parametrize(
    "latex",
    [
        r"\frac{1}",
        "{",
        r"\left(",
        "x^1^2",
        r"\def\x{\x\x}\x",
        r"\sqrt{" * 250 + "x" + "}" * 250,
        r"\begin{matrix}" * 100,
        "a" * (MAX_LATEX + 1),
    ],
)
def test_what_is_no_formula_is_none(latex: str) -> None:
    assert mathml(latex, apart=False) is None
