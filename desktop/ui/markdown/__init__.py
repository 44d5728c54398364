"""Messages as they are read: Markdown, code and formulas, also while they are still being written.

Knows no service, and nothing that is rendered fetches anything.

    source               cuts a text into pieces that can be rendered one by one
    rendering            pieces to blocks of HTML and of code; ``limits`` says what would take too long
    blocks · spans       the parser's tokens as HTML: paragraphs and what holds them, what stands in a line
    view                 blocks in widgets (``pool``, ``tail``, ``limit_note``), laid out by hand
    rich_text            a run of HTML in a widget, in the theme's ``style``, with its ``task_boxes``
    formulas             set on a thread (``formula_typesetting``) and put into the text (``formula_signs``)
    code_block           code in a widget: its lines (``code_text``), colours (``code_highlight``), its way
                         into a file (``code_saving``)
    selection            text that is selected over several blocks
    search_marks         what a search found in a widget
    plain_text           what can be read of a text that has no widget
"""
