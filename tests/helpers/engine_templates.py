"""Chat templates in the shape of common families, and one that does everything to a text.

``{S}`` and ``{E}`` stand for the control tokens that begin and end a message.
"""

CHATML = """\
{% for message in messages %}\
{{ '{S}' + message['role'] + '\\n' + message['content'] + '{E}' + '\\n' }}\
{% endfor %}\
{% if add_generation_prompt %}{{ '{S}assistant\\n' }}{% endif %}"""

# User and assistant must alternate; the system text goes into the first user message.
BRACKETS = """\
{% if messages[0]['role'] == 'system' %}
    {% set system, rest = messages[0]['content'], messages[1:] %}
{% else %}
    {% set system, rest = '', messages %}
{% endif %}
{% for message in rest %}
    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}
    {%- endif %}
    {%- if loop.first and system %}
        {%- set content = '<<SYS>>\\n' ~ system ~ '\\n<</SYS>>\\n\\n' ~ message['content'] %}
    {%- else %}
        {%- set content = message['content'] %}
    {%- endif %}
    {%- if message['role'] == 'user' %}
        {{- '{S}[INST] ' + content.strip() + ' [/INST]' }}
    {%- elif message['role'] == 'assistant' %}
        {{- ' ' + content.strip() + ' ' + '{E}' }}
    {%- endif %}
{%- endfor %}"""

# No system role, and the assistant is called by another name.
NO_SYSTEM = """\
{{ bos_token }}\
{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}\
{% for message in messages %}\
{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}\
{{ '{S}' + role + '\\n' + message['content'] | trim + '{E}\\n' }}{% endfor %}\
{% if add_generation_prompt %}{{ '{S}model\\n' }}{% endif %}"""

# A namespace, loop controls, and a system text that is put before the last question.
LAST_QUESTION = """\
{%- set ns = namespace(system='', last=-1) -%}
{%- for message in messages -%}
    {%- if message.role == 'system' -%}
        {%- set ns.system = ns.system ~ message.content -%}
        {%- continue -%}
    {%- endif -%}
    {%- if message.role == 'user' -%}{%- set ns.last = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{%- for message in messages -%}
    {%- if loop.index > 1000 -%}{%- break -%}{%- endif -%}
    {%- if message.role == 'user' -%}
        {S}{% if loop.index0 == ns.last and ns.system %}{{ ns.system }}

{% endif %}{{ message.content }}{E}
    {%- elif message.role == 'assistant' -%}
        {% generation %}{{ message['content'] }}{E}{% endgeneration %}
    {%- endif -%}
{%- endfor -%}"""

# Thinking blocks are cut out of earlier answers.
THINKING = """\
{%- for message in messages %}
{%- if message.role == 'assistant' and '</think>' in message.content %}
{%- set content = message.content.split('</think>')[-1].lstrip('\\n') %}
{%- else %}
{%- set content = message.content %}
{%- endif %}
{{- '{S}' + message.role + '\\n' + content + '{E}\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '{S}assistant\\n' }}
{%- if enable_thinking is defined and enable_thinking is false %}
{{- '<think>\\n\\n</think>\\n\\n' }}
{%- endif %}
{%- endif %}"""

# Messages as JSON.
AS_JSON = """\
{S}{{ messages | tojson }}{E}
{S}{{ messages | map(attribute='content') | list | tojson(indent=2) }}{E}
{S}{{ {'today': 'now', 'text': messages[-1].content} | tojson }}{E}"""

# Whatever a template may do to a text.
EVERYTHING = """\
{%- macro box(text) -%}[{{ text }}]{%- endmacro -%}
{%- for message in messages -%}
{%- set c = message.content -%}
{S}{{ c.strip() }}|{{ c.lstrip() }}|{{ c.rstrip('>') }}|{{ c | trim }}{E}
{S}{{ c.split('\\n') | join('\\n') }}{E}
{S}{{ c.replace('a', 'b') }}|{{ c | replace(' ', '_') }}|{{ c.split() | join(' ') }}{E}
{S}{{ c.splitlines() | join }}{E}
{S}{{ c.upper() }}|{{ c | lower }}|{{ c.title() }}{E}
{S}{{ c.capitalize() }}|{{ c.swapcase() }}|{{ c.casefold() }}{E}
{S}{{ '%s and %s' % (c, c) }}|{{ '%s' | format(c) }}|{{ '{}'.format(c) }}|{{ 'x: {0}'.format(c) }}{E}
{S}{{ c[::-1][::-1] }}|{{ c[1:] }}|{{ c[:3] ~ c[3:] }}|{{ c | list | join }}|{{ c | reverse }}{E}
{S}{{ c.partition('|')[2] }}|{{ c.rpartition('<')[0] }}|{{ c.removeprefix('<') }}|{{ c.removesuffix('>') }}{E}
{S}{{ box(c) }}|{{ (c, c) | join(', ') }}|{{ [c] | first }}{E}
{S}{{ c | indent(2) }}|{{ c | e }}|{{ c | string }}{E}
{S}{% set kept %}{{ c }}{% endset %}{{ kept }}{E}
{S}{% filter upper %}{{ c }}{% endfilter %}|{{ c | tojson }}{E}
{S}{{ c | truncate(20) }}|{{ c | wordwrap(10) }}|{{ c | center(30) }}{E}
{S}{{ c | default('') }}|{{ c ~ '' }}{E}
{S}{% for char in c %}{{ char }}{% endfor %}|{{ c | escape | replace('&lt;', '<') | replace('&gt;', '>') }}{E}
{S}{{ c | urlencode }}|{{ c | striptags }}|{{ c | forceescape }}|{{ c | safe }}|{{ c | title }}{E}
{%- endfor -%}"""

FAMILIES = {
    "chatml": CHATML,
    "brackets": BRACKETS,
    "no system": NO_SYSTEM,
    "last question": LAST_QUESTION,
    "thinking": THINKING,
    "json": AS_JSON,
    "everything": EVERYTHING,
}


def with_tokens(template: str, start: str = "<|im_start|>", end: str = "<|im_end|>") -> str:
    """A template of these for a vocabulary with these control tokens."""
    return template.replace("{S}", start).replace("{E}", end)
