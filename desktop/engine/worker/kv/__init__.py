"""What has been read, so that nothing is read twice.

cache       which sequence of the KV cache holds what; reuse: how much reading that spares
keeper      when that goes to disk and comes back
state       what goes there: a sequence with its tokens, authentic or not used
state_files the folder it goes to
"""
