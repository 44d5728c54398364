"""What has been read, so that nothing is read twice.

cache       which sequence of the KV cache holds what
keeper      when that goes to disk and comes back
state       the files it goes to, authentic or not used
"""
