"""Several `axolotl` command lines one after another in one process: importing takes longer than a small run.

    PYTHON-OF-AXOLOTL commands.py '{"commands": [["preprocess", "x.yml"], ["train", "x.yml", "--launcher", "python"]]}'
    {"commands": [{"command": [...], "seconds": 31.2}, ...]}

Stops at the first that fails. Runs in Axolotl's environment and imports nothing of globmed.
"""

import json
import os
import sys
import time

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")


def main():
    payload = json.loads(sys.argv[1])
    # Libraries print on stdout; the answer alone belongs there.
    answer, sys.stdout = sys.stdout, sys.stderr
    from axolotl.cli.main import cli
    from axolotl.integrations.base import PluginManager

    done = []
    for command in payload["commands"]:
        started = time.monotonic()
        os.environ.pop("AXOLOTL_IS_PREPROCESS", None)  # `preprocess` leaves it behind
        PluginManager.get_instance().plugins.clear()
        sys.argv = ["axolotl", *command]
        try:
            cli(command, standalone_mode=False)
        except SystemExit as end:
            if end.code:
                raise
        done.append({"command": command, "seconds": round(time.monotonic() - started, 1)})
    print(json.dumps({"commands": done}), file=answer, flush=True)


if __name__ == "__main__":  # saving prepared data starts Pythons that import this file
    main()
