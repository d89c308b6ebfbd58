"""Serve Argilla from one SQLite file, in argilla-server's own environment: python main.py CONFIG.

CONFIG is a JSON file: {"host": "127.0.0.1", "port": 6900, "credentials": "HOME/credentials.json", "log": "HOME/server.log"}.
The rest comes through ARGILLA_* variables, which globmed sets. Nothing of argilla_server may be imported before the jobs are in place.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path


def main(config: dict) -> None:
    from globmed_argilla import jobs, log

    log.watch(Path(config["log"]))
    jobs.install()
    from globmed_argilla import engine, setup

    engine.register()
    setup.migrate()
    mended = asyncio.run(setup.prepare(json.loads(Path(config["credentials"]).read_text("utf-8"))))
    setup.adapt()
    if mended:
        logging.getLogger("uvicorn.error").warning("%d records had another status than their answers give", mended)

    import uvicorn
    from argilla_server._app import app

    uvicorn.run(
        app,
        host=config["host"],
        port=config["port"],
        access_log=False,
        timeout_graceful_shutdown=20,
        server_header=False,
    )


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text("utf-8")))
