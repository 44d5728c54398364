"""The window: PySide6 Widgets over the services. Everything here lives on the main thread.

Imports only ``services``, ``domain``, ``system`` (for ``resources_dir``) and Qt.
"""
