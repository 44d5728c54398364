"""Model files: what is on this disk, and whether native code may open it. Imports ``system`` and ``domain``
only.

Nothing here loads a model; everything here may be called from any thread, and blocks on the disk.
"""
