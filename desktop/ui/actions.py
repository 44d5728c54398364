"""Everything a key can do, in one table: text, what it does, default keys; in groups with a heading each.

The window makes one ``Actions``; panes ask it for the action they carry out and connect ``triggered``.
An action starts disabled only if its pane says so. The command palette and the keys page list the same table,
and the user may choose other keys (``ui/shortcuts.py``).
"""

from __future__ import annotations

from enum import Enum

from PySide6.QtWidgets import QWidget

from desktop.ui.action_table import ActionTable, Row, native_keys

__all__ = ["PANES", "ActionId", "Actions", "native_keys"]


class ActionId(Enum):
    NEW_CHAT = "new-chat"
    FIND = "find"
    FIND_NEXT = "find-next"
    FIND_PREVIOUS = "find-previous"
    TREE_MAP = "tree-map"
    NEW_TEMPORARY_CHAT = "new-temporary-chat"
    SEARCH = "search"
    NEW_FOLDER = "new-folder"
    TRASH = "trash"
    STOP = "stop"
    ATTACH = "attach"
    PREFILL = "prefill"
    LEDGER = "ledger"
    REGENERATE = "regenerate"
    REGENERATE_WITH = "regenerate-with"
    CONTINUE = "continue"
    EDIT_LAST = "edit-last"
    PREVIOUS_VERSION = "previous-version"
    NEXT_VERSION = "next-version"
    MESSAGE_MENU = "message-menu"
    RATE_UP = "rate-up"
    RATE_DOWN = "rate-down"
    ORIGIN = "origin"
    BRANCH = "branch"
    RENAME_CHAT = "rename-chat"
    DELETE_CHAT = "delete-chat"
    COPY_CHAT = "copy-chat"
    EXPORT_CHAT = "export-chat"
    EXPORT_ALL = "export-all"
    IMPORT_CHATS = "import-chats"
    IMPORT_FOLDER = "import-folder"
    MODEL_MENU = "model-menu"
    PRESET_MENU = "preset-menu"
    OPEN_MODEL = "open-model"
    UNDO = "undo"
    PANE_1 = "pane-1"
    PANE_2 = "pane-2"
    PANE_3 = "pane-3"
    PANE_4 = "pane-4"
    PANE_5 = "pane-5"
    SETTINGS = "settings"
    TOGGLE_LIST = "toggle-list"
    TOGGLE_SIDEBAR = "toggle-sidebar"
    THEME_LIGHT = "theme-light"
    THEME_DARK = "theme-dark"
    THEME_SYSTEM = "theme-system"
    TEXT_LARGER = "text-larger"
    TEXT_SMALLER = "text-smaller"
    TEXT_NORMAL = "text-normal"
    PALETTE = "palette"
    KEYS = "keys"
    QUIT = "quit"


PANES = (ActionId.PANE_1, ActionId.PANE_2, ActionId.PANE_3, ActionId.PANE_4, ActionId.PANE_5)


class Actions(ActionTable[ActionId]):
    """The window's actions, made on first use and added to ``parent`` so that their keys work in it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.fill(
            [
                (self.tr("Chat"), self._chat_rows()),
                (self.tr("Messages"), self._message_rows()),
                (self.tr("Chats and folders"), self._list_rows()),
                (self.tr("Models and presets"), self._model_rows()),
                (self.tr("Appearance"), self._appearance_rows()),
                (self.tr("Window"), self._window_rows()),
            ]
        )

    def _chat_rows(self) -> dict[ActionId, Row]:
        return {
            ActionId.NEW_CHAT: Row(self.tr("New chat"), self.tr("Starts an empty chat"), "Ctrl+N"),
            ActionId.FIND: Row(
                self.tr("Find in this chat"), self.tr("Looks for words in all its messages"), "Ctrl+F"
            ),
            ActionId.FIND_NEXT: Row(
                self.tr("Find the next one"), self.tr("Goes to the next place with the words"), "F3"
            ),
            ActionId.FIND_PREVIOUS: Row(
                self.tr("Find the one before"),
                self.tr("Goes to the place with the words before this one"),
                "Shift+F3",
            ),
            ActionId.TREE_MAP: Row(
                self.tr("Map of this chat"),
                self.tr("Shows all its branches; choose a message to go there"),
                "Ctrl+Shift+M",
            ),
            ActionId.NEW_TEMPORARY_CHAT: Row(
                self.tr("New temporary chat"),
                self.tr("Starts a chat that is never written to disk and gone when the app ends"),
                "Ctrl+Shift+N",
            ),
            ActionId.STOP: Row(
                self.tr("Stop the answer"), self.tr("Ends the running answer; what is written stays"), "Esc"
            ),
            ActionId.UNDO: Row(self.tr("Undo"), self.tr("Takes back what was done last"), "Ctrl+Z"),
            ActionId.ATTACH: Row(
                self.tr("Attach files…"), self.tr("Sends text or code files with the message"), "Ctrl+U"
            ),
            ActionId.PREFILL: Row(
                self.tr("Start the reply with…"),
                self.tr("Gives the words that the answer to the next message begins with"),
                "Ctrl+Shift+J",
            ),
            ActionId.LEDGER: Row(
                self.tr("Show the context"),
                self.tr("Says what the context's tokens go to, and what will not be sent"),
                "Ctrl+Shift+K",
            ),
        }

    def _message_rows(self) -> dict[ActionId, Row]:
        return {
            ActionId.REGENERATE: Row(
                self.tr("Answer again"),
                self.tr("Writes another version of the last answer; this one is kept"),
                "Ctrl+R",
            ),
            ActionId.REGENERATE_WITH: Row(
                self.tr("Answer again with…"),
                self.tr("Another preset, model or parameters, or a beginning, for one answer"),
                "Ctrl+Alt+R",
            ),
            ActionId.CONTINUE: Row(
                self.tr("Continue the answer"),
                self.tr("Goes on where the answer ends"),
                "Ctrl+Shift+R",
            ),
            ActionId.EDIT_LAST: Row(
                self.tr("Edit the last message"),
                self.tr("Changes your last message and asks again; the old version is kept"),
                "Ctrl+Up",
            ),
            ActionId.PREVIOUS_VERSION: Row(
                self.tr("Previous version"), self.tr("Shows the version before this one"), "Alt+Left"
            ),
            ActionId.NEXT_VERSION: Row(
                self.tr("Next version"), self.tr("Shows the version after this one"), "Alt+Right"
            ),
            ActionId.MESSAGE_MENU: Row(
                self.tr("What to do with a message"),
                self.tr("Opens the menu of the message the keyboard is at, or of the last answer"),
                "Ctrl+M",
            ),
            ActionId.RATE_UP: Row(
                self.tr("Rate the answer as good"),
                self.tr("Kept with the chat; the same once more takes it back"),
                "Alt+Up",
            ),
            ActionId.RATE_DOWN: Row(
                self.tr("Rate the answer as bad"),
                self.tr("Kept with the chat; the same once more takes it back"),
                "Alt+Down",
            ),
            ActionId.ORIGIN: Row(
                self.tr("How the answer was made…"),
                self.tr("Model, parameters, seed, timing, and what was sent"),
                "Ctrl+I",
            ),
            ActionId.BRANCH: Row(
                self.tr("Branch to a new chat"),
                self.tr("Copies everything up to the message into a chat of its own"),
                "Ctrl+Shift+D",
            ),
        }

    def _list_rows(self) -> dict[ActionId, Row]:
        return {
            ActionId.SEARCH: Row(
                self.tr("Search chats"), self.tr("Goes to the search field of the list"), "Ctrl+K"
            ),
            ActionId.NEW_FOLDER: Row(
                self.tr("New folder"), self.tr("Makes a folder for chats and names it"), "Ctrl+Alt+N"
            ),
            ActionId.TRASH: Row(
                self.tr("Show the trash"),
                self.tr("Lists what was deleted in the last 30 days, to bring it back"),
                "Ctrl+Shift+T",
            ),
            ActionId.RENAME_CHAT: Row(
                self.tr("Rename this chat"), self.tr("Asks for its name in the list"), "F2"
            ),
            ActionId.DELETE_CHAT: Row(
                self.tr("Delete this chat"),
                self.tr("Puts it into the trash, from where it can be brought back"),
                "Ctrl+Shift+Backspace",
            ),
            ActionId.COPY_CHAT: Row(
                self.tr("Copy the whole chat"), self.tr("As Markdown, to the clipboard"), "Ctrl+Shift+C"
            ),
            ActionId.EXPORT_CHAT: Row(
                self.tr("Export this chat…"),
                self.tr("Saves it as Markdown, HTML, PDF, text, JSON or training data"),
                "Ctrl+Shift+S",
            ),
            ActionId.EXPORT_ALL: Row(
                self.tr("Export all chats…"),
                self.tr("Saves every chat into one archive, folder by folder"),
                "Ctrl+Alt+S",
            ),
            ActionId.IMPORT_CHATS: Row(
                self.tr("Import chats…"),
                self.tr("Reads what Locution or another program exported"),
                "Ctrl+Shift+O",
            ),
            ActionId.IMPORT_FOLDER: Row(
                self.tr("Import a folder of chats…"),
                self.tr("Reads every chat in it, as LM Studio and Jan keep them"),
                "",
            ),
        }

    def _model_rows(self) -> dict[ActionId, Row]:
        return {
            ActionId.MODEL_MENU: Row(
                self.tr("Choose a model"), self.tr("Opens the menu of models"), "Ctrl+L"
            ),
            ActionId.OPEN_MODEL: Row(
                self.tr("Open a GGUF file…"), self.tr("Loads a model from a file on this computer"), "Ctrl+O"
            ),
            ActionId.PRESET_MENU: Row(
                self.tr("Choose a preset"), self.tr("Opens the menu of presets for this chat"), "Ctrl+Shift+L"
            ),
        }

    def _appearance_rows(self) -> dict[ActionId, Row]:
        return {
            ActionId.THEME_LIGHT: Row(self.tr("Light theme"), self.tr("Dark text on a light ground"), ""),
            ActionId.THEME_DARK: Row(self.tr("Dark theme"), self.tr("Light text on a dark ground"), ""),
            ActionId.THEME_SYSTEM: Row(
                self.tr("Theme of the system"), self.tr("Follows the desktop, also when it changes"), ""
            ),
            ActionId.TEXT_LARGER: Row(
                self.tr("Larger text"), self.tr("Makes all text larger, up to 200 per cent"), "Ctrl++; Ctrl+="
            ),
            ActionId.TEXT_SMALLER: Row(
                self.tr("Smaller text"), self.tr("Makes all text smaller, down to 80 per cent"), "Ctrl+-"
            ),
            ActionId.TEXT_NORMAL: Row(
                self.tr("Usual text size"), self.tr("Takes all text back to 100 per cent"), "Ctrl+0"
            ),
        }

    def _window_rows(self) -> dict[ActionId, Row]:
        return {
            ActionId.PANE_1: Row(self.tr("Chat"), self.tr("Talk to the model"), "Ctrl+1"),
            ActionId.PANE_2: Row(
                self.tr("Playground"), self.tr("Compare prompts, models and parameters"), "Ctrl+2"
            ),
            ActionId.PANE_3: Row(self.tr("Models"), self.tr("Find and keep models"), "Ctrl+3"),
            ActionId.PANE_4: Row(self.tr("Presets"), self.tr("Instructions you use again"), "Ctrl+4"),
            ActionId.PANE_5: Row(
                self.tr("Settings"),
                self.tr("Light or dark, text size, keys and how models are loaded"),
                "Ctrl+5",
            ),
            ActionId.SETTINGS: Row(
                self.tr("Open settings"),
                self.tr("Light or dark, text size, keys and how models are loaded"),
                "Ctrl+,",
            ),
            ActionId.TOGGLE_LIST: Row(
                self.tr("Show or hide the chat list"),
                self.tr("Folds the left sidebar away, or back"),
                "Ctrl+B",
            ),
            ActionId.TOGGLE_SIDEBAR: Row(
                self.tr("Show or hide the parameters"),
                self.tr("Folds the right sidebar away, or back"),
                "Ctrl+Shift+B",
            ),
            ActionId.PALETTE: Row(
                self.tr("Command palette"),
                self.tr("Finds any command by its name, or by what it does"),
                "Ctrl+Shift+P",
            ),
            ActionId.KEYS: Row(self.tr("Keyboard shortcuts"), self.tr("Lists all shortcuts"), "F1"),
            ActionId.QUIT: Row(self.tr("Quit"), self.tr("Closes the app; everything is saved"), "Ctrl+Q"),
        }
