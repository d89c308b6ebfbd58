"""The snapshot of Axolotl's schema: what it holds, how it is looked up, and that the pinned Axolotl still says the same."""

from __future__ import annotations

import json

import pytest

from globmed_tools.recipes import env, schema
from globmed_tools.recipes.schema import ROOT

LIGER = "axolotl.integrations.liger.LigerPlugin"


def test_snapshot_is_of_the_pinned_axolotl_and_reaches_nested_models():
    loaded = schema.load()
    assert loaded.version == env.VERSION
    assert len(loaded.models[ROOT]) == 390
    assert {"SFTDataset", "FSDPConfig", "SpecialTokensConfig", "LigerArgs", "TRLConfig"} <= set(loaded.models)
    assert loaded.plugins[LIGER] == "LigerArgs"
    assert loaded.plugins["globmed_axolotl.PerLanguageEvaluation"] is None
    assert loaded.field("learning_rate") == {"type": {"union": ["str", "float"]}, "required": True}
    assert loaded.field("relora_prune_ratio")["le"] == 1.0
    assert loaded.field("flash_attention")["deprecated"] is True


def test_an_alias_is_a_key_of_its_own():
    assert schema.load().field("model_config") == schema.load().field("overrides_of_model_config")
    assert schema.load().field("version", "FSDPConfig") == schema.load().field("fsdp_version", "FSDPConfig")


def test_keys_of_a_plugin_need_the_plugin():
    loaded = schema.load()
    assert loaded.field("liger_rope") is None
    assert loaded.field("liger_rope", ROOT, (LIGER,)) is not None


def test_snapshot_holds_no_descriptions():
    text = schema.FILE.read_text("utf-8")
    assert '"description"' not in text
    assert max(len(line) for line in text.splitlines()) < 1600


@pytest.mark.parametrize(
    ("key", "model", "said"),
    [
        ("learning_ratee", ROOT, "did you mean `learning_rate`?"),
        ("sequence_length", ROOT, "did you mean `sequence_len`?"),
        ("max_seq_length", ROOT, "did you mean `sequence_len`?"),
        ("lr", ROOT, "did you mean `learning_rate`?"),
        (
            "weight",
            "SFTDataset",
            "Axolotl does not weight data sets; balance them beforehand with `globmed recipes mix`",
        ),
        ("sequence_len", "SFTDataset", "it belongs to the top level"),
        ("field_messages", ROOT, "it belongs to an entry of `datasets`"),
        ("transformer_layer_cls_to_wrap", ROOT, "it belongs to `fsdp_config`"),
        ("liger_rope", ROOT, f"it belongs to the plugin {LIGER}, which is not among `plugins`: add it there"),
        ("reshard_after_forwards", "FSDPConfig", "did you mean `reshard_after_forward`?"),
        ("xyzzy", ROOT, ""),
    ],
)
def test_advice(key, model, said):
    assert schema.load().advice(key, model) == said


@pytest.mark.axolotl
@pytest.mark.slow
def test_snapshot_is_what_the_pinned_axolotl_says(axolotl_env, tmp_path):
    fresh = tmp_path / "schema.json"
    schema.regenerate(fresh)
    assert json.loads(fresh.read_text("utf-8")) == json.loads(schema.FILE.read_text("utf-8"))
    assert fresh.read_bytes() == schema.FILE.read_bytes()
