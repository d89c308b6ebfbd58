// The leaderboard, and how unequally each model serves the languages.
const TIER = { all: "all languages", high: "high-resource languages", low: "low-resource languages" };
const withHint = (name) => report.formulas[name] || null;

function leaders(board) {
  const shown = new Set(shownModels(board));
  return board.leaderboard.filter((row) => shown.has(row.model));
}
function overall(board, model, name) {
  return board.by_language[name] ? mean(board.by_language[name][model]) : null;
}
const modelCell = (board, row) => h("bdi", { class: "model" }, board.model[row.model].name);

section("leaderboard", ["board", "models", "lang", "set", "sort.leaderboard"], (body) => {
  const board = now(), rows = leaders(board), set = setPlace(board);
  const chances = mean(board.order.map((place) => mean(board.chance.map((row) => row[place]))));
  const columns = [
    { key: "model", title: "model", text: true, value: (row) => board.model[row.model].name, cell: (row) => modelCell(board, row) },
    { key: "rank", title: "rank", hint: "with the range that the middle 95 % of the draws give", value: (row) => row.rank,
      cell: (row) => (there(row.rank) ? [String(row.rank), row.rank_low !== row.rank_high ? h("small", {}, ` ${row.rank_low}\u2013${row.rank_high}`) : null] : h("span", { class: "gone" }, "\u2013")) },
    { key: "size", title: "size", hint: "parameters; of mixtures of experts all of them", value: (row) => board.model[row.model].parameters, cell: (row) => h("span", { class: "nobr" }, size(board.model[row.model].parameters)) },
    { key: "score", title: "score", hint: withHint("score"), value: (row) => row.score.value, cell: (row) => (there(row.score.value)
      ? h("span", { class: "both" }, range(row.score.value, row.score.low, row.score.high, { marks: [chances], label: `from 0 to 1: ${num(row.score.value)}` }), figure(row.score.value, row.score.low, row.score.high))
      : h("span", { class: "gone" }, `no score: ${row.of - row.tasks} of ${plural(row.of, "task")} missing`)) },
  ];
  for (const tier of ["high", "low"]) if (rows.some((row) => row[tier])) columns.push(figureColumn(tier, tier + "-resource", tier));
  if (rows.some((row) => row.low_to_high)) columns.push(figureColumn("low_to_high", "low / high", "low_to_high"));
  columns.push({ key: "worst", title: "worst language", hint: withHint("worst"), value: (row) => row.worst && row.worst.value, cell: (row) => worstCell(row) });
  if (hasRates(board)) for (const [name, title, hint] of [["answered", "answered", "share of replies in which an answer was read; mean over languages"], ["in_language", "in language", "share of replies in the language asked; mean over languages"]]) {
    columns.push({ key: name, title, hint, value: (row) => overall(board, row.model, name), cell: (row) => rateCell(overall(board, row.model, name)) });
  }
  const one = board.language.findIndex((language) => language.code === chosen("lang"));
  if (one >= 0) columns.push({ key: "of-language", title: board.language[one].name + (set >= 0 ? ", " + board.set[set].title : ""), value: (row) => found(board, row.model, one).score,
    cell: (row) => { const got = found(board, row.model, one); return figure(got.score, got.low, got.high); } });
  else if (set >= 0) columns.push({ key: "of-set", title: board.set[set].title, hint: "mean over its languages, without an interval", value: (row) => mean(board.cells.score[set][row.model]) });
  body.append(...table("leaderboard", { caption: `${board.title}: mean over ${plural(board.set.length, "set")} and ${plural(board.language.length, "language")}, with 95 % intervals.` + (there(chances) ? ` The upright line is chance (${num(chances)}).` : ""),
    columns, rows, sort: "rank+", again: again("leaderboard") }).filter(Boolean));
});

const figureColumn = (key, title, hint, digits = 3) => ({ key, title, hint: withHint(hint), value: (row) => (row[key] ? row[key].value : null),
  cell: (row) => (row[key] ? figure(row[key].value, row[key].low, row[key].high, digits) : "\u2013") });
const rateCell = (value) => h("span", { class: there(value) && value < 0.9 ? "warn" : null }, percent(value));
function worstCell(row) {
  if (!row.worst_language) return "\u2013";
  if (there(row.spread.value) && row.spread.value === 0) return [h("span", { class: "quiet" }, "all alike "), num(row.worst.value)];
  return h("span", { class: "figure" }, h("b", {}, `${languageOf(row.worst_language).name} ${num(row.worst.value)}`), there(row.worst.low) ? h("small", {}, between(row.worst.low, row.worst.high)) : null);
}

section("disparity", ["board", "models", "sort.disparity"], (body) => {
  const board = now();
  const columns = [{ key: "model", title: "model", text: true, value: (row) => board.model[row.model].name, cell: (row) => modelCell(board, row) }];
  const shown = [["high", "high"], ["low", "low"], ["high_minus_low", "high \u2212 low"], ["low_to_high", "low / high"], ["worst", "worst"], ["worst_to_best", "worst / best"], ["spread", "spread"], ["deviation", "deviation"], ["gini", "Gini"], ["atkinson", "Atkinson"]]
    .filter(([key]) => board.leaderboard.some((row) => row[key]));
  for (const [key, title] of shown) columns.push(figureColumn(key, title, key));
  if (hasRates(board)) for (const [name, title] of [["answered", "answered, least"], ["in_language", "in language, least"]]) {
    const least = (row) => { const some = board.by_language[name][row.model].filter(there); return some.length ? Math.min(...some) : null; };
    columns.push({ key: name, title, hint: "the lowest rate of a language: where it is low, inequality may be a matter of form", value: least, cell: (row) => rateCell(least(row)) });
  }
  body.append(...table("disparity", { caption: "How unequally a model serves the languages. A dash: not defined, or runs are missing.", columns, rows: leaders(board), again: again("disparity") }).filter(Boolean),
    h("dl", { class: "facts" }, shown.map(([key, title]) => [h("dt", {}, title), h("dd", {}, withHint(key))])));
});
