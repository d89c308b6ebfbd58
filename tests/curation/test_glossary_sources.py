"""From the files of a user to a glossary: what each format gives, and what is left out and why."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from globmed_curation.glossary import Glossary
from globmed_curation.glossary.build import Limits, Wanted, build, of_file
from globmed_curation.glossary.wanted import of_yaml

from globmed_tools.errors import GlobmedError

HEAD = "sourceLang,targetLang,sourceString,targetString"


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def made(path: Path, limits: Limits | None = None, **given) -> Glossary:
    return Glossary(build([Wanted("test", "CC0 1.0", (path,), **given)], limits or Limits()))


def rows(glossary: Glossary) -> list[tuple]:
    names = ("source_language", "term", "language", "target")
    return [tuple(row[name] for name in names) for row in glossary.table.to_pylist()]


def left_out(glossary: Glossary) -> dict[str, int]:
    return glossary.sources[0].left_out


def test_lines_of_a_terminology(tmp_path):
    lines = [HEAD, "en,sw_KE,face mask,barakoa", "en,sw,face mask,maski", "en,sw,flu,", "en,sw,,x", "en,sw,2019,2020"]
    glossary = made(
        write(tmp_path / "a.csv", "\ufeff" + "\r\n".join([*lines, "en,xx,a,b", "en,zh_TW,mask,口罩"]) + "\n")
    )
    assert rows(glossary) == [("en", "face mask", "sw", "barakoa"), ("en", "face mask", "sw", "maski")]
    assert left_out(glossary) == {
        "language xx is not in the table": 1,
        "language zh_TW is not in the table": 1,
        "no letters": 1,
        "no term": 1,
        "no translation": 1,
    }
    assert glossary.sources[0].files[0].lines == 7
    with pytest.raises(GlobmedError, match="language xx is not in the table"):
        of_file(tmp_path / "a.csv")  # nobody would see the count


def test_a_name_of_a_language_can_be_given(tmp_path):
    path = write(tmp_path / "a.csv", f"{HEAD}\nen,zh_TW,mask,口罩\n")
    assert rows(made(path, languages={"zh_TW": "zh"})) == [("en", "mask", "zh", "口罩")]
    with pytest.raises(GlobmedError, match="gives no pair of terms .1 language zh_TW"):
        made(path)


def test_columns_of_any_name(tmp_path):
    path = write(tmp_path / "a.tsv", "Term\tIstilahi\tNo\nfever\thoma|joto\t7\n")
    columns = {"term": "Term", "target": "Istilahi", "source_language": "en", "language": "sw", "concept": "No"}
    glossary = made(path, columns=columns, separator="|")
    assert rows(glossary) == [("en", "fever", "sw", "homa"), ("en", "fever", "sw", "joto")]
    assert glossary.table["concept"].to_pylist() == ["7", "7"]
    with pytest.raises(GlobmedError, match="columns Neno are missing; there are Term, Istilahi, No"):
        made(path, columns={**columns, "target": "Neno"})
    with pytest.raises(GlobmedError, match="unknown 'trem'; did you mean term"):
        made(path, columns={"trem": "Term", **columns})


def test_a_column_for_each_language(tmp_path):
    path = write(tmp_path / "a.csv", "en,sw,yo\nfever,homa,ibà\ncough,,\n")
    glossary = made(path)
    assert rows(glossary) == [("en", "fever", "sw", "homa"), ("en", "fever", "yo", "ibà")]
    assert left_out(glossary) == {"no translation": 1}
    assert made(path, Limits(sources=("sw",))).pairs == {("sw", "en"): 1, ("sw", "yo"): 1}
    assert made(path, Limits(sources=("en", "sw"), targets=("en",))).pairs == {("sw", "en"): 1}
    path = write(tmp_path / "b.csv", "English;Kiswahili\nfever;homa\n")
    assert rows(made(path, columns={"en": "English", "sw": "Kiswahili"}, delimiter=";"))[0][3] == "homa"


def test_a_line_that_does_not_fit(tmp_path):
    with pytest.raises(GlobmedError, match="line 2: 5 cells under 4 columns"):
        made(write(tmp_path / "a.csv", f"{HEAD}\nen,sw,a,b,c\n"))


TMX = """<?xml version="1.0"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header srclang="en-US" /><body>
<tu tuid="1"><note>x</note><tuv xml:lang="en"><seg>high <bpt i="1">&lt;b&gt;</bpt>fever<ept i="1">/</ept></seg></tuv>
<tuv xml:lang="sw-KE"><seg>homa <hi>kali</hi></seg></tuv><tuv lang="es-LA"><seg>fiebre alta</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>a b c d e f g h i j k</seg></tuv><tuv xml:lang="sw"><seg>a</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>mask</seg></tuv><tuv xml:lang="zh-Hant"><seg>口罩</seg></tuv></tu>
</body></tmx>"""


@pytest.mark.parametrize("name", ["a.tmx", "a.tmx.gz", "a.tmx.zip", "utf16.tmx"])
def test_tmx(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(path, "w") as packed:
            packed.writestr("a.tmx", TMX)
    else:
        data = TMX.encode("utf-16" if "16" in name else "utf-8")
        write(path, gzip.compress(data) if name.endswith(".gz") else data)
    glossary = made(path)
    assert rows(glossary) == [("en", "high fever", "es", "fiebre alta"), ("en", "high fever", "sw", "homa kali")]
    assert left_out(glossary) == {"language zh-Hant is not in the table": 1, "more than 10 words": 1}


@pytest.mark.parametrize(
    "declared",
    ['<!ENTITY a "ha">', '<!ENTITY a SYSTEM "file:///etc/hostname">', '<!ENTITY % p SYSTEM "http://localhost/x">'],
)
def test_entities_are_refused(tmp_path, declared):
    text = TMX.replace('SYSTEM "tmx14.dtd"', f"[{declared}]").replace("high", "&a;")
    with pytest.raises(GlobmedError, match="line 2: declares the entity"):
        made(write(tmp_path / "a.tmx", text))


def test_xml_that_is_no_tmx(tmp_path):
    with pytest.raises(GlobmedError, match="the root is <html>"):
        made(write(tmp_path / "a.tmx", "<html/>"))
    with pytest.raises(GlobmedError, match="line 8: not valid XML"):
        made(write(tmp_path / "a.tmx", TMX.replace("</tmx>", "")))
    with pytest.raises(GlobmedError, match="cannot be unpacked"):
        made(write(tmp_path / "a.tmx.zip", TMX))
    with pytest.raises(GlobmedError, match="cannot be read"):
        made(tmp_path / "none.tmx")


ENTITY = {
    "id": "Q38933",
    "labels": {"en": {"language": "en", "value": "fever"}, "sw": {"value": "homa"}, "tlh": {"value": "x"}},
    "aliases": {"en": [{"value": "pyrexia"}], "sw": [{"value": "joto"}]},
}
FEVER = [("en", name, "sw", target) for name in ("fever", "pyrexia") for target in ("homa", "joto")]


@pytest.mark.parametrize("layout", ["lines", "dump", "list", "one", "plain"])
def test_labels_as_wikidata_has_them(tmp_path, layout):
    line, other = json.dumps(ENTITY), json.dumps({"id": "Q1", "labels": {"en": "only"}})
    plain = {
        "id": "Q2",
        "labels": {"en": "fever", "sw": "homa", "tlh": "x"},
        "aliases": {"en": ["pyrexia"], "sw": "joto"},
    }
    text = {
        "lines": f"{line}\n\n{other}\n",
        "dump": f"[\n{line},\n{other}\n]\n",
        "list": json.dumps([ENTITY, json.loads(other)]),
        "one": json.dumps([ENTITY, json.loads(other)], indent=2),
        "plain": f"{json.dumps(plain)}\n{other}\n",
    }[layout]
    glossary = made(write(tmp_path / "a.json", text))
    assert rows(glossary) == FEVER
    assert left_out(glossary) == {"language tlh is not in the table": 1, "no translation": 1}
    assert set(glossary.table["concept"].to_pylist()) == {"Q2" if layout == "plain" else "Q38933"}


def test_labels_of_a_query_and_of_a_table(tmp_path):
    lines = ["item,label,language,kind", "http://x/entity/Q1,joto,sw,altLabel", "http://x/entity/Q1,fever,en,label"]
    lines += ["http://x/entity/Q1,homa,sw,label", "http://x/entity/Q1,pyrexia,en,alias"]
    glossary = made(write(tmp_path / "a.csv", "\n".join(lines) + "\n"), format="labels")
    assert rows(glossary) == FEVER and set(glossary.table["concept"].to_pylist()) == {"Q1"}
    bindings = [
        {"item": {"value": "http://x/Q1"}, "label": {"xml:lang": code, "value": text}}
        for code, text in (("en", "fever"), ("sw", "homa"))
    ]
    result = {"head": {"vars": ["item", "label"]}, "results": {"bindings": bindings}}
    assert rows(made(write(tmp_path / "q.json", json.dumps(result)))) == [("en", "fever", "sw", "homa")]
    with pytest.raises(GlobmedError, match="no column language or lang; there are item, label"):
        made(write(tmp_path / "b.csv", "item,label\nQ1,fever\n"), format="labels")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"id": "Q1", "labels": {"en": 3}}\n', "line 1: a label is 3; text was expected"),
        ('{"id": "Q1"}\n', "line 1: no object `labels`"),
        ('{"id": "Q1", "labels": {}}\n\n{"id"\n', "line 3: not valid JSON"),
        ("3\n", "line 1: an object was expected, found int"),
        ("{", "not valid JSON, nor JSON Lines"),
    ],
)
def test_labels_that_cannot_be_read(tmp_path, text, message):
    with pytest.raises(GlobmedError, match=message):
        made(write(tmp_path / "a.jsonl", text))


def name(cui, lat, ts, stt, preferred, sab, text, suppress="N") -> str:
    return f"{cui}|{lat}|{ts}|L1|{stt}|S1|{preferred}|A1||||{sab}|MH|D1|{text}|0|{suppress}|256|"


CONCEPTS = [
    name("C0015967", "ENG", "S", "PF", "Y", "MSH", "Pyrexia"),
    name("C0015967", "ENG", "P", "PF", "Y", "MSH", "Fever"),
    name("C0015967", "ENG", "P", "VO", "N", "MSH", "Fevers, old", "O"),
    name("C0015967", "SPA", "S", "PF", "N", "MSHSPA", "Calentura"),
    name("C0015967", "SPA", "P", "PF", "Y", "MSHSPA", "Fiebre"),
    name("C0015967", "HUN", "P", "PF", "Y", "MSHHUN", "Láz"),
    name("C0015968", "ENG", "P", "PF", "Y", "SNOMEDCT_US", "Alone"),
]


def test_umls(tmp_path):
    glossary = made(write(tmp_path / "MRCONSO.RRF", "\n".join(CONCEPTS) + "\n"))
    assert [row[1:] for row in rows(glossary)] == [
        (term, "es", target) for term in ("Fever", "Pyrexia") for target in ("Fiebre", "Calentura")
    ]
    expected = {"language HUN is not in the table": 1, "no translation": 1, "suppressed by UMLS": 1}
    assert left_out(glossary) == expected and glossary.table["concept"].to_pylist() == ["C0015967"] * 4
    packed = write(tmp_path / "MRCONSO.RRF.gz", gzip.compress("\n".join(CONCEPTS).encode()))
    spanish = made(packed, Limits(sources=("es",)), vocabularies=("MSH", "MSHSPA"))
    assert spanish.pairs == {("es", "en"): 2}
    assert left_out(spanish)["not of the vocabularies asked for"] == 2
    with pytest.raises(GlobmedError, match="line 7: concept C0015967 comes after C0015968"):
        made(write(tmp_path / "b.rrf", "\n".join([*CONCEPTS[1:], CONCEPTS[0]])))
    with pytest.raises(GlobmedError, match="line 1: 3 columns; MRCONSO has 18"):
        made(write(tmp_path / "c.rrf", "a|b|c\n"))


def test_sources_of_a_yaml_file_stand_in_its_order(tmp_path):
    write(tmp_path / "one-sw.csv", f"{HEAD}\nen,sw,cold,mafua\n")
    write(tmp_path / "one-yo.csv", f"{HEAD}\nen,yo,cold,otutu\n")
    write(tmp_path / "two.csv", "Eng,Swa\ncold,baridi\n")
    text = "sources:\n  - {name: two, licence: own, paths: [two.csv], columns: {en: Eng, sw: Swa}}\n"
    path = write(tmp_path / "s.yml", text + '  - {name: one, licence: CC0 1.0, paths: ["one-*.csv"]}\n')
    glossary = Glossary(build(of_yaml(path)))
    assert [(one.name, one.licence, len(one.files)) for one in glossary.sources] == [
        ("two", "own", 1),
        ("one", "CC0 1.0", 2),
    ]
    [hit] = glossary.find("cold", "sw")
    assert hit.targets == ("baridi", "mafua") and hit.sources == ("two", "one") and hit.conflict


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: [{name: a, paths: [a.csv]}]", "source 1: licence is missing"),
        ("sources: [{name: a, licence: b}]", "source 1: `paths` is missing"),
        ('sources: [{name: a, licence: b, paths: ["*.tmx"]}]', "no file is called"),
        (
            "sources: [{name: a, licence: b, paths: [a.csv], colunms: {}}]",
            "unknown setting 'colunms'; did you mean columns",
        ),
        ("sources: [{name: a, licence: b, paths: [a.csv], format: tmy}]", "unknown format 'tmy'; did you mean tmx"),
        ("sources: [{name: a, licence: b, paths: [a.csv], languages: {x: xx}}]", "unknown language 'xx'"),
        ("source: []", "unknown setting 'source'; did you mean sources"),
    ],
)
def test_yaml_that_is_wrong(tmp_path, text, message):
    with pytest.raises(GlobmedError, match=message):
        of_yaml(write(tmp_path / "s.yml", text))


def test_a_built_glossary_keeps_its_sources(tmp_path):
    from globmed_curation.glossary import table as tables

    csv = write(tmp_path / "a.csv", f"{HEAD}\nen,sw,cold,mafua\n")
    built = tmp_path / "a.parquet"
    tables.write(built, build([Wanted("one", "CC0 1.0", (csv,))]))
    write(tmp_path / "b.csv", f"{HEAD}\nen,sw,cold,baridi\n")
    wanted = [Wanted("two", "own", (tmp_path / "b.csv",)), Wanted("", "", (built,))]
    glossary = Glossary(build(wanted))
    assert [(one.name, one.licence) for one in glossary.sources] == [("two", "own"), ("one", "CC0 1.0")]
    assert glossary.find("cold", "sw")[0].targets == ("baridi", "mafua")
    with pytest.raises(GlobmedError, match="two sources are called 'one'"):
        build([Wanted("one", "own", (csv,)), Wanted("", "", (built,))])
    with pytest.raises(GlobmedError, match="does not tell the format"):
        build([Wanted("one", "own", (write(tmp_path / "a.dat", b"x"),))])


def test_the_terminologies_and_memories_of_tico_19(real_data):
    data = real_data("tico19") / "tico-19.github.io/data"
    csv, memories = sorted(data.glob("terminologies/*.csv")), sorted(data.glob("TM/*.tmx.zip"))
    assert (len(csv), len(memories)) == (12, 6)
    wanted = [Wanted("terms", "CC0 1.0", tuple(csv)), Wanted("memories", "CC0 1.0", tuple(memories))]
    glossary = Glossary(build(wanted))
    terms, sentences = glossary.sources
    assert sum(file.rows for file in terms.files) == 3366
    assert terms.left_out == {"language zh_TW is not in the table": 306, "no term": 306}
    assert sum(file.lines for file in sentences.files) == 6 * 3071
    [hit] = glossary.find("He has ACUTE BRONCHITIS.", "yo")
    assert (hit.term, hit.targets) == ("acute bronchitis", ("àìsàn inú ẹ̀dọ̀fóró tí ó le",))
    text = (data.parents[1] / "datasets/tico19/testsets/en-sw/tico19-test.en").read_text("utf-8")
    terms = Glossary(build(wanted[:1]))
    assert sum(len(terms.find(line, "sw")) for line in text.splitlines()) == 2774
