"""argilla-server as it is released, but for what it cannot start without: python review_stock_server.py SIDE CONFIG

Runs in argilla-server's own environment, as SIDE/main.py does (`globmed review serve`). The search engine (else Elasticsearch) and
the jobs (else Redis) are the project's; what is done for each record and response is Argilla's own again.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path


def main(side: str, config: dict) -> None:
    sys.path.insert(0, side)
    from globmed_argilla import jobs

    jobs.install()
    from globmed_argilla import engine, setup

    engine.register()
    setup.migrate()
    asyncio.run(setup.prepare(json.loads(Path(config["credentials"]).read_text("utf-8"))))
    released = [
        (setup.records_bulk, "notify_record_event_v1"),
        (setup.distribution, "notify_record_event_v1"),
        (setup.distribution, "update_record_status"),
        (setup.datasets, "notify_response_event_v1"),
        (setup.models, "TypeAdapter"),
    ]
    before = [getattr(module, name) for module, name in released]
    setup.adapt()
    for (module, name), own in zip(released, before, strict=True):
        assert getattr(module, name) is not own, f"{name} is not replaced any more: this list is out of date"
        setattr(module, name, own)

    import uvicorn
    from argilla_server._app import app

    uvicorn.run(app, host=config["host"], port=config["port"], access_log=False, server_header=False)


if __name__ == "__main__":
    main(sys.argv[1], json.loads(Path(sys.argv[2]).read_text("utf-8")))
