// Model against model, and models against their bases.
function scopeName(scope) {
  return TIER[scope] || (languageOf(scope) || { name: scope }).name;
}

// Mean of answered or in_language over the languages of a scope.
function rateOver(board, model, name, scope) {
  const over = board.language.map((_, at) => at).filter((at) => scope === "all" || board.language[at].tier === scope || board.language[at].code === scope);
  return board.by_language[name] ? mean(over.map((at) => board.by_language[name][model][at])) : null;
}
const rateColumns = (board, first, second, scope) => (hasRates(board) ? [["answered", "answered"], ["in_language", "in language"]].map(([name, title]) => ({ key: name, title, hint: "the first model, then the second",
  value: (row) => rateOver(board, second(row), name, scope(row)), cell: (row) => h("span", { class: "nobr" }, rateCell(rateOver(board, first(row), name, scope(row))), " / ", rateCell(rateOver(board, second(row), name, scope(row)))) })) : []);

section("pairs", ["board", "models", "scope", "base", "sort.pairs"], (body) => {
  const board = now(), { models, scopes } = board.pairs;
  if (!models.length) { body.append(h("p", {}, "There is one model, and none to compare it with.")); return; }
  const scope = Object.hasOwn(scopes, chosen("scope")) ? chosen("scope") : "all", of = scopes[scope], shown = new Set(shownModels(board));
  const place = board.model.findIndex((one) => one.name === chosen("base"));
  const one = chosen("base") === "*" ? -1 : place >= 0 ? place : chosenModel(board);
  const rows = [];
  models.forEach(([i, j], at) => {
    if (!there(of.value[at]) || (one >= 0 && i !== one && j !== one) || ![i, j].every((model) => model === one || shown.has(model))) return;
    // A row reads "left minus right": the chosen model stands left.
    const turned = one >= 0 && j === one, sign = turned ? -1 : 1;
    const ends = [of.low[at], of.high[at]].map((end) => (there(end) ? sign * end : null));
    rows.push({ left: turned ? j : i, right: turned ? i : j, value: sign * of.value[at], low: turned ? ends[1] : ends[0], high: turned ? ends[0] : ends[1],
      wins: turned ? of.losses[at] : of.wins[at], losses: turned ? of.wins[at] : of.losses[at], p_holm: of.p_holm[at], detectable: of.detectable[at] });
  });
  const absent = models.filter(([i, j], at) => !there(of.value[at]) && (one < 0 || i === one || j === one)).length;
  const far = rows.reduce((most, row) => Math.max(most, ...[row.value, row.low, row.high].filter(there).map(Math.abs)), 0.1);
  const columns = [
    ...(one < 0 ? [{ key: "left", title: "model", text: true, value: (row) => board.model[row.left].name, cell: (row) => h("bdi", { class: "model" }, board.model[row.left].name) }] : []),
    { key: "right", title: one < 0 ? "minus" : "against", text: true, value: (row) => board.model[row.right].name, cell: (row) => h("bdi", { class: "model" }, board.model[row.right].name) },
    { key: "value", title: "difference", value: (row) => row.value, cell: (row) => h("span", { class: "both" }, range(row.value, row.low, row.high, { from: -far, to: far, marks: [0], label: `from ${num(-far, 2)} to ${num(far, 2)}: ${num(row.value, 3, true)}` }), figure(row.value, row.low, row.high, 3, true)) },
    { key: "sure", title: "sure?", text: true, value: (row) => verdict(row), cell: (row) => word(row) },
    { key: "wins", title: "better / worse", hint: "groups of items in which the first model does better or worse", value: (row) => row.wins, cell: (row) => `${count(row.wins)} / ${count(row.losses)}` },
    { key: "holm", title: "p (Holm)", hint: withHint("p"), value: (row) => row.p_holm, cell: (row) => chance(row.p_holm) },
    { key: "detectable", title: "detectable", hint: withHint("detectable"), value: (row) => row.detectable },
    ...rateColumns(board, (row) => row.left, (row) => row.right, () => scope),
  ];
  const scopeNames = Object.keys(scopes).map((key) => [key, scopeName(key), key === scope]);
  body.append(h("p", { class: "choices" }, select("Model", "base", [["*", "all pairs", one < 0], ...board.model.map((model, at) => [model.name, model.name, at === one])]), select("Over", "scope", scopeNames)),
    ...table("pairs", { caption: `${one < 0 ? "All pairs" : board.model[one].name + " minus each other model"}, ${scopeName(scope)}, paired on the same items.`, columns, rows, sort: "value-", again: again("pairs") }).filter(Boolean));
  if (absent) body.append(h("p", { class: "gone" }, `${plural(absent, "comparison")} cannot be made: runs are missing.`));
});

section("improvement", ["board", "models", "over", "sort.improvement"], (body) => {
  const board = now(), shown = new Set(shownModels(board));
  const over = chosen("over");
  const rows = board.improvement.filter((row) => shown.has(row.model) && (over ? row.scope === over : TIER[row.scope]));
  if (!board.improvement.length) { body.append(h("p", {}, "No model here has its base beside it. Name one with --base.")); return; }
  const part = (row, name) => (row[name] && typeof row[name] === "object" ? row[name].value : row[name]);
  const cellOf = (name, show) => (row) => { const got = row[name]; return !there(got) ? "\u2013" : typeof got === "object" ? h("span", { class: "figure" }, h("b", {}, show(got.value)), there(got.low) ? h("small", {}, `${show(got.low)} to ${show(got.high)}`) : null) : show(got); };
  const share = (value) => num(100 * value, 0, true) + " %", times = (value) => num(value, 2) + "\u00d7", points = (value) => num(value, 3, true);
  const column = (name, title, show, hint) => ({ key: name, title, hint, value: (row) => (there(row[name]) ? part(row, name) : null), cell: cellOf(name, show) });
  const corrected = "with chance taken out: (score \u2212 chance) / (1 \u2212 chance)";
  const columns = [
    { key: "model", title: "model", text: true, value: (row) => board.model[row.model].name, cell: (row) => h("bdi", { class: "model" }, board.model[row.model].name) },
    { key: "base", title: "base", text: true, value: (row) => board.model[row.base].name, cell: (row) => h("bdi", { class: "model" }, board.model[row.base].name) },
    { key: "scope", title: "over", text: true, value: (row) => scopeName(row.scope), cell: (row) => h("span", { class: "nobr" }, scopeName(row.scope)) },
    { key: "score", title: "score", value: (row) => row.score }, { key: "base_score", title: "of the base", value: (row) => row.base_score },
    { key: "chance", title: "chance", value: (row) => row.chance },
    column("difference", "difference", points), column("relative", "relative", share), column("ratio", "ratio", times),
    ...(rows.some((row) => there(row.difference_corrected)) ? [column("difference_corrected", "difference, corrected", points, corrected), column("relative_corrected", "relative, corrected", share, corrected), column("ratio_corrected", "ratio, corrected", times, corrected)] : []),
    ...rateColumns(board, (row) => row.model, (row) => row.base, (row) => row.scope),
    { key: "above", title: "base above chance?", text: true, value: (row) => (row.base_above_chance === null ? "" : row.base_above_chance ? "yes" : "no"), cell: (row) => (row.base_above_chance === false ? h("b", { class: "worse nobr" }, "no: a ratio misleads") : row.base_above_chance ? "yes" : "\u2013") },
  ];
  const scopes = [...new Set(board.improvement.map((row) => row.scope))];
  body.append(h("p", { class: "choices" }, select("Over", "over", [["", "overall and by tier"], ...scopes.map((one) => [one, scopeName(one)])])));
  body.append(...table("improvement", { caption: "Improvement over a base, with 95 % intervals. Where the base is not above chance, a ratio says how lucky it was, not how much was learnt.", columns, rows, page: 30, again: again("improvement") }).filter(Boolean));
});
