"""This machine: where files live, what the log says, what the hardware can do. Imports ``domain`` only.

paths             the app's folders, and its resources
logs              the log file, and whether the last run ended well
hardware          cores and memory, within what a container leaves (cgroup); processor: its instruction sets
text_files        text and code files as text, whatever they are encoded in
file_names        names that every system takes
printable         text from a stranger, made safe to show
spelling          the system's spell-checker
"""
