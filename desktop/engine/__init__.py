"""The engine: a child process per loaded model, and the bridge that talks to it.

``protocol`` is what both sides say; ``bridge``, ``asking`` and ``process`` live in the app; ``worker`` is the
child, the only importer of llama_cpp; ``fake`` is a scripted core that the child can run in its place.
"""
