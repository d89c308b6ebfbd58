// A small picture a model: score by language with its interval, chance, and how often an answer was read; and score against size.
const PICTURES = 6;

function profile(board, model, columns) {
  const rows = columns.map((column) => [column, found(board, model, column.place)]);
  const left = 96, width = 330, row = 19, top = 20, bottom = 4, span = width - left - 12;
  const height = top + rows.length * row + bottom;
  const x = (value) => (left + span * Math.min(Math.max(value, 0), 1)).toFixed(1);
  const marksOf = ([column, one], place) => {
    const y = top + place * row + row / 2;
    const name = board.language[column.place].name;
    return s("g", {}, s("title", {}, `${name}: ${there(one.score) ? inWords(one, board.language[column.place]) : "no run"}`),
      s("rect", { class: "hit", x: 0, y: y - row / 2, width, height: row }),
      s("text", { x: left - 8, y: y + 4, "text-anchor": "end" }, name),
      s("path", { class: "base", d: `M${left} ${y}H${left + span}` }),
      there(one.chance) ? s("path", { class: "mark", d: `M${x(one.chance)} ${y - 6}V${y + 6}` }) : null,
      there(one.answered) ? s("path", { class: "rate", d: `M${x(one.answered)} ${y - 4}l4 4l-4 4l-4 -4z` }) : null,
      there(one.low) && there(one.high) ? s("path", { class: "bar", d: `M${x(one.low)} ${y}H${x(one.high)}` }) : null,
      there(one.score) ? s("circle", { cx: x(one.score), cy: y, r: 4 }) : s("text", { class: "gone", x: left + 4, y: y + 4 }, "no run"));
  };
  const label = `${board.model[model].name}: ` + rows.map(([column, one]) => `${board.language[column.place].name} ${num(one.score, 2)}`).join(", ");
  return h("figure", { class: "profile" }, h("figcaption", {}, h("bdi", {}, board.model[model].name)),
    s("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label },
      [0, 0.25, 0.5, 0.75, 1].map((tick) => [s("path", { class: "tick", d: `M${x(tick)} ${top - 3}V${height - bottom}` }), s("text", { class: "axis", x: x(tick), y: 12, "text-anchor": "middle" }, String(tick))]),
      rows.map(marksOf)));
}

section("profiles", ["board", "models", "lang", "set"], (body) => {
  const board = now(), all = leaders(board).map((row) => row.model), columns = languageColumns(board), set = setPlace(board);
  const most = opened.get("profiles") || PICTURES;
  body.append(h("p", { class: "quiet" }, `${set >= 0 ? board.set[set].title : "All sets"}. Dot and bar: score and its 95 % interval.` + (board.chance.some((row) => row.some(there)) ? " Upright dash: chance." : "") + (hasRates(board) ? " Open diamond: share of replies in which an answer was read; a dot far left of its diamond is a wrong answer, a diamond far left is a form not kept." : "")),
    h("div", { class: "profiles" }, all.slice(0, most).map((model) => profile(board, model, columns))));
  if (all.length > most) body.append(h("p", { class: "more" }, h("button", { type: "button", "data-focus": "more-profiles", onclick: () => { opened.set("profiles", most + 4 * PICTURES); draw(sections.find((one) => one.id === "profiles")); } }, `Show ${Math.min(4 * PICTURES, all.length - most)} more of ${all.length}`)));
});

section("size", ["board", "models"], (body) => {
  const board = now(), shown = new Set(shownModels(board));
  const points = board.size.points.filter((one) => shown.has(one[0]));
  const without = leaders(board).filter((row) => !board.size.points.some((one) => one[0] === row.model));
  if (points.length < 2) {
    body.append(h("p", {}, points.length ? `A size and a score are known of one model only: ${size(points[0][1])}, ${num(points[0][2])}.` : "Of no model are both a size and a score known. Sizes come from the run or from --models."));
    return;
  }
  const width = 760, height = 380, left = 52, right = 24, top = 16, bottom = 46;
  const logs = points.map((one) => Math.log10(one[1]));
  const wide = Math.max(0.3, Math.max(...logs) - Math.min(...logs)), from = Math.min(...logs) - 0.06 * wide, to = Math.max(...logs) + 0.06 * wide;
  const rowOf = new Map(board.leaderboard.map((row) => [row.model, row]));
  const values = points.flatMap((one) => [one[2], rowOf.get(one[0]).score.low, rowOf.get(one[0]).score.high]).filter(there);
  const low = Math.max(0, Math.floor(Math.min(...values) * 10 - 0.5) / 10), high = Math.min(1, Math.ceil(Math.max(...values) * 10 + 0.5) / 10);
  const x = (log) => left + ((width - left - right) * (log - from)) / (to - from);
  const y = (value) => top + ((height - top - bottom) * (high - value)) / (high - low);
  const ticksX = [], ticksY = [];
  const parts = wide > 3 ? [1] : wide > 1.2 ? [1, 2, 5] : wide > 0.6 ? [1, 2, 3, 5, 7] : [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9];
  for (let at = Math.floor(from); at <= to; at += 1) for (const part of parts) { const log = at + Math.log10(part); if (log >= from && log <= to) ticksX.push([log, size(part * 10 ** at)]); }
  for (let at = low; at <= high + 1e-9; at += high - low > 0.5 ? 0.2 : 0.1) ticksY.push(at);
  const named = points.length <= 14;
  const dot = ([model, billions, score], place) => {
    const one = rowOf.get(model).score, active = board.model[model].active;
    const told = `${board.model[model].name}: ${size(billions)}${active ? `, ${size(active)} active` : ""}, score ${num(score)} (${between(one.low, one.high)}), rank ${rowOf.get(model).rank}` + (hasRates(board) ? `; an answer read in ${percent(overall(board, model, "answered"))} of the replies, ${percent(overall(board, model, "in_language"))} in language` : "");
    const end = logs[place] > from + 0.72 * (to - from);
    return s("g", { class: "point", tabindex: 0, role: "img", "aria-label": told }, s("title", {}, told),
      there(one.low) ? s("path", { class: "bar", d: `M${x(logs[place]).toFixed(1)} ${y(one.low).toFixed(1)}V${y(one.high).toFixed(1)}` }) : null,
      s("circle", { cx: x(logs[place]).toFixed(1), cy: y(score).toFixed(1), r: 5 }),
      named ? s("text", { x: (x(logs[place]) + (end ? -9 : 9)).toFixed(1), y: (y(score) + 4).toFixed(1), "text-anchor": end ? "end" : "start" }, board.model[model].name) : null);
  };
  body.append(scroll("Score against size", s("svg", { class: "scatter", viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": "Score against size, size on a logarithmic axis" },
    ticksX.map(([log, text]) => [s("path", { class: "tick", d: `M${x(log).toFixed(1)} ${top}V${height - bottom}` }), s("text", { class: "axis", x: x(log).toFixed(1), y: height - bottom + 18, "text-anchor": "middle" }, text)]),
    ticksY.map((at) => [s("path", { class: "tick", d: `M${left} ${y(at).toFixed(1)}H${width - right}` }), s("text", { class: "axis", x: left - 8, y: (y(at) + 4).toFixed(1), "text-anchor": "end" }, num(at, 1))]),
    s("text", { class: "axis", x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, "parameters (logarithmic)"),
    points.map(dot))), h("p", { class: "quiet" }, (there(board.size.spearman) ? `Spearman's rank correlation of size and score over ${plural(board.size.points.length, "model")}: ${num(board.size.spearman, 2)}. ` : "") + "Bars: 95 % intervals. Models with several sizes of experts stand at their total." +
    (without.length ? ` Not shown, size or score unknown: ${without.map((row) => board.model[row.model].name).join(", ")}.` : "") + (named ? "" : " Names appear when a point is pointed at or focused.")));
});
