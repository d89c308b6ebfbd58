"""A review server of one's own: argilla-server in an environment of its own, on one SQLite file.

env.py makes the environment, home.py is the server's folder, process.py starts and stops it, archive.py saves and restores
it; side/ runs in the environment. Nothing here imports argilla or argilla_server.
"""
