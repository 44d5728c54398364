<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Actions</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts an empty chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes to the search field of the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chats and folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models and presets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find in this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Looks for words in all its messages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find the next one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes to the next place with the words</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find the one before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes to the place with the words before this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map of this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows all its branches; choose a message to go there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New temporary chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts a chat that is never written to disk and gone when the app ends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ends the running answer; what is written stays</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes back what was done last</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach files…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sends text or code files with the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the reply with…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gives the words that the answer to the next message begins with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Says what the context&apos;s tokens go to, and what will not be sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes another version of the last answer; this one is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer again with…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another preset, model or parameters, or a beginning, for one answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue the answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes on where the answer ends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit the last message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changes your last message and asks again; the old version is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows the version before this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows the version after this one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What to do with a message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the menu of the message the keyboard is at, or of the last answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rate the answer as good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept with the chat; the same once more takes it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rate the answer as bad</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How the answer was made…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model, parameters, seed, timing, and what was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Branch to a new chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies everything up to the message into a chat of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes a folder for chats and names it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lists what was deleted in the last 30 days, to bring it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asks for its name in the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Puts it into the trash, from where it can be brought back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy the whole chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As Markdown, to the clipboard</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export this chat…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saves it as Markdown, HTML, PDF, text, JSON or training data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export all chats…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saves every chat into one archive, folder by folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import chats…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reads what Locution or another program exported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import a folder of chats…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reads every chat in it, as LM Studio and Jan keep them</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the menu of models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a GGUF file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loads a model from a file on this computer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light or dark, text size, keys and how models are loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folds the left sidebar away, or back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finds any command by its name, or by what it does</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the menu of presets for this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark text on a light ground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light text on a dark ground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme of the system</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follows the desktop, also when it changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes all text larger, up to 200 per cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes all text smaller, down to 80 per cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Usual text size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes all text back to 100 per cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Talk to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Playground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Compare prompts, models and parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find and keep models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Presets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions you use again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the chat list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folds the right sidebar away, or back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lists all shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Quit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Closes the app; everything is saved</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Advanced</name>
    <message>
        <source>Advanced</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layers on the GPU</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What a graphics card computes. Fewer leave more of its memory to other programs.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>as many as fit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map the file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Starts sooner, and lets the system take memory back while a model is not used.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lock in memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the system from moving a model out of memory. It has to fit in there as a whole.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>16 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As exact as the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>8 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Half the memory, hardly less exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>5 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A third of the memory, less exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>4 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A quarter of the memory, clearly less exact</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV cache, keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What a model remembers of a chat. Fewer bits leave room for a longer one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>KV cache, values</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same for the other half of it. Fewer than 16 bits need flash attention.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Flash attention</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Needs less memory, and is faster with long chats.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the model and this machine have it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>On</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Off</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RoPE scaling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How a model reads texts longer than those it was trained on.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model&apos;s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As its file says</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>None</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Positions are left as they are</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Linear</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All positions move together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>YaRN</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Near positions stay, far ones move together</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RoPE base</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A larger one stretches the positions a model can tell apart.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the model&apos;s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>RoPE scale</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>0.5 doubles the positions, 0.25 makes four times as many.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AgainDialog</name>
    <message>
        <source>Answer again with…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The instructions of this answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (this chat&apos;s)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loaded for this answer; the one in use comes back after it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The one in use</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For this one answer. The chat keeps its own settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves the answer as it is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes another version; the others are kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start the reply with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>For example: Sure, in one sentence:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model goes on from these words</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Asking</name>
    <message>
        <source>Ask anything</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The message will not be sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1” is no longer attached.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>AttachmentChip</name>
    <message>
        <source>Remove %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, larger than the context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1
%2
Shows the text; Delete removes the file</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Attachments</name>
    <message>
        <source>Attached files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pasted text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pasted text %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Banner</name>
    <message>
        <source>What helps</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy details</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies the technical details, for a report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hides this message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes it back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>BiasesRow</name>
    <message>
        <source>Add</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add a token bias</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A word, or #17 for the token with that number</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Chat</name>
    <message>
        <source>Open a link</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open this address in your browser?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy address</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the address outside of Locution</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Puts the address on the clipboard</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading model %1 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for 1 other</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waiting for %1 others</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading %1 of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1 s left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1 min left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reading the prompt …</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>first token after %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thought before answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thought for less than a second</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thought for %1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thought for %1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 earlier message was not sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 earlier messages were not sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A part of the conversation was not sent: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You stopped this answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer could not be finished.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The app closed while this was being written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not answered yet.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never sent to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The context is full, so the answer ends here. A new chat or a larger context helps.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer reached its limit of tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer reached its limit of %1 tokens.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept with the chat and exported</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes another answer to this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Writes another version; this one is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>As it was written, with its marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy as plain text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The words without marks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Select text…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the text as it was written, to select some of it with the keyboard, too</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show as written</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The text with its marks, as the model wrote it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Makes another version; this one is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer again with…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Another preset, model or parameters, or a beginning, for one answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes on where this answer ends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comment on the rating…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Why you rated it so</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How this was made…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model, parameters, seed, timing, and what was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stays in the context when older messages no longer fit</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stays here to read, and is not sent to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Branch to a new chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies everything up to here into a chat of its own</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete from here on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This message and what follows it, into the trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What to do with this message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChatCard</name>
    <message>
        <source>Chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter sends, Shift+Enter starts a new line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Enter sends, Enter starts a new line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A chat is called what it began with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>By larger models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models of half a gigabyte and more name chats, smaller ones do it poorly</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Any model names chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A notification when a long answer has ended behind another window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Check the spelling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marks misspelled words while you write a message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shift+Enter always starts a new line.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spelling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Marks misspelled words, with the system&apos;s own dictionary.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>While it has nothing else to do, the model gives chats a title. Names you gave stay.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Notify</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When an answer that took long has ended while you were in another window.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Look them up or change them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted chats and messages can be brought back for %1 days.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Neither the system nor the package pyenchant has a dictionary for your language.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChatFiles</name>
    <message>
        <source>Markdown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Web page</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PDF</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Plain text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything, to import again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training data</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preference pairs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Untitled chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import a folder of chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exporting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Importing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved as “%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved as “%1”. Chats with nothing in them for this format: %2.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Says of every chat what became of it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Closes the report; the chats are in the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Imported: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>already there: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>could not be read: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no chat to export.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Exported chats (*.json *.jsonl *.zip)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ChatHeader</name>
    <message>
        <source>Not kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A temporary chat: it is never written to disk, and gone when the app ends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More for this chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CodeWidget</name>
    <message>
        <source>A long block is a window on itself until it is unfolded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wrap long lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save this code as a file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy this code</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Code, %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show fewer lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>Show all %Ln lines</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>Not saved. Choose another folder or name, and look whether the disk is full.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Saved as “%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save this code</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ColumnPages</name>
    <message>
        <source>Your chats will be listed here.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ComingPage</name>
    <message>
        <source>Back to the chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows the chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What will be here</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Type a command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A few letters of its name, or of what it does; Enter runs the first one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No command does this.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Commands</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What you want to say to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop the answer (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ctrl+Enter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send when the answer has ended (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Context</name>
    <message>
        <source>Instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Examples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat so far</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model&apos;s template</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept for the answer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ContextGauge</name>
    <message>
        <source>Context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 message dropped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 messages dropped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1 of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context: %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ContextWatch</name>
    <message>
        <source>This text alone is larger than the context. Shorten it, or raise the context length.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This no longer fits. Start a new chat, or raise the context length.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This no longer fits: earlier messages will not be sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This no longer fits: a part in the middle will not be sent.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1” alone is larger than the context. Attach a part of it, or raise the context length.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach its beginning</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps as much of the file as fits; it can be taken back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context length…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opens the settings, where models are given a longer context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show the context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Says what the context&apos;s tokens go to, and what will not be sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 (beginning)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only the first %1 of “%2” are attached.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationActs</name>
    <message>
        <source>%1 (copy)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Moved %1 to %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted the folder “%1”, not the chats in it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationDelegate</name>
    <message>
        <source>Title of the chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Name of the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter keeps it, Esc leaves it as it was</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationList</name>
    <message>
        <source>Trash (%1)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the top of the list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationModel</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, folder, open, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, folder, closed, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, not kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, pinned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pinned</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folders</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Today</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Yesterday</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous 7 days</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous 30 days</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ConversationView</name>
    <message>
        <source>Chats</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EditFiles</name>
    <message>
        <source>“%1” is no longer attached.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EmptyChat</name>
    <message>
        <source>What shall we do?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is loaded. The starter model came with the app and is ready in a moment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load the starter model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loads a small model, so that you can chat at once</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>EndButton</name>
    <message>
        <source>Go to the end</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FileDrop</name>
    <message>
        <source>Drop files here to attach them</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FindBar</name>
    <message>
        <source>Find in this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close the search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ends the search and takes the marks away (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 so far…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>FoundModel</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Instructions</name>
    <message>
        <source>Instructions to the model, the system prompt</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No instructions: the model answers as it was trained to.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model is told before the conversation: its role, language, form and limits.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Usual: a few short sentences. Small models follow the first ones best.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Use the preset&apos;s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset the instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the preset&apos;s instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 words</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeyField</name>
    <message>
        <source>Press the keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Waits for the new keys; Esc leaves the old ones</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeysList</name>
    <message>
        <source>Shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter changes the keys of the chosen action, Del takes them away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>While you write</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>While the keyboard is at a message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>In the list of chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start a new line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Recall what you wrote before, when the field is empty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on to what you wrote after it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rename</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pin, or no longer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move a folder up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move a folder down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All that can be done with it</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>KeysPage</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Search for an action or a key</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows the actions whose name or keys have these letters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Press other keys for the chosen action</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Press further keys for the chosen action; it keeps those it has</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves the action without keys</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gives the action the keys that it had at first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gives all actions the keys that they had at first</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The message field has these keys. What sends is chosen in the settings.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Press the keys for “%1”. Esc leaves it as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 is needed for typing. Take one with Ctrl or Alt, or a function key.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All actions have the keys that they had at first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 belongs to “%2”.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take it over</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1” has %2 now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1” has no keys now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose an action and press Enter to change its keys.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LedgerPanel</name>
    <message>
        <source>Context</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When the context is full: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1 of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 already read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>first word after about %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This does not fit. Leave messages out, or let the oldest be dropped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 message will be dropped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 messages will be dropped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A part in the middle will be dropped: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing will be dropped.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>About %1. This is a rough estimate while no model is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What becomes of a conversation that no longer fits, in this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Hides what the context is used for (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context of the next message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>When it is full:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send as needed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Always send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps the chosen message when others are dropped (P)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Send again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Never send</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves the chosen message out of what the model is sent (X)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LimitNote</name>
    <message>
        <source>A part is shown as plain text because it is very large or has very many marks.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A very large table is shown as plain text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Code and tables beyond the first %1 stand in the text.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Formulas beyond the first %1 are shown as source.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ListHead</name>
    <message>
        <source>More: temporary chat, folder, import, export</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A temporary chat, a folder, import and export</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ListMenus</name>
    <message>
        <source>Rename</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Duplicate</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move to folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Export as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move up</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Move down</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unpin</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep a copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat in it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New folder in it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete the folder, keep its chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Top of the list</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New folder…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the top of the list</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>LiveView</name>
    <message>
        <source>The model is answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer is complete</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageActs</name>
    <message>
        <source>%1 (branch)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The chat is on the clipboard, as Markdown</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageButtons</name>
    <message>
        <source>Previous version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer again; this version is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Edit; this version is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Branch to a new chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Good answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bad answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Version %1 of %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, given; press again to take it back</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageEditor</name>
    <message>
        <source>Edit the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The other words of this message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves the message as it was (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save only</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps this text as another version, without an answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attach files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Attaches files to this version of the message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save and ask again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Asks again with this text; the old version is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps this text as another version</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageFiles</name>
    <message>
        <source>Attached files</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File %1, %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageParts</name>
    <message>
        <source>The conversation no longer fits into the model&apos;s context.
</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“When the context is full” in the sidebar says what happens then; </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>a larger context length in the settings has room for more.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageStatus</name>
    <message>
        <source>Continue</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Goes on where this answer ends</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model answers; what there is already is kept</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Try again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Answer</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>MessageWidget</name>
    <message>
        <source>You</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelMenu</name>
    <message>
        <source>Open a GGUF file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>GGUF models (*.gguf)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No models found yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stop loading</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unload the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Gives up the model that is being loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Frees its memory; the next prompt loads it again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Comes with the app</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Opened before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Library</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no model is loaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>loading %1 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model that answers, and how it is. Choose another here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>ready</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>answering</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>failed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model %1, %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another file</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ModelsPane</name>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model manager is not built yet. Today you choose models in the menu above the chat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find models that fit this computer and download them, with resume and checks</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bring in what other apps have already downloaded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>See what is inside a file: licence, template, quantization, memory it needs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a GGUF file…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loads a model from a file</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NextStrip</name>
    <message>
        <source>Will be sent next:</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Puts it back into the field to change it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Change the waiting message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Does not send it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove the waiting message</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Will be sent next: %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Notifications</name>
    <message>
        <source>The answer is complete.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer reached its limit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The answer failed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>NumberRow</name>
    <message>
        <source>%1, slider</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 goes from %2 to %3, so %4 became %5.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OrderRow</name>
    <message>
        <source>Space uses one or leaves it out, Alt+Up and Alt+Down move it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Earlier (Alt+Up)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Later (Alt+Down)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Origin</name>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>File</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chat template</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Engine</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>First token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thought</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wrote</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Speed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Left out</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>User</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 in %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>off</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>OriginDialog</name>
    <message>
        <source>How this was made</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the model was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parts of what is known</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Facts</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Closes this window</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy all as JSON</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Facts, all parameters and everything that was sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ask again with exactly this</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The same model, instructions, parameters and seed, once more</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameter</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Value</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From the messages as they are now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not all of it fitted then; the facts say how much was left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What did not fit is left out; a long message may have lost its middle as well.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What did not fit is left out.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The exact text, as the chat template of this model makes it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This model is not here any more: asking again would use the one in use.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ParameterRow</name>
    <message>
        <source>Usual: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Explain %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reset %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the preset&apos;s value</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ParameterSections</name>
    <message>
        <source>%1 more setting when on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 more settings when on</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Sampling</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Repetition</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>More samplers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Limits and stops</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Output</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ParameterSidebar</name>
    <message>
        <source>Reset all</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Everything back to the preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brings back what was just reset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Parameters</name>
    <message>
        <source>This is not JSON yet: line %1, column %2: %3.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This JSON is too deep or has too long a number.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PlaygroundPane</name>
    <message>
        <source>Playground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The playground is not built yet. Today you compare answers in the chat: ask again, </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>and move between the versions with the arrows under an answer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Several answers at once, and grids of prompts, presets, models and parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The probability of every token, and what else could have stood there</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What temperature, top-k and top-p do to the choice, live</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measures with confidence intervals: is B really better than A?</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PrefillLine</name>
    <message>
        <source>The reply begins with</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Start of the reply</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>for example: Dear Ms</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model goes on from these words; a model that thinks first does not do so then</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Let the model begin by itself</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lets the model begin by itself</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PresetButton</name>
    <message>
        <source>Preset %1, changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preset %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions and parameters for a kind of work</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>PresetsPane</name>
    <message>
        <source>Presets</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The preset editor is not built yet. Today you pick a preset at the top of the sidebar </source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>beside the chat, and change its instructions and parameters for that chat.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instructions with variables that become a form, and examples to learn from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Versions: yesterday&apos;s wording is one click away</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Import and export as one readable file</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RatingPopover</name>
    <message>
        <source>What was good about it?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What was wrong with it?</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept with the rating, and exported with it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Optional</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps what you say about the answer (Enter)</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>RichText</name>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SearchField</name>
    <message>
        <source>Search chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finds words in titles and messages of all chats; Enter goes to the first</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SearchResults</name>
    <message>
        <source>What was found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Filters for the search</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds the filter to what is searched for</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Nothing found for “%1”. Try fewer words.</source>
        <translation type="unfinished"></translation>
    </message>
    <message numerus="yes">
        <source>The %Ln newest are shown. More words find fewer.</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln found</source>
        <translation type="unfinished">
            <numerusform></numerusform>
            <numerusform></numerusform>
        </translation>
    </message>
    <message>
        <source>in:folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>model:name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Narrow it down:</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Section</name>
    <message>
        <source>Something here differs from the preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>folded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folds this section</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unfolds this section</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SettingsPane</name>
    <message>
        <source>Settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>System</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Follows the desktop, also when it changes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark text on a light ground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dark</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Light text on a dark ground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context length, in tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>automatic</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Disk space for what was read, in megabytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>keep nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load the model again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loads the model in use with these settings</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text size in per cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The size of all text, from 80 to 200 per cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Theme</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Context length</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens that a chat and its answer may use together. More needs more memory.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Processor cores to compute with. Automatic tries out which number is fastest.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Read chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Megabytes of disk for what the model has read of chats, so that they go on at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Otherwise these, and the advanced ones, count from the next load on.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>SpellCheck</name>
    <message>
        <source>No suggestions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add to the dictionary</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>StatusLine</name>
    <message>
        <source>Progress of loading the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No model is loaded.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Loading %1 … %2 %</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Load it again</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The model that answers, and its quantization</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the model computes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How much of what the model can hold in view this chat uses</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>From sending to the first piece of the answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Tokens a second; a token is about three quarters of an English word</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What the engine holds in memory</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 thread</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 threads</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 of %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>context %2 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>first token %1</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TextRow</name>
    <message>
        <source>None. For example:</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TextViewer</name>
    <message>
        <source>Wrap lines</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Breaks lines that are longer than the window is wide</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copies the whole text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Closes this window (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 characters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>only the beginning is shown; “Copy” takes all of it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copied</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TextsRow</name>
    <message>
        <source>%1, one a line</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One a line; \n is a line break</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>One a line; \n is a line break, \t a tab.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>ThinkingBlock</name>
    <message>
        <source>What the model thought</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy what the model thought</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Thinking … %1 s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>folded</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folds what the model thought</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Shows what the model thought</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Transcript</name>
    <message>
        <source>Messages</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TransferBar</name>
    <message>
        <source>Cancel</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancel: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ends this; nothing that was there before is changed</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1, %2 left</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrashModel</name>
    <message>
        <source>New chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part of “%1”: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1 day left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 days left</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 · deleted %2</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TrashView</name>
    <message>
        <source>The trash is empty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Back to the chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Restore</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Puts it back where it was</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deletes it for good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Empty…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deletes everything here for good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>“%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete %1 for good? This cannot be undone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Delete everything in the trash for good? This cannot be undone.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Trash</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted chats</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TreeMapPanel</name>
    <message>
        <source>Map of this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Close the map</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes the map away (Esc)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Messages: %1 · Branches: %2</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TreeMapView</name>
    <message>
        <source>Map of this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Arrows walk along the branches, Enter goes to the message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TurnsModel</name>
    <message>
        <source>always sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not sent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>dropped</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>New</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>TurnsView</name>
    <message>
        <source>Messages that go to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>P sends a message always, X never</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Undo</name>
    <message>
        <source>Undo %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undone: %1</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>renaming a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pinning or unpinning a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>pinning %1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>moving a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>moving %1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deleting a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deleting %1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>copying a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>copying %1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deleting a message and what follows it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>making another version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>showing another version</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>rating an answer</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>choosing what is sent to the model</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>choosing a preset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changing the instructions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changing “%1”</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>changing %1 parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>importing a chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>importing %1 chats</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>making a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>renaming a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>moving a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>deleting a folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>removing the message that waited</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>taking a file off the message</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Undoing</name>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Takes this back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Deleted a message and what follows it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Brings it back; it is in the trash for 30 days</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>Words</name>
    <message>
        <source>%1 token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>about %1 tokens</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 character</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 characters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 bytes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 tok/s</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 min</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>%1 s</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Dialog</name>
    <message>
        <source>Opening your chats…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This takes a moment.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How far it is</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bringing your chats up to date…</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is done once. The chats as they were are kept beside the new file.</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Field</name>
    <message>
        <source>Words to find</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find in this chat</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Finds what is written in the messages, whatever the case; not thoughts or files</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_FoundView</name>
    <message>
        <source>What was found</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Enter opens the chat at this place</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Line</name>
    <message>
        <source>Token</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>word or #number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All tokens of this text, or #17 for the token with that number</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bias</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Added to the token&apos;s logit: above 0 likelier, -100 in effect never</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Remove this bias</source>
        <translation type="unfinished"></translation>
    </message>
</context>
<context>
    <name>_Question</name>
    <message>
        <source>Delete for good</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keep</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no way back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves it in the trash</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
