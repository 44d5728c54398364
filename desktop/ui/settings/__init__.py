"""The settings page: a ``pane`` of cards (``card``), one for chatting (``chat``), one for those who know more
(``advanced``).
"""
