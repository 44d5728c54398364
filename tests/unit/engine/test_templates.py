"""Chat templates of all kinds, also hostile ones: the text they mean, or an error in words, soon."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from desktop.domain.conversation import Role
from desktop.domain.errors import TemplateError
from desktop.domain.generation import Turn
from desktop.engine.worker.prompts import template as template_module
from desktop.engine.worker.prompts.sandbox import Refused
from desktop.engine.worker.prompts.template import ChatTemplate
from tests.helpers.engine_templates import BRACKETS, CHATML, FAMILIES, NO_SYSTEM, THINKING, with_tokens

SYSTEM = Turn(Role.SYSTEM, "Be brief.")
USER = Turn(Role.USER, "What is salt?")
ASSISTANT = Turn(Role.ASSISTANT, "A mineral.")


def render(source: str, *turns: Turn, add_generation_prompt: bool = True) -> str:
    template = ChatTemplate(with_tokens(source), bos="<s>", eos="</s>")
    return str.__str__(template.render(turns or (USER,), add_generation_prompt=add_generation_prompt))


def value(expression: str) -> str:
    """What an expression comes to, in a template that also says what the user said."""
    return render(f"{{{{ {expression} }}}}{{{{ messages[0].content }}}}").removesuffix(USER.content)


# What they mean


def test_chatml() -> None:
    assert render(CHATML, SYSTEM, USER) == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat is salt?<|im_end|>\n"
        "<|im_start|>assistant\n"
    )


def test_the_answer_is_not_begun_where_it_is_not_asked_for() -> None:
    assert render(CHATML, USER, add_generation_prompt=False).endswith("What is salt?<|im_end|>\n")


def test_instructions_in_brackets() -> None:
    assert render(BRACKETS, SYSTEM, USER, ASSISTANT, USER) == (
        "<|im_start|>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhat is salt? [/INST] A mineral. <|im_end|>"
        "<|im_start|>[INST] What is salt? [/INST]"
    )


def test_where_there_is_no_system_role_its_text_begins_the_first_question() -> None:
    assert render(NO_SYSTEM, SYSTEM, USER) == (
        "<s><|im_start|>user\nBe brief.\n\nWhat is salt?<|im_end|>\n<|im_start|>model\n"
    )


def test_where_the_system_text_is_left_out_it_begins_the_first_question() -> None:
    source = "{% for m in messages if m.role != 'system' %}[{{ m.role }}] {{ m.content }}\n{% endfor %}"

    assert render(source, SYSTEM, USER, ASSISTANT) == (
        "[user] Be brief.\n\nWhat is salt?\n[assistant] A mineral.\n"
    )


def test_an_empty_system_text_is_not_missed() -> None:
    source = "{% for m in messages if m.role != 'system' %}{{ m.content }}{% endfor %}"

    assert render(source, Turn(Role.SYSTEM, ""), USER) == "What is salt?"


@pytest.mark.parametrize(
    "source", ["{#", "Hello!", "{{ '' }}", "{% for m in messages[:0] %}{{ m.content }}{% endfor %}"]
)
def test_a_template_that_leaves_out_what_is_said_is_not_used(source: str) -> None:
    with pytest.raises(TemplateError, match="leaves out what is said"):
        render(source)


def test_thinking_is_cut_out_of_earlier_answers() -> None:
    thought = Turn(Role.ASSISTANT, "<think>Hm. Salt?</think>\n\nA mineral.")

    assert "<|im_start|>assistant\nA mineral.<|im_end|>" in render(THINKING, USER, thought, USER)


def test_the_date_is_todays() -> None:
    assert render("{{ strftime_now('%Y-%m-%d') }}") == datetime.now().astimezone().strftime("%Y-%m-%d")


def test_json_is_written_as_transformers_does() -> None:
    turn = Turn(Role.USER, "<b>\"naïve\" & 'so'\n😀")

    assert render("{{ messages[0].content | tojson }}", turn) == '"<b>\\"naïve\\" & \'so\'\\n😀"'
    assert value("{'b': [1, none, true], 'a': {}} | tojson") == '{"b": [1, null, true], "a": {}}'
    assert value("{'b': 1, 'a': 2} | tojson(sort_keys=true)") == '{"a": 2, "b": 1}'
    assert value("{'b': [1]} | tojson(indent=2)") == '{\n  "b": [\n    1\n  ]\n}'
    assert value("'é😀' | tojson(ensure_ascii=true)") == '"\\u00e9\\ud83d\\ude00"'


def test_loops_can_be_left_and_shortened() -> None:
    source = "{% if n == 1 %}{% continue %}{% elif n == 4 %}{% break %}{% endif %}{{ n }}"

    assert render(f"{{% for n in range(9) %}}{source}{{% endfor %}}") == "023"


def test_numbers_can_be_formatted() -> None:
    assert (
        render("{{ '%02d:%5.2f' % (7, 1.5) }} {{ '{:>4}'.format(7) }} {{ '%s' | format(7) }}")
        == "07: 1.50    7 7"
    )


def test_indentation_has_an_end() -> None:
    assert len(value("[[1]] | tojson(indent=1000000000)")) < 100


def test_generation_blocks_are_their_content() -> None:
    assert render("a{% generation %}{{ messages[0].content }}{% endgeneration %}b") == "aWhat is salt?b"


class _Generation(Extension):
    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _plain(source: str, *turns: Turn) -> str:
    """As transformers renders it, with plain strings."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    import json

    def raise_exception(message: str) -> None:
        raise Refused(message)

    environment.filters["tojson"] = lambda value, indent=None: json.dumps(
        value, ensure_ascii=False, indent=indent
    )
    environment.filters["escape"] = environment.filters["e"] = lambda text: (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace('"', "&#34;")
    )
    environment.globals["raise_exception"] = raise_exception
    messages = [{"role": turn.role.value, "content": turn.content} for turn in turns]
    return environment.from_string(source).render(
        messages=messages, add_generation_prompt=True, bos_token="<s>", eos_token="</s>"
    )


CONTENT = st.one_of(st.text(max_size=30), st.text(alphabet=" \t\n<>&'\"|aßİﬁ\x1c\u2028", max_size=20))


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=60)
@given(user=CONTENT, assistant=CONTENT)
def test_the_text_is_the_one_transformers_would_make(family: str, user: str, assistant: str) -> None:
    source = with_tokens(FAMILIES[family])
    turns = (Turn(Role.USER, user), Turn(Role.ASSISTANT, assistant), Turn(Role.USER, user))

    assert render(source, *turns) == _plain(source, *turns)


# Refusals and faults


def test_roles_that_do_not_alternate_are_refused_in_the_templates_own_words() -> None:
    with pytest.raises(
        TemplateError, match="refuses these messages: “Conversation roles must alternate"
    ) as refusal:
        render(BRACKETS, USER, USER)

    assert refusal.value.action == "Edit the messages."


def test_a_refusal_with_a_system_text_is_told_with_the_reason_that_remains() -> None:
    with pytest.raises(TemplateError, match="must alternate"):
        render(BRACKETS, SYSTEM, USER, USER)


@pytest.mark.parametrize(
    "source",
    [
        '{{ a["foo"(',
        "{% if %}",
        "{% for x in y %}",
        "{{",
        "{% endif %}",
        "{% generation %}",
        "{% include 'secret' %}{{ }}",
        "{% unknown %}",
        "{{ x | nofilter }}",
        "{% break %}",
        "(" * 1000 + "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    ],
)
def test_a_broken_template_is_an_error_in_words(source: str) -> None:
    with pytest.raises(TemplateError, match=r"The model's chat template is broken") as failure:
        ChatTemplate(source)

    assert failure.value.action == "Choose another model."
    assert failure.value.detail


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages[7].content }}",
        "{{ 1 // 0 }}",
        "{{ nothing.at.all }}",
        "{{ messages.append(1) }}",
        "{% include 'secret' %}",
        "{{ 'a' + 1 }}",
        "{% set x = namespace() %}{{ x.y.z }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{{ 10 ** 10000 }}",
        "{{ 'abc' | center(1e18) }}",
    ],
)
def test_a_template_that_fails_is_an_error_in_words(source: str) -> None:
    with pytest.raises(TemplateError, match="The model's chat template"):
        render(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.__class__.__base__ }}",
        "{{ messages[0].content.origins.__class__ }}",
        "{{ (messages | first)['__class__'] }}",
        "{{ messages | attr('__class__') }}",
        "{{ raise_exception.__globals__ }}",
        "{{ strftime_now.__globals__['__builtins__'] }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ self.__init__.__globals__ }}",
        "{{ messages[0].content.join.__self__ }}",
        "{{ '{0.__class__}'.format(messages) }}",
        "{{ '{0.__class__.__mro__}' | format(messages) }}",
        "{{ (messages | map(attribute='__class__') | list)[0] }}",
        "{{ environment.__class__ }}",
        "{% set x = joiner.__init__.__globals__ %}{{ x.os }}",
        "{{ messages[0].content.each.__func__ }}",
        "{{ loop.__class__ }}",
    ],
)
def test_a_template_gets_nowhere_near_pythons_insides(source: str) -> None:
    try:
        text = render(source)
    except TemplateError:
        return
    assert not any(
        word in text for word in ("<class", "<module", "<function", "<bound", "builtins", "object at")
    )


# Without end


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_module, "DEADLINE_S", 0.3)


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "source",
    [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}{% set x = a %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{{ range(99999) | map('string') | list | length }}{% endfor %}",
    ],
)
def test_a_template_that_never_ends_is_ended(source: str) -> None:
    with pytest.raises(TemplateError, match="does not come to an end"):
        render(source)


def _again(start: str, step: str) -> str:
    """A template that does the same to `ns.x` 64 times."""
    loop = f"{{% for a in range(64) %}}{{% set ns.x = {step} %}}{{% endfor %}}"
    return f"{{% set ns = namespace(x={start}) %}}{loop}"


BOMBS = {
    "ten megabytes": "{% for a in range(10000) %}" + "x" * 1000 + "{% endfor %}",
    "doubling": _again("'ab'", "ns.x ~ ns.x"),
    "adding": _again("'ab'", "ns.x + ns.x"),
    "times": "{{ 'x' * 1000000000 }}",
    "times, turned round": "{{ 1000000000 * 'x' }}",
    "list times": "{{ [1] * 1000000000 }}",
    "doubling lists": _again("[1]", "ns.x + ns.x"),
    "joining": "{{ range(99999) | join('x' * 9999) }}",
    "joining by method": "{{ ('x' * 9999).join(range(99999) | map('string')) }}",
    "replacing": "{{ ('x' * 9999).replace('x', 'y' * 9999) }}",
    "replacing by filter": "{{ ('x' * 9999) | replace('x', 'y' * 9999) }}",
    "padding": "{{ 'x'.ljust(1000000000) }}",
    "padding right": "{{ 'x'.rjust(1000000000) }}",
    "centering": "{{ 'x' | center(1000000000) }}",
    "centering by method": "{{ 'x'.center(1000000000) }}",
    "zeros": "{{ 'x'.zfill(1000000000) }}",
    "tabs": "{{ '\t'.expandtabs(1000000000) }}",
    "a wide number": "{{ '%1000000000d' % 1 }}",
    "a wide number by filter": "{{ '%1000000000d' | format(1) }}",
    "a wide number by star": "{{ '%*d' % (1000000000, 1) }}",
    "a wide field": "{{ '{:1000000000}'.format(1) }}",
    "a wide field inside": "{{ '{:{}}'.format(1, 1000000000) }}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "batches": "{{ [1] | batch(1000000000, 'x') | list }}",
    "slices": "{{ [1] | slice(1000000000) | list }}",
    "sums of lists": "{{ ([[1] * 9999] * 9999) | sum(start=[]) | length }}",
    "lorem ipsum": "{{ lipsum(n=1000000) }}",
    "a long block": "{% set x %}{% for a in range(9999) %}" + "x" * 1000 + "{% endfor %}{% endset %}",
}


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_template_that_grows_without_bound_is_ended(bomb: str) -> None:
    import tracemalloc

    tracemalloc.start()
    try:
        with pytest.raises(TemplateError):
            render(BOMBS[bomb])
        assert tracemalloc.get_traced_memory()[1] < 300_000_000
    finally:
        tracemalloc.stop()


def test_a_long_text_may_take_its_time() -> None:
    """A megabyte through a template that looks at every character."""
    text = 'All "work" and <no> play. ' * 40_000

    rendered = render(
        "{{ messages[0].content | tojson }}{{ messages[0].content | e }}", Turn(Role.USER, text)
    )

    assert len(rendered) > 2 * len(text)


def test_after_one_that_did_not_end_the_next_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_module, "DEADLINE_S", 0.3)
    template = ChatTemplate(
        "{% if messages[0].content == 'go' %}{% for a in range(99999) %}{% for b in range(99999) %}"
        "{% endfor %}{% endfor %}{% endif %}{{ messages[0].content }}"
    )
    with pytest.raises(TemplateError):
        template.render((Turn(Role.USER, "go"),))

    assert template.render((USER,)) == "What is salt?"
