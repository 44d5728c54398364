"""Choosing a model: what is offered, how loading shows, and what is said when it fails."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QMenu, QProgressBar, QPushButton

from desktop.domain.engine_state import Failed, Loading, Ready, Unloaded
from desktop.ui.actions import ActionId
from desktop.ui.theme import Token
from desktop.ui.widgets.banner import Banner
from tests.helpers.qt_loop import until
from tests.helpers.scripted import write_script


@pytest.fixture
def button(window):
    return window.model_menu


@pytest.fixture
def status(window):
    return window.status_line


async def open_menu(window) -> QMenu:
    window.actions_table.action(ActionId.MODEL_MENU).trigger()
    menu = window.model_menu.findChild(QMenu, "model-menu-items")
    await until(menu.isVisible, "the menu")
    return menu


def words_of(banner) -> str:
    return banner.text() if banner.isVisible() else ""


async def test_a_loaded_model_is_named_with_its_state(button, status, services, model_path):
    assert button.words() == "Choose a model"
    assert "No model is loaded" in status.text()
    await services.models.use(model_path)
    assert button.words().startswith("Lantern 7B") and "ready" in button.words()
    assert button.dot() is Token.SUCCESS
    assert "Lantern 7B" in button.accessibleName() and "ready" in button.accessibleName()
    assert "Lantern 7B" in status.text() and "tokens" in status.text() and "MB" in status.text()


async def test_loading_shows_how_far_it_is(button, status, services, tasks, tmp_path, gate):
    slow = write_script(tmp_path / "Slow.gguf", name="Slow", gate=gate)
    gate.load_to(0.5)
    tasks.start(services.models.use(slow), "load")
    bar = status.findChild(QProgressBar)
    await until(lambda: bar.value() == 50, "progress")
    assert isinstance(services.models.state, Loading)
    assert bar.isVisible() and "Loading Slow" in status.text()
    assert "loading" in button.words() and "50 %" in button.words()
    gate.open()
    await until(lambda: isinstance(services.models.state, Ready), "loaded")
    assert not bar.isVisible()


async def test_loading_can_be_given_up(window, status, services, tasks, tmp_path, gate):
    slow = write_script(tmp_path / "Slow.gguf", name="Slow", gate=gate)
    gate.load_to(0.5)
    window.model_menu.use(slow)
    await until(lambda: isinstance(services.models.state, Loading))
    menu = await open_menu(window)
    assert "Stop loading" in [action.text() for action in menu.actions()]
    menu.close()
    cancel = status.findChild(QPushButton, "status-action")
    assert cancel.text() == "Cancel"
    cancel.click()
    await until(lambda: isinstance(services.models.state, Unloaded), "the end of loading")
    await tasks.settle()
    assert not any(words_of(banner) for banner in window.findChildren(Banner)), "giving up is no error"


async def test_the_menu_offers_recent_files_and_marks_the_one_in_use(window, services, model_path, tmp_path):
    other = write_script(tmp_path / "Other.gguf", name="Other & Sons")
    await services.models.use(other)
    await services.models.use(model_path)
    menu = await open_menu(window)
    lines = [action.text() for action in menu.actions() if action.text()]
    assert "Opened before" in lines
    checked = [action.text() for action in menu.actions() if action.isChecked()]
    assert len(checked) == 1 and checked[0].startswith("Lantern 7B")
    choice = next(action for action in menu.actions() if action.text().startswith("Other && Sons"))
    choice.trigger()
    menu.close()
    await until(lambda: window.model_menu.words() == "Other & Sons  ·  ready")


async def test_a_recent_file_that_is_gone_cannot_be_picked_and_says_why(
    window, services, model_path, tmp_path
):
    gone = write_script(tmp_path / "Gone.gguf", name="Gone")
    await services.models.use(gone)
    await services.models.use(model_path)
    gone.unlink()
    menu = await open_menu(window)
    line = next(action for action in menu.actions() if action.text().startswith("Gone"))
    assert not line.isEnabled()
    assert "no file" in line.text().lower()


async def test_unloading_frees_the_model(window, services, model_path, status):
    await services.models.use(model_path)
    menu = await open_menu(window)
    next(action for action in menu.actions() if action.text() == "Unload the model").trigger()
    menu.close()
    await until(lambda: services.models.current is None)
    assert "No model is loaded" in status.text()
    menu = await open_menu(window)
    assert not next(a for a in menu.actions() if a.text() == "Unload the model").isEnabled()


async def test_opening_a_file_goes_through_a_dialog_that_keeps_the_app_alive(window, services, model_path):
    window.actions_table.action(ActionId.OPEN_MODEL).trigger()
    dialog = window.model_menu.findChild(QFileDialog)
    assert dialog is not None and any("*.gguf" in name for name in dialog.nameFilters())
    dialog.fileSelected.emit(str(model_path))
    dialog.close()
    await until(lambda: services.models.current is not None)
    assert window.model_menu.words().startswith("Lantern 7B")


async def test_a_model_that_cannot_be_loaded_says_so_where_the_user_is_and_can_be_tried_again(
    window, services, status, tmp_path
):
    broken = write_script(tmp_path / "Broken.gguf", name="Broken", load_error="The engine ran out of memory.")
    window.model_menu.use(broken)
    banners = window.chat_pane.findChildren(Banner)
    await until(lambda: any("out of memory" in words_of(banner) for banner in banners), "the words")
    assert isinstance(services.models.state, Failed)
    assert "out of memory" in status.text()
    assert "failed" in window.model_menu.words() and window.model_menu.dot() is Token.DANGER
    again = status.findChild(QPushButton, "status-action")
    assert again.isVisible() and again.text() == "Load it again"
    write_script(broken, name="Mended")
    again.click()
    await until(lambda: services.models.current is not None)
    assert "Mended" in status.text()


async def test_a_file_that_is_no_model_leads_to_another_choice(window, services, status, tmp_path):
    window.model_menu.use(tmp_path / "missing.gguf")
    await until(lambda: isinstance(services.models.state, Failed))
    action = status.findChild(QPushButton, "status-action")
    assert action.text() == "Choose a model"
    action.click()
    menu = window.model_menu.findChild(QMenu, "model-menu-items")
    await until(menu.isVisible, "the menu")
    menu.close()


@pytest.mark.parametrize(
    ("content", "label"),
    [(None, "Choose another file"), ("The engine ran out of memory.", "Choose another model")],
)
async def test_the_banner_of_a_model_that_cannot_be_used_has_the_button_that_helps(
    window, services, tmp_path, content, label
):
    path = tmp_path / "odd.gguf"
    if content:
        write_script(path, load_error=content)
    window.model_menu.use(path)
    banner = window.chat_pane.open_chat.banner
    await until(banner.isVisible, "the words")
    action = banner.findChild(QPushButton, "banner-action")
    assert action.isVisible() and action.text() == label
    action.click()
    if content:
        menu = window.model_menu.findChild(QMenu, "model-menu-items")
        await until(menu.isVisible, "the menu")
        menu.close()
    else:
        dialog = window.model_menu.findChild(QFileDialog)
        assert dialog is not None
        dialog.close()


async def test_the_status_line_counts_while_and_after_an_answer_is_written(
    window, services, status, tmp_path, gate
):
    model = write_script(tmp_path / "Talker.gguf", name="Talker", reply="word " * 400, gate=gate)
    gate.open_to(50)
    await services.models.use(model)
    speed = status.findChild(QLabel, "status-speed")
    await services.chat.send(window.chat_pane.current().id, "Talk to me.")
    await until(lambda: "tok/s" in speed.text(), "a live rate")
    gate.open()
    await services.chat.settle()
    await until(lambda: "first token" in status.text(), "the final timing")
    context = status.findChild(QLabel, "status-context")
    assert context.text().endswith("of 4,096 tokens")
    assert services.chat.last_timing is not None
    assert f"{services.chat.last_timing.context_used:,}" in context.text()
    first = window.chat_pane.current().id
    window.chat_pane.open_conversation("")
    await until(lambda: window.chat_pane.current() and window.chat_pane.current().id != first)
    assert context.text() == "context 4,096 tokens", "another chat's use is not shown as this one's"


async def test_a_narrow_window_leaves_out_the_least_important_first(window, services, status, model_path):
    await services.models.use(model_path)
    memory, model = (status.findChild(QLabel, f"status-{name}") for name in ("memory", "model"))
    assert memory.isVisible()
    status.parentWidget().layout().removeWidget(status)
    status.resize(status.layout_width() - 10, status.height())
    assert not memory.isVisible()
    assert model.isVisible()
    assert status.layout_width() <= status.width()
