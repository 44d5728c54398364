"""The engine: a child process per loaded model, and the bridge that talks to it.

protocol    what both sides say; framing: how it goes over the pipes
bridge      the app's way to the engine; asking: what it can be asked; request: one running request
process     the child process: started, listened to, ended; watchdog: whether it hangs
worker      the child itself, the only importer of llama_cpp
fake        a scripted core that the child can run in place of llama.cpp
"""
