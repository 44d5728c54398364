"""The settings page: a ``pane`` of cards, for chatting (``chat``) and for those who know (``advanced``)."""
