"""Self-written items in the original format of each set; keyword arguments replace fields."""


def medqa(stem="Which vein?", letters="ABCDE", gold="B", **changes):
    options = {letter: f"vein {letter}" for letter in letters}
    row = {"question": stem, "answer": f"vein {gold}", "options": options, "meta_info": "step1", "answer_idx": gold}
    return row | changes


def medmcqa(key="k1", cop=1, **changes):
    row = {
        "id": key,
        "question": f"Which nerve {key}?",
        "exp": None,
        "cop": cop,
        "subject_name": "Anatomy",
        "topic_name": None,
    }
    return row | {"opa": "I", "opb": "II", "opc": "III", "opd": "IV", "choice_type": "single"} | changes


def headqa(language, items, exam="Cuaderno_2013_1_B"):
    data = [
        {"qid": str(n), "qtext": f"Q{n} {language}", "ra": "2", "image": "", "answers": answers(4)} | item
        for n, item in items
    ]
    return {"language": language, "exams": {exam: {"name": exam, "category": "biology", "year": "2013", "data": data}}}


def answers(count):
    return [{"aid": number, "atext": f"R{number}"} for number in range(1, count + 1)]


def pubmed(label="yes"):
    return {
        "QUESTION": "Does it?",
        "CONTEXTS": ["One.", "Two."],
        "YEAR": "2009",
        "final_decision": label,
        "LONG_ANSWER": "It does.",
    }


def mmlu(key, options=("A1", "C", "K"), answer="B", index=1, category="health"):
    row = {
        "question_id": key,
        "question": f"Vitamin {key}?",
        "options": list(options),
        "answer": answer,
        "answer_index": index,
    }
    return row | {"cot_content": "", "category": category, "src": "ori_mmlu-nutrition"}


MMLU = [
    mmlu(1, ("N/A", "A1", "N/A", "C"), "D", 3),
    mmlu(2, category="law"),
    mmlu(3, answer="C"),
    mmlu(4, ("A1", "N/A", "C")),
    mmlu(5, answer="D", index=3),
    mmlu(6, answer="", index=None),
    mmlu(7, ("A1", "C", "N/A", "C")),
    mmlu(8, category="physics"),
]
