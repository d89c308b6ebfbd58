"""Axolotl's own validation of recipes, with the capabilities of a machine pretended.

    PYTHON-OF-AXOLOTL validate.py '{"torch": "2.13.0", "recipes": [{"name": "recipes/x.yml", "settings": {...},
                                    "setups": {"8xh100": {"n_gpu": 8, "compute_capability": "sm_90", ...}}}]}'
    {"said": {"recipes/x.yml": {"8xh100": {"refused": null, "dropped": []}}}}

"refused" is the message that Axolotl would end with, "dropped" the top-level keys that are gone afterwards. Runs in Axolotl's
environment and imports nothing of globmed.
"""

import copy
import json
import os
import sys
import traceback

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")


def validate(settings, capabilities, torch_version):
    """(message or None, dropped keys) of one recipe on one machine."""
    from axolotl.integrations.base import PluginManager
    from axolotl.utils.config import validate_config
    from axolotl.utils.dict import DictDefault
    from pydantic import ValidationError

    cfg = DictDefault(copy.deepcopy(settings))
    PluginManager._instance = None  # a singleton: another recipe's plugins must not linger
    PluginManager.get_instance().plugins.clear()
    try:
        # The plugins' keys are wanted, not what they do at the start of a run (ours looks at prepared data).
        for name in cfg.get("plugins") or []:
            PluginManager.get_instance().register(name)
        made = validate_config(cfg, capabilities=dict(capabilities), env_capabilities={"torch_version": torch_version})
    except ValidationError as error:
        said = error.errors()
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}".lstrip(": ") for one in said), []
    except Exception as error:
        traceback.print_exc()
        return f"{type(error).__name__}: {error}", []
    fields = _aliases()
    dropped = [key for key, value in settings.items() if value is not None and not {key, fields.get(key)} & set(made)]
    return None, dropped


def _aliases():
    from axolotl.utils.schemas.config import AxolotlInputConfig

    return {field.alias: name for name, field in AxolotlInputConfig.model_fields.items() if field.alias}


def main():
    payload = json.loads(sys.argv[1])
    said = {}
    for recipe in payload["recipes"]:
        found = said[recipe["name"]] = {}
        for setup, capabilities in recipe["setups"].items():
            refused, dropped = validate(recipe["settings"], capabilities, payload["torch"])
            found[setup] = {"refused": refused, "dropped": dropped}
    print(json.dumps({"said": said}))


if __name__ == "__main__":
    main()
