"""Use cases. Plain asyncio, no Qt: the window and the command line are two faces of the same services.

assembly    builds the adapters and services over one data folder, and closes them in order
bus         who is told when something changed
tasks       background work that is owned, named and ended
settings    settings in memory, written behind
presets     preset files, shipped and the user's own
models      the model in use: find, check, load, and what it can be asked
chat        conversations: send, stop, regenerate, edit, switch versions
folders     folders, and which chats are in them
search      finding something in all chats
trash       deleting, bringing back, and the clock that tells the trash its age
undo        what was done in this session, each with its way back
stores      where a chat is: on disk, or in memory for those that are never written
copies      a chat or a branch of it as another chat
exchange    chats to files and files to chats
effective   what an answer is made with: the preset, and what the conversation changes of it
titles      titles that the model writes while it has nothing else to do
answering   one answer from request to its final state in the database
unsaved     finished answers that the disk did not take
doctor      what this machine has, and what is wrong with it
"""
