"""Code: its name, its wrapping, and how it becomes a file; and a message's source."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QToolButton

from desktop.ui.markdown.code_block import CodeWidget
from desktop.ui.markdown.code_saving import save, suffix_of, suggested_name
from desktop.ui.markdown.limits import MAX_RAW
from desktop.ui.markdown.rendering import render_raw
from desktop.ui.theme import Token
from tests.helpers.qt_loop import until

LONG = "word " * 100


def code(shown) -> CodeWidget:
    found = shown.view.findChild(CodeWidget)
    assert isinstance(found, CodeWidget)
    return found


def button(widget: CodeWidget, name: str) -> QToolButton:
    found = widget.findChild(QToolButton, name)
    assert isinstance(found, QToolButton)
    return found


def label_of(widget: CodeWidget) -> QLabel:
    found = widget.findChild(QLabel, "code-language")
    assert isinstance(found, QLabel)
    return found


@pytest.mark.parametrize(
    ("language", "suffix"),
    [
        ("python", ".py"),
        ("bash", ".sh"),
        ("js", ".js"),
        ("c++", ".cpp"),
        ("html", ".html"),
        ("dockerfile", ".docker"),
        ("../../etc", ".txt"),
        ("", ".txt"),
    ],
)
def test_a_file_has_the_ending_of_its_language(language, suffix):
    assert suffix_of(language) == suffix
    assert suggested_name(language, "x") == f"code{suffix}"


@pytest.mark.parametrize(
    ("first", "name"),
    [
        ("# app.py", "app.py"),
        ("// src/main.rs", "main.rs"),
        ("<!-- index.html -->", "index.html"),
        ("/* style.css */", "style.css"),
        ("# File: tools/run.sh", "run.sh"),
        ("# ../../../.bashrc.sh", "bashrc.sh"),
        ("// C:\\Windows\\con.txt", "con_.txt"),
        ("# Version 2.0 of the tool", "code.py"),
        ("print('a.py')", "code.py"),
    ],
)
def test_a_first_line_that_names_the_file_is_believed_but_for_its_folder(first, name):
    assert suggested_name("python", f"{first}\nx = 1") == name


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    assert save(str(tmp_path / "a.py"), "x = 'ü'\r\ny") == ""
    assert (tmp_path / "a.py").read_bytes() == "x = 'ü'\r\ny\n".encode()
    assert save(str(tmp_path / "missing" / "a.py"), "x")
    assert save(str(tmp_path), "x")
    assert [path.name for path in tmp_path.iterdir()] == ["a.py"]


async def asked(shown) -> QFileDialog:
    await until(lambda: shown.host.findChild(QFileDialog), "the question")
    dialog = shown.host.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    return dialog


async def test_saving_asks_where_and_says_what_it_did(shown, tmp_path):
    shown.show("```python\nprint(1)\n```")
    button(code(shown), "code-save").click()
    dialog = await asked(shown)
    assert [name.rsplit("/", 1)[-1] for name in dialog.selectedFiles()] == ["code.py"]
    dialog.fileSelected.emit(str(tmp_path / "one.py"))
    dialog.reject()
    assert (tmp_path / "one.py").read_text() == "print(1)\n"
    label = label_of(code(shown))
    assert "one.py" in label.text()
    shown.show("```python\nprint(2)\n```")
    assert label_of(code(shown)).text() == "python"


async def test_what_could_not_be_saved_says_what_helps(shown, tmp_path):
    shown.show("```python\nprint(1)\n```")
    button(code(shown), "code-save").click()
    dialog = await asked(shown)
    dialog.fileSelected.emit(str(tmp_path / "missing" / "one.py"))
    dialog.reject()
    label = label_of(code(shown))
    assert "another folder" in label.text()
    assert label.toolTip()
    assert label.property("tone") == "danger"


def test_every_button_has_a_name_and_a_tip_and_a_place_in_the_tab_order(shown):
    shown.show("```python\n" + "x\n" * 500 + "```")
    buttons = code(shown).buttons()
    assert [found.objectName() for found in buttons] == ["code-unfold", "code-wrap", "code-save", "code-copy"]
    assert [found.x() for found in buttons] == sorted(found.x() for found in buttons)
    assert all(found.accessibleName() for found in buttons)
    assert all(found.toolTip() for found in buttons)
    assert shown.view.focus_chain() == buttons


def test_what_was_wrapped_is_wrapped_when_it_comes_back_and_no_other_block_is(shown):
    shown.show(f"```\n{LONG}\n```")
    plain = shown.view.height()
    button(code(shown), "code-wrap").click()
    wrapped = shown.view.height()
    assert wrapped > plain + 40
    shown.show(f"```\nother {LONG}\n```")
    assert shown.view.height() == plain
    assert not button(code(shown), "code-wrap").isChecked()
    shown.show(f"```\n{LONG}\n```")
    assert shown.view.height() == wrapped
    button(code(shown), "code-wrap").click()
    shown.show(f"```\n{LONG}\n```")
    assert shown.view.height() == plain


def test_a_block_that_was_wrapped_while_it_came_stays_so(shown):
    shown.stream(f"```\n{LONG}\nx")
    button(code(shown), "code-wrap").click()
    shown.view.feed(f"```\n{LONG}\nx\n```\n")
    shown.lay_out()
    assert button(code(shown), "code-wrap").isChecked()


def test_the_source_of_a_message_is_shown_as_it_was_written(shown):
    source = "# Title\n\n**bold**  `code` <b> $x$\n\n```py\nx\n```\n\n[a](https://a.example)"
    shown.view.set_blocks(render_raw(source))
    shown.lay_out()
    assert shown.words() == source
    assert "<a " not in shown.texts()[0].toHtml()
    assert shown.view.set_highlights("**bold**", 0) == 1
    assert shown.has_color(shown.view.match_rect(0), Token.HIGHLIGHT_CURRENT)
    shown.show(source)
    assert "**" not in shown.words()


def test_a_long_line_of_source_wraps_and_hidden_signs_are_seen(shown):
    shown.view.set_blocks(render_raw(LONG + "\u202eabc"))
    assert shown.lay_out() > 60
    assert "\u202e" not in shown.words()


def test_a_very_long_source_is_laid_out_as_somebody_scrolls_there(shown):
    shown.view.set_blocks(render_raw("line\n" * MAX_RAW))
    assert shown.lay_out() < 800
    assert code(shown).source().count("line") == MAX_RAW
