"""Who computes when: many requests in one batch, without getting into each other's way.

line        requests that wait, first come, first served
job         a request for answers on its way
batch       what one step computes
pace        how fast all that is
scheduler   admits, builds, decodes, lets sample, emits
foresight   what a request would come to
"""
