"""From logits to an answer's text.

links, sampler      one native chain per answer, and what is in it
choice              choosing again where the chain's choice is not allowed, from candidates
bans                banned phrases, across tokens
grammars            what a grammar (gbnf, gbnf_rules) or a JSON schema (schema) demands, made ready
constraint          what it demands of the next token
logprobs            log-probabilities from raw logits
text                whole characters only, and never the start of a stop sequence
writer, answer      what the answers of one request share; one of them being written
"""
