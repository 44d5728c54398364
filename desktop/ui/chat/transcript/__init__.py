"""The messages of the open chat in a list that scrolls, whatever their number.

Only what is near the viewport has a widget:

    transcript           what the window asks of it, and what the user does in it
    area                 the column, the scroll bar, what is prepared while nothing else is done
    layout               where the rows are that are seen; ``heights`` knows where all the others start
    live_rows            about forty widgets for any number of rows
    focus                the message that the keyboard is at
    marks                what a search in the chat found
    end_button           the way back to the end
"""
