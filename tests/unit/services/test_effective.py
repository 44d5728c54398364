"""What an answer is made with, from a preset and what the conversation changes of it."""

from desktop.domain.conversation import Conversation
from desktop.domain.parameters import Parameters
from desktop.domain.preset import Preset
from desktop.services.effective import effective

PRESET = Preset("own", "Own", system_prompt="Be brief.", parameters=Parameters(json_schema="{}", top_k=10))


def conversation(**overrides: object) -> Conversation:
    return Conversation("id", "", 0.0, 0.0, overrides=overrides)


def test_changes_that_are_valid_only_together_all_stand() -> None:
    found = effective(conversation(grammar='root ::= "a"', json_schema=""), PRESET)

    assert (found.parameters.grammar, found.parameters.json_schema) == ('root ::= "a"', "")
    assert found.changed == {"grammar", "json_schema"}


def test_a_change_that_no_longer_fits_is_left_out_alone() -> None:
    found = effective(conversation(top_k=-5, heat=1, top_p=0.5, samplers=["top_k", "gone"]), PRESET)

    assert found.parameters == Parameters(json_schema="{}", top_k=10, top_p=0.5)
    assert found.changed == {"top_p"}


def test_a_change_to_what_the_preset_has_anyway_is_none() -> None:
    assert effective(conversation(top_k=10), PRESET).changed == frozenset()
