"""Human review: bilingual clinicians judge and mend translations; their answers come back as figures and as new versions.

    model      Item and Answer, the two nouns, and their files       questions  what is asked, once, from questions.toml
    sample     which entries are reviewed, by a plan and a seed      people     names <-> pseudonyms; names never leave
    sheet      a workbook a language and reviewer, out and back in   guidelines what reviewers read
    users, accounts  who reviews, and their invitations              argilla_*  push, pull and accounts on a server
    agreement  how far reviewers agree       adjudicate  where not   apply      their work as a new build

A review folder holds items.jsonl, manifest.json (written after it), answers.jsonl, and private/ (names; not to be shared).
Only modules named argilla*.py import argilla.
"""
