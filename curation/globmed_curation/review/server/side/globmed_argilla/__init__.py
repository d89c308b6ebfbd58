"""What GlobMed adds to argilla-server, run in the server's own environment: it imports nothing of GlobMed.

jobs.py runs background jobs in the server's process, engine.py answers searches from the database, setup.py prepares the
database; ../main.py puts them together.
"""
