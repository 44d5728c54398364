"""Use cases. Plain asyncio, no Qt: the window and the command line are two faces of the same services.

assembly      builds the adapters and services over one data folder, and closes them in order
bus           who is told when something changed
tasks         background work that is owned, named and ended
undo          what was done in this session, each with its way back

Chats:

conversations whole chats: which there are, what is in them, new, renamed, pinned, copied (copies)
chat          messages: send, stop, regenerate, edit, switch versions, rate (new_messages makes them)
next_message  drafts, and the message that waits for the running answer to end
answering     one answer, from the request to its final state in the database
live_answer   the same for views: how far it is (prompt_clock), and what it says so far
unsaved       finished answers that the disk did not take
stores        where a chat is: on disk, or in memory for those that are never written
folders       folders, and which chats are in them
trash         deleting, bringing back, and the clock that tells the trash its age
search        finding something in all chats
exchange      chats to files and files to chats
titles        titles that the model writes while it has nothing else to do

What the model gets:

models        the model in use: find, check, load, and what it can be asked
known_models  the model files there are to choose from
states        where the engine keeps what it has read of chats
presets       preset files, shipped and the user's own
effective     what an answer is made with: the preset, and what the chat or one request changes of it
turns         what of a chat the model is sent; shown_branch: of the branch that is shown, kept up to date
ledger        what the next message would cost; ledger_plan: what of the chat is sent with it

The rest:

settings      settings in memory, written behind
spelling      which words are misspelled
doctor        what this machine has, and what is wrong with it
"""
