"""Long-form replies judged by language models, offline: the replies stand in the sample files, no model is run again.

    globmed report judge results -o judged --model JUDGE --base-url http://localhost:8000/v1
    globmed report build results judged -o report.html

    rubric     criteria, scales, anchors (rubric.toml)       prompt    what a judge is asked (prompts/*.jinja)
    replies    what is judged, out of the sample files       verdict   the form of a judge's answer, and its checks
    judges     who judges: endpoints, prices, families       ask       the calls, through the engine of globmed_tools.llm
    folder     what is written: judgements, provenance       clinicians   what people said of the same replies
    figures    boards for the report                         doubts    agreement, order, length, own family

A judgement is no accuracy: it stands on boards of its own. A reply that a judge did not judge has no score, and is counted.
"""
