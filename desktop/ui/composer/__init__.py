"""Where prompts are written, and what they will come to in the context.

It knows what is typed; ``ui/chat/asking.py`` and ``ui/chat/context_watch.py`` connect it to the services.

    composer             the field with its buttons; ``hint`` says under it what will become of it
    attachments          files on chips (``attachment_chip``); ``file_drop`` takes them all over the chat
    prefill_line         the words that the answer begins with
    next_strip           the message that waits for the running answer
    prompt_history       what was written before; ``spell_check`` marks what is misspelled now
    context_meter        asks what the next message costs; ``context_gauge`` shows it in a line
    ledger_panel         the same in full: ``share_bar``, and each message in ``ledger_turns``
"""
