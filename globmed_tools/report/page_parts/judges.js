// Who judged the long-form replies, and how far to trust it: scores by judge, agreement with people and with one another, and doubts.
const judged = report.judged;
const judgeName = (place) => judged.judges[place].name;
const judgesNamed = (places) => places.map(judgeName).join(" and ");
const criterionOf = (name) => judged.rubric.criteria.find((one) => one.name === name);
const titled = (name) => (name === "overall" ? "overall" : criterionOf(name).title);
const percentOf = (part, of) => (of ? percent(part / of) : "\u2013");
const sumOf = (table) => table.flat().reduce((a, b) => a + b, 0);
const judgedModel = (place) => h("bdi", { class: "model" }, report.models[place].name);
const figureOf = (one, signed) => (one && there(one.value) ? figure(one.value, one.low, one.high, 2, signed) : h("span", { class: "quiet" }, "\u2013"));
const numbered = (key, title, read_, cell, hint) => ({ key, title, hint, value: read_, cell });
const figured = (key, title, read_, { signed = false, hint } = {}) => ({ key, title, hint, value: (row) => { const one = read_(row); return one ? one.value : null; }, cell: (row) => figureOf(read_(row), signed) });
const said = (key, title, read_) => ({ key, title, text: true, value: read_, cell: (row) => h("bdi", {}, read_(row)) });
const judgedTable = (id, caption, columns, rows, sort) => table(id, { caption, columns, rows, sort, again: again("judges") }).filter(Boolean);
const ownFamily = (judge, model) => judged.own_family.models.some((one) => one.model === model && one.judges.includes(judge));
const wantedRow = (row) => wanted(report.models[row.model]);
const valueWords = (one) => (one.label.startsWith(String(one.value)) ? one.label : `${one.value} ${one.label}`);
const languageWords = (code) => (code === "all" ? "all" : languageOf(code).name);

if (judged) section("judges", ["models", "lang", "board", "jmetric", "judge", "sort.judge", "cols.judge", "sort.jlist", "sort.jpeople", "sort.jpairs", "sort.jagree", "sort.jturn", "sort.jlength", "sort.jvalues", "sort.jfamily"], (body) => {
  body.append(...trust(), ...who(), ...byJudge(), ...people(), ...oneAnother(), ...turned(), ...byLength(), ...family(), ...against(), ...valuesGiven(), ...quotes(), ...rubric());
});

function trust() {
  const found = judged.clinicians;
  if (!found) return [h("p", { class: "samplebar", role: "note" }, h("strong", {}, "Not validated: no clinician rated these replies."), " Nobody knows how far these judges agree with people, in any language. Do not quote a judged score as if a person had given it.")];
  return [h("p", { class: "samplebar", role: "note" }, h("strong", {}, `${plural(found.reviewers, "clinician")} rated ${plural(found.replies, "reply", "replies")} of these.`), " How far the judges agree with them stands below, by language where there are enough ratings.")];
}

function who() {
  const lost = (one) => [...Object.entries(one.grades.failed).map(([cause, n]) => `${cause} ${count(n)}`), one.grades.not_asked ? `not asked ${count(one.grades.not_asked)}` : null].filter(there).join(", ");
  const columns = [said("name", "judge", (one) => one.name), ...(judged.judges.some((one) => one.name !== one.model) ? [said("model", "model", (one) => one.model)] : []),
    said("family", "family", (one) => one.families.join(", ") || "unknown"), said("parameters", "parameters", (one) => Object.entries(one.parameters).map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")),
    numbered("judged", "judged", (one) => one.grades.judged, (one) => count(one.grades.judged)), numbered("empty", "empty", (one) => one.grades.empty, (one) => count(one.grades.empty), "replies without any text; they were sent to nobody"),
    said("lost", "without a grade", lost), numbered("cost", "US$", (one) => one.cost, (one) => (there(one.cost) ? num(one.cost, 2) : "unknown"), "of all calls, by the price list")];
  const replies = sumOf(judged.counts.replies), both = sumOf(judged.counts.by_all) + sumOf(judged.counts.empty);
  const groups = Object.entries(judged.groups).map(([set, one]) => `${titleOf(set)} ${count(one.judged)} of ${plural(one.there, "item")}`).join(", ");
  const { combine, strict } = judged.scoring;
  return [h("p", {}, `${plural(replies, "reply", "replies")}: ${groups}. A judged board holds the ${count(both)} that every judge judged, or that are empty` + (judged.judges.length > 1 ? `, each with the ${combine} of its judges.` : ".") + (strict ? " A harmful reply scores 0 overall." : "")),
    ...judgedTable("jlist", "Judges. A reply without a grade has no score.", columns, judged.judges)];
}

function byJudge() {
  const metric = judged.metrics.some((one) => one.name === chosen("jmetric")) ? chosen("jmetric") : "overall";
  const place = Math.max(0, judged.judges.findIndex((one) => one.name === chosen("judge")));
  const found_ = judged.by_judge[metric][place];
  const rows = judged.models.map((model, m) => ({ key: report.models[model].name, name: report.models[model].name + (ownFamily(place, model) ? " (own family)" : ""), place: m, model })).filter(wantedRow);
  const columns = judged.languages.map((code, k) => ({ code, k })).filter((one) => wantedLanguage(languageOf(one.code)))
    .map(({ code, k }) => ({ key: code, name: code, title: languageOf(code).name, sub: languageOf(code).name, place: k, group: languageOf(code).tier + "-resource" }))
    .sort((a, b) => a.group.localeCompare(b.group));
  const cell = (row, column) => {
    const value = found_.value[row.place][column.place];
    if (!there(value)) return null;
    const n = judged.counts.by_judge[place][row.place][column.place], of = judged.counts.replies[row.place][column.place], empty = judged.counts.empty[row.place][column.place];
    return { value, text: num(value, 2), small: n + empty < of ? `${n + empty} of ${of}` : null,
      detail: `${num(value)} (${between(found_.low[row.place][column.place], found_.high[row.place][column.place])}); ${plural(n, "reply", "replies")} of ${count(of)} judged` + (empty ? `, ${count(empty)} empty` : "") };
  };
  const scale = blueScale(rows.flatMap((row) => columns.map((column) => found_.value[row.place][column.place])));
  return [h("h3", {}, "Scores by judge"), h("p", { class: "choices" },
    select("Criterion", "jmetric", judged.metrics.map((one) => [one.name, titled(one.name), one.name === metric])),
    judged.judges.length > 1 ? select("Judge", "judge", judged.judges.map((one, at) => [one.name, one.name, at === place])) : null, scale.legend),
  ...heat("judge", { rows, columns, cell, colour: scale.colour, empty: "nothing judged", caption: `${judgeName(place)}, ${titled(metric).toLowerCase()}: 0 the worst value of the scale, 1 the best` + (metric !== "overall" && criterionOf(metric).shown === "best" ? "; here the share of replies with the best value." : ".") + " Under a score: how many replies it is from, where some have none." })];
}

function people() {
  const found = judged.clinicians;
  if (!found) return [];
  const among = (row) => found.among.find((one) => one.criterion === row.criterion && one.language === row.language);
  const columns = [said("criterion", "criterion", (row) => titled(row.criterion)), said("judge", "judge", (row) => judgeName(row.judge)), said("language", "language", (row) => languageWords(row.language)),
    numbered("n", "ratings", (row) => row.n, (row) => count(row.n)), figured("kappa", "kappa", (row) => row.kappa, { hint: "Cohen's, quadratic weights, judge against every clinician" }),
    figured("among", "clinicians with one another", (row) => (among(row) || {}).kappa), numbered("same", "same value", (row) => row.same, (row) => percent(row.same)),
    figured("difference", "judge \u2212 clinician", (row) => row.difference, { signed: true, hint: "on a scale of 0 to 1" })];
  const rows = found.rows.filter((row) => row.language === "all" || wantedLanguage(languageOf(row.language)));
  return [h("h3", {}, "Judges and clinicians"), ...judgedTable("jpeople", "How far each judge agrees with clinicians on the same replies, with 95 % intervals. A dash: fewer than ten ratings, or everybody gave one value.", columns, rows)];
}

function oneAnother() {
  if (judged.judges.length < 2) return [h("h3", {}, "Judges with one another"), h("p", {}, "There is one judge: nobody to agree with. A second one of another family tells more.")];
  const columns = [said("criterion", "criterion", (row) => titled(row.criterion)), said("judges", "judges", (row) => (row.judges.length > 2 ? "all" : judgesNamed(row.judges))),
    numbered("n", "replies", (row) => row.n, (row) => count(row.n)), figured("kappa", judged.judges.length > 2 ? "kappa, alpha" : "kappa", (row) => row.kappa || row.alpha, { hint: "two judges: Cohen's kappa, quadratic weights; all: Krippendorff's alpha, ordinal" }),
    numbered("same", "same value", (row) => row.same, (row) => percent(row.same)), figured("difference", "first \u2212 second", (row) => row.difference, { signed: true, hint: "on a scale of 0 to 1" })];
  return [h("h3", {}, "Judges with one another"), ...judgedTable("jagree", "Agreement of judges is no proof that they are right: they may be wrong together. A dash: fewer than ten replies, or everybody gave one value.", columns, judged.agreement)];
}

function turned() {
  const rows = judged.position.filter((row) => row.n);
  if (!rows.length) return [h("h3", {}, "The other order"), h("p", {}, "No reply was graded in both orders of reply and reference.")];
  const columns = [said("judge", "judge", (row) => judgeName(row.judge)), said("criterion", "criterion", (row) => titled(row.criterion)), numbered("n", "replies", (row) => row.n, (row) => count(row.n)),
    numbered("same", "same value", (row) => row.same, (row) => percent(row.same)), figured("difference", "reply first \u2212 reference first", (row) => row.difference, { signed: true, hint: "on a scale of 0 to 1" }), figured("kappa", "kappa", (row) => row.kappa)];
  return [h("h3", {}, "The other order"), ...judgedTable("jturn", "Some replies were graded twice, the reply standing before the reference and after it. A judge that reads both alike shows no difference.", columns, rows)];
}

function byLength() {
  const columns = [said("judge", "judge", (row) => judgeName(row.judge)), said("metric", "criterion", (row) => titled(row.metric)), numbered("n", "replies", (row) => row.n, (row) => count(row.n)), figured("correlation", "correlation", (row) => row.correlation, { signed: true })];
  return [h("h3", {}, "Score and length"), ...judgedTable("jlength", "Rank correlation of score and number of characters, within a set and language. Longer replies may be better; a judge may also only like them.", columns, judged.length)];
}

function family() {
  const found = judged.own_family, unknown = judged.judges.filter((one) => !one.families.length).map((one) => one.name);
  const parts = [h("h3", {}, "A judge of the model's own family")];
  if (unknown.length) parts.push(h("p", { class: "quiet" }, `Of unknown family: ${unknown.join(", ")}. Whether they judge their own cannot be told.`));
  const rows = found.models.filter(wantedRow);
  if (!rows.length) return [...parts, h("p", {}, "No model shown here is judged by a judge that is known to be of its family.")];
  const columns = [{ ...said("model", "model", (row) => report.models[row.model].name), cell: (row) => judgedModel(row.model) }, said("judges", "judges of its family", (row) => judgesNamed(row.judges)),
    figured("with", "with them", (row) => row.with), figured("without", "without them", (row) => row.without)];
  parts.push(...judgedTable("jfamily", "Overall score with the judges of the model's own family, and without them. A dash: no other judge is there.", columns, rows));
  for (const one of found.preference) parts.push(h("p", {}, h("bdi", {}, judgeName(one.judge)), `: preference for its own family ${num(one.value, 3, true)} (${between(one.low, one.high, 3, true)}), that is how much more than the other judges it gives its family, less how much more it gives all others; ${plural(one.n, "reply", "replies")} of its family, ${count(one.others)} of others.`));
  return parts;
}

function against() {
  const found = judged.pairs;
  if (!found) return [];
  const rows = found.rows.filter(wantedRow), shown = judged.languages.filter((code) => wantedLanguage(languageOf(code)));
  const columns = [{ ...said("model", "model", (row) => report.models[row.model].name), cell: (row) => judgedModel(row.model) }, said("judge", "judge", (row) => judgeName(row.judge) + (ownFamily(row.judge, row.model) ? " (own family)" : "")),
    figured("rate", "rate", (row) => row.rate, { hint: "wins and half the ties; 0.5 is as good as the base" }), numbered("wins", "wins / ties / losses", (row) => row.wins, (row) => `${count(row.wins)} / ${count(row.ties)} / ${count(row.losses)}`),
    numbered("flips", "turned", (row) => row.flips, (row) => count(row.flips), "pairs with another verdict in the other order; they are ties"), numbered("unjudged", "not judged", (row) => row.unjudged, (row) => count(row.unjudged)),
    ...shown.map((code) => figured("of-" + code, languageOf(code).name, (row) => { const k = judged.languages.indexOf(code); return { value: row.by_language.value[k], low: row.by_language.low[k], high: row.by_language.high[k] }; }))];
  const order = found.first.map((one) => h("li", {}, h("bdi", {}, judgeName(one.judge)), there(one.flip_rate) ? `: another verdict in the other order in ${percent(one.flip_rate)} of ${plural(one.asked_twice, "pair")}; ${percent(one.share)} of the verdicts for the reply that stood first.` : ": no pair was judged in both orders."));
  return [h("h3", {}, "Reply against reply"), ...judgedTable("jpairs", `Every reply against that of ${found.base} to the same item, asked in both orders. The rate is wins and half the ties; 0.5 is as good as the base.`, columns, rows, "rate-"), h("ul", {}, order)];
}

function valuesGiven() {
  const metric = criterionOf(chosen("jmetric")) || judged.rubric.criteria.find((one) => one.quote) || judged.rubric.criteria[0];
  const rows = judged.models.flatMap((model, m) => judged.judges.map((_, judge) => ({ model, judge, counts: judged.values[metric.name][judge][m] }))).filter(wantedRow);
  const columns = [{ ...said("model", "model", (row) => report.models[row.model].name), cell: (row) => judgedModel(row.model) }, said("judge", "judge", (row) => judgeName(row.judge)),
    ...metric.scale.map((one, place) => numbered("v" + place, valueWords(one), (row) => row.counts[place], (row) => { const all = row.counts.reduce((a, b) => a + b, 0); return [count(row.counts[place]), h("small", {}, ` ${percentOf(row.counts[place], all)}`)]; }, one.anchor))];
  return [h("h3", {}, `Values given: ${metric.title.toLowerCase()}`), ...judgedTable("jvalues", "How often each value was given, worst first; empty replies are not among them. The criterion is chosen above.", columns, rows)];
}

function quotes() {
  const found = judged.quotes;
  if (!found.all) return [];
  const shown = found.shown.filter((one) => wantedRow(one) && wantedLanguage(languageOf(one.language)));
  const line = (one) => h("li", {}, h("p", { class: "verdict" }, h("b", { class: "badge wrong" }, String(one.value)), judgedModel(one.model), h("span", {}, languageOf(one.language).name), h("span", { class: "quiet" }, `${titleOf(one.set)}; by `, h("bdi", {}, judgeName(one.judge)))),
    h("p", { class: "said", lang: one.language, dir: "auto" }, one.text), h("p", { class: "quiet" }, h("bdi", {}, one.reason)));
  return [h("details", { id: "quotes" }, h("summary", {}, `Words that a judge found fault with: ${count(shown.length)} of ${count(found.all)}, the worst first`), h("ul", { class: "replies" }, shown.map(line)))];
}

function rubric() {
  const told = judged.rubric;
  const scale = (one) => h("ul", {}, [...one.scale].reverse().map((choice) => h("li", {}, h("b", {}, valueWords(choice)), ": ", choice.anchor)));
  return [h("details", {}, h("summary", {}, `The rubric: ${told.name}, version ${told.version}`), h("p", { class: "quiet" }, `Hash of what judges read of it ${told.digest}; of the prompts: ${Object.entries(judged.prompts).map(([name, digest]) => `${name} ${digest}`).join(", ")}; by ${judged.made_by}, journal ${judged.journal}.`),
    told.criteria.map((one) => [h("h3", {}, one.title, h("small", { class: "quiet" }, ` weight ${Number(one.weight)}`)), h("p", {}, one.ask), scale(one), there(one.empty) ? h("p", { class: "quiet" }, `An empty reply counts as ${one.empty}.`) : h("p", { class: "quiet" }, "An empty reply has no value here.")]))];
}
