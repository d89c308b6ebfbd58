// Model x language, gaps to English, and set x language for one model.
const SHOWN = { score: "score", answered: "answered", inLanguage: "in language", ofAnswered: "score where answered" };
const rowsOf = (board) => leaders(board).map((row) => ({ key: board.model[row.model].name, name: board.model[row.model].name, place: row.model }));

section("languages", ["board", "models", "lang", "set", "heat", "sort.languages", "cols.languages"], (body) => {
  const board = now(), rows = rowsOf(board), columns = languageColumns(board);
  const what = hasRates(board) && Object.hasOwn(SHOWN, chosen("heat")) ? chosen("heat") : "score";
  const values = rows.flatMap((row) => columns.map((column) => found(board, row.place, column.place)[what]));
  const scale = blueScale(values);
  const whole = columns.length > 1 ? [{ key: "mean", name: "mean", title: "mean of the languages shown", sum: true }] : [];
  const cell = (row, column) => {
    if (column.key === "mean") {
      const value = mean(columns.map((one) => found(board, row.place, one.place)[what]));
      return { value, text: num(value, 2), detail: there(value) ? num(value) : "runs are missing" };
    }
    const one = found(board, row.place, column.place);
    if (!there(one.score)) return null;
    return { value: one[what], text: what === "score" ? num(one.score, 2) : what === "ofAnswered" ? num(one.ofAnswered, 2) : percent(one[what]).replace(" ", ""), small: what === "score" ? rates(one) : null,
      detail: inWords(one, board.language[column.place]), mark: what === "score" ? marks(one) : "" };
  };
  if (hasRates(board)) body.append(h("p", { class: "choices" }, select("Show", "heat", Object.entries(SHOWN).filter(([key]) => key !== "ofAnswered" || board.by_language.of_answered)), scale.legend));
  else body.append(h("p", { class: "choices" }, scale.legend));
  const set = setPlace(board);
  body.append(...heat("languages", { rows, columns, extra: whole, cell, colour: scale.colour,
    caption: `${set >= 0 ? board.set[set].title : "All sets"}: ${SHOWN[what]} by model and language.` + (what === "score" ? rateLine(board) + (board.chance.some((row) => row.some(there)) ? " Italic: not told apart from chance." : "") : "") }));
});

section("gaps", ["board", "models", "lang", "set", "model", "sort.gaps", "cols.gaps", "sort.gap"], (body) => {
  const board = now(), set = setPlace(board);
  const gaps = set < 0 || !board.gaps ? board.gaps : Object.fromEntries(Object.entries(board.set_gaps).map(([name, values]) => [name, values[set]]));
  if (!gaps) { body.append(h("p", {}, "There are no English results here, so there is nothing to compare with.")); return; }
  const rows = rowsOf(board), columns = languageColumns(board).filter((column) => column.key !== "en");
  if (!columns.length) { body.append(h("p", {}, "Choose other languages than English.")); return; }
  const scale = aroundScale(rows.flatMap((row) => columns.map((column) => gaps.value[row.place][column.place])));
  const at = (row, column) => Object.fromEntries(Object.keys(gaps).map((name) => [name, gaps[name][row][column]]));
  const cell = (row, column) => {
    const one = at(row.place, column.place);
    if (!there(one.value)) return null;
    const stands = sure(one);
    const got = found(board, row.place, column.place, set);
    return { value: one.value, text: num(one.value, 2, true) + (stands ? "*" : ""), small: rates(got), mark: (stands ? "sure" : "unsure") + (there(got.answered) && got.answered < 0.9 ? " unread" : ""),
      detail: `${num(one.value, 3, true)} against English (${between(one.low, one.high, 3, true)}); ${verdict(one)}${there(one.detectable) ? `; the least difference that this many items can show is ${num(one.detectable)}` : ""}` + (there(got.answered) ? `; an answer read in ${percent(got.answered)} of the replies, ${percent(got.inLanguage)} in ${board.language[column.place].name}` : "") };
  };
  body.append(h("p", { class: "choices" }, scale.legend), ...heat("gaps", { rows, columns, cell, colour: scale.colour,
    caption: `Score minus the score in English, on the same items, ${set < 0 ? "all sets" : board.set[set].title}. *: the difference is sure (p < 0.05 after Holm). Without a star: not sure.` + rateLine(board).replace("each score", "each difference") }));
  const model = chosenModel(board);
  const rowsOfOne = columns.map((column) => ({ column, ...at(model, column.place), ...rateOf(board, model, column.place, set) }));
  const far = Math.max(0.1, ...rowsOfOne.flatMap((row) => [row.low, row.high, row.value]).filter(there).map(Math.abs));
  body.append(h("h3", {}, "One model against its English"), h("p", { class: "choices" }, modelSelect("Model")), ...table("gap", { rows: rowsOfOne, again: again("gaps"),
    caption: `${board.model[model].name}: every language against English, ${set < 0 ? "all sets" : board.set[set].title}.`, columns: [
      { key: "language", title: "language", text: true, value: (row) => board.language[row.column.place].name },
      { key: "gap", title: "difference", value: (row) => row.value, cell: (row) => h("span", { class: "both" }, range(row.value, row.low, row.high, { from: -far, to: far, marks: [0], label: `from ${num(-far, 2)} to ${num(far, 2)}: ${num(row.value)}` }), figure(row.value, row.low, row.high, 3, true)) },
      { key: "sure", title: "sure?", text: true, value: (row) => (there(row.value) ? verdict(row) : "no run"), cell: (row) => word(row) },
      { key: "worse", title: "worse / better", hint: "groups of items that the model does worse or better in than in English", value: (row) => row.worse, cell: (row) => (there(row.worse) ? `${count(row.worse)} / ${count(row.better)}` : "\u2013") },
      { key: "groups", title: "of", hint: "groups of items that both have", value: (row) => row.groups, cell: (row) => count(row.groups) },
      { key: "p", title: "p", hint: withHint("p"), value: (row) => row.p, cell: (row) => chance(row.p) },
      { key: "holm", title: "p (Holm)", value: (row) => row.p_holm, cell: (row) => chance(row.p_holm) },
      { key: "detectable", title: "detectable", hint: withHint("detectable"), value: (row) => row.detectable },
      ...(hasRates(board) ? [{ key: "answered", title: "answered", value: (row) => row.rate, cell: (row) => rateCell(row.rate) }, { key: "inlang", title: "in language", value: (row) => row.inside, cell: (row) => rateCell(row.inside) }] : []),
    ] }).filter(Boolean));
});
const rateOf = (board, model, language, set) => { const one = found(board, model, language, set); return { rate: one.answered, inside: one.inLanguage }; };
const sure = (one) => there(one.p_holm) && one.p_holm < 0.05;
const untested = (one) => there(one.value) && !there(one.p_holm);
const verdict = (one) => (!there(one.value) ? "no run" : untested(one) ? "not tested, for want of samples" : sure(one) ? (one.value < 0 ? "worse, sure" : one.value > 0 ? "better, sure" : "sure") + ` (Holm p ${there(one.p_holm) && one.p_holm < 0.001 ? "" : "= "}${chance(one.p_holm)})` : "not sure");
const word = (one) => (!there(one.value) ? h("span", { class: "gone" }, "no run") : untested(one) ? h("span", { class: "quiet" }, "not tested") : sure(one) ? h("b", { class: one.value < 0 ? "worse" : "better" }, one.value < 0 ? "worse" : "better") : h("span", { class: "quiet" }, "not sure"));

section("sets", ["board", "lang", "model", "models", "sort.sets", "cols.sets", "mean"], (body) => {
  const board = now(), model = chosen("mean") === "1" && board.model.length > 1 ? -1 : chosenModel(board), columns = languageColumns(board);
  const rows = board.set.map((one, place) => ({ key: one.name, name: one.title, place }));
  const at = (row, column) => (model < 0 ? { score: board.sets_by_language[row.place][column.place], chance: board.chance[row.place][column.place] } : found(board, model, column.place, row.place));
  const scale = blueScale(rows.flatMap((row) => columns.map((column) => at(row, column).score)));
  const cell = (row, column) => {
    const one = at(row, column);
    if (!there(one.score)) return null;
    return { value: one.score, text: num(one.score, 2), small: rates(one), mark: model < 0 ? "" : marks(one), detail: model < 0 ? `${num(one.score)}, mean of the models` : inWords(one, board.language[column.place]) };
  };
  body.append(h("p", { class: "choices" }, modelSelect("Model"), board.model.length > 1 ? h("label", { class: "tick" }, h("input", { type: "checkbox", "data-focus": "mean", checked: model < 0, onchange: (event) => choose({ mean: event.target.checked ? "1" : "" }) }), " mean of all models instead") : null, scale.legend),
    ...heat("sets", { rows, columns, cell, colour: scale.colour, corner: "set", empty: model < 0 ? "a model lacks it" : "no run",
      caption: (model < 0 ? "Mean of all models" : board.model[model].name) + ": score by set and language." + (model < 0 ? "" : rateLine(board) + (board.chance.some((row) => row.some(there)) ? " Italic: not told apart from chance." : "")) }));
  if (board.clustered.some(Boolean)) body.append(h("p", { class: "quiet" }, "Items of one group are drawn together in: " + board.set.filter((_, place) => board.clustered[place]).map((one) => one.title).join(", ") + "."));
});
