// A heat map that is a table: numbers stand in the cells, a heading sorts, arrow keys move, and a line under it tells of the cell.
// heat("heat", { caption, rows: [{ key, name }], columns: [{ key, name, title, group }], cell(row, column) -> { value, text, small,
// detail, mark } or null, colour(value) -> [background, text], sort: "mean-" })
function heat(id, { caption, rows, columns, cell, colour, extra = [], corner = "model", empty = "no run", act }) {
  const name = "sort." + id, across = "cols." + id;
  const order = chosen(name), by = chosen(across);
  const valueAt = (row, column) => { const one = cell(row, column); return one && there(one.value) ? one.value : null; };
  const all = [...columns, ...extra];
  const asColumns = all.map((column) => ({ key: column.key, title: column.name, sub: column.sub, hint: column.title, value: (row) => valueAt(row, column), text: false }));
  asColumns.unshift({ key: "name", title: corner, value: (row) => row.name, text: true });
  const sortedRows = bySort(rows, asColumns, order);
  const row = rows.find((one) => one.key === by);
  const sorted = row ? bySort(columns, [{ key: "x", value: (column) => valueAt(row, column) }], "x-") : columns;
  const detail = h("p", { class: "detail", id: "detail-" + id }, "Point at a cell, or move with the arrow keys: it is told here.");
  const place = new Map(asColumns.map((one) => [one.key, one]));
  const groups = [];
  if (!row) for (const one of sorted) {
    const last = groups[groups.length - 1];
    if (last && last[0] === one.group) last[1] += 1;
    else groups.push([one.group, 1]);
  }
  const cells = [];
  const body = sortedRows.map((one) => {
    const line = [];
    cells.push(line);
    const made = [...sorted, ...extra].map((column) => {
      const got = cell(one, column);
      const blank = !got || !there(got.value);
      const node = h("td", { class: (blank ? "cell blank" : "cell") + (got && got.mark ? " " + got.mark : "") + (column.sum ? " sum" : ""), tabindex: -1,
        colour: blank ? null : colour(got.value, got), "aria-label": `${one.name}, ${column.title || column.name}: ${got ? got.detail : empty}` },
      blank ? h("span", { class: "hatch" }, got && got.text ? got.text : "\u2013") : [h("span", { class: "n" }, got.text), got.small ? h("small", {}, got.small) : null]);
      node.told = `${one.name}, ${column.title || column.name}: ${got ? got.detail : empty}`;
      node.act = act ? () => act(one, column) : null;
      line.push(node);
      return node;
    });
    const press = h("button", { type: "button", class: "sort row", "data-focus": across + "." + one.key, title: "sort the columns by this row",
      "aria-pressed": by === one.key ? "true" : "false", onclick: () => choose({ [across]: by === one.key ? "" : one.key }) }, h("bdi", {}, one.name));
    return h("tr", {}, h("th", { scope: "row" }, press), made);
  });
  const many = groups.length > 1 || (groups.length === 1 && groups[0][0]);
  const grid = h("table", { class: "heat sticky", id: "table-" + id, role: "grid", "aria-labelledby": "caption-" + id, "aria-describedby": "detail-" + id },
    h("thead", {}, many ? h("tr", { class: "groups" }, h("td", {}), groups.map(([group, span]) => h("th", { colspan: span, scope: "colgroup" }, group || "")), extra.length ? h("td", { colspan: extra.length }) : null) : null,
      h("tr", {}, heading(id, place.get("name"), order), [...sorted, ...extra].map((column) => heading(id, place.get(column.key), order)))),
    h("tbody", {}, body));
  roving(grid, cells, detail);
  return [h("p", { class: "caption", id: "caption-" + id }, caption), scroll(caption, grid), detail];
}

// One cell of a grid takes the focus; arrow keys move it, Home and End go to the ends of a row.
function roving(grid, cells, detail) {
  const at = new Map();
  cells.forEach((line, r) => line.forEach((node, c) => at.set(node, [r, c])));
  if (!cells.length || !cells[0].length) return;
  let current = cells[0][0];
  current.tabIndex = 0;
  const tell = (node) => { detail.textContent = visible(node.told); };
  const take = (node) => { current.tabIndex = -1; current = node; current.tabIndex = 0; node.focus(); };
  const cellOf = (event) => event.target.closest("td.cell");
  grid.addEventListener("mouseover", (event) => { const node = cellOf(event); if (node) tell(node); });
  grid.addEventListener("focusin", (event) => { const node = cellOf(event); if (node) tell(node); });
  grid.addEventListener("click", (event) => { const node = cellOf(event); if (!node) return; take(node); if (node.act) node.act(); });
  grid.addEventListener("keydown", (event) => {
    const node = cellOf(event);
    if (!node) return;
    const [r, c] = at.get(node);
    const step = { ArrowRight: [r, c + 1], ArrowLeft: [r, c - 1], ArrowDown: [r + 1, c], ArrowUp: [r - 1, c], Home: [r, 0], End: [r, cells[r].length - 1] }[event.key];
    if (step && cells[step[0]] && cells[step[0]][step[1]]) { event.preventDefault(); take(cells[step[0]][step[1]]); }
    if ((event.key === "Enter" || event.key === " ") && node.act) { event.preventDefault(); node.act(); }
  });
}

// A scale over the values on show, at least 0.2 wide, so that noise does not look like a difference.
function blueScale(values) {
  const some = values.filter(there);
  let from = some.length ? Math.min(...some) : 0, to = some.length ? Math.max(...some) : 1;
  if (to - from < 0.2) { from = Math.max(0, (from + to) / 2 - 0.1); to = from + 0.2; }
  return { colour: (value) => shade(BLUES, (value - from) / (to - from)), legend: legend(BLUES, num(from, 2), num(to, 2)) };
}
function aroundScale(values) {
  const far = Math.max(0.1, ...values.filter(there).map(Math.abs));
  return { colour: (value) => shade(AROUND, (value / far + 1) / 2), legend: legend(AROUND, num(-far, 2), num(far, 2, true), "0") };
}
function legend(stops, low, high, middle) {
  const bar = h("span", { class: "ramp", "aria-hidden": "true" });
  bar.style.background = `linear-gradient(to right, ${stops.map((one) => `rgb(${one.join(",")})`).join(",")})`;
  return h("span", { class: "legend" }, h("span", {}, low), bar, middle ? h("span", { class: "hide" }, middle) : null, h("span", {}, high));
}
const languageColumns = (board) => shownLanguages(board).map((place) => ({ key: board.language[place].code, place, name: board.language[place].code,
  title: board.language[place].name, sub: board.language[place].name, group: board.language[place].tier + "-resource" }));
const rates = (one) => (there(one.answered) ? `${Math.round(100 * one.answered)}/${there(one.inLanguage) ? Math.round(100 * one.inLanguage) : "\u2013"}` : null);
const marks = (one) => [there(one.answered) && one.answered < 0.9 ? "unread" : null, nearChance(one) ? "chance" : null].filter(Boolean).join(" ");
const hasRates = (board) => board.by_language.answered && board.by_language.answered.some((row) => row.some(there));
const rateLine = (board) => (hasRates(board) ? " Under each score: % of the replies in which an answer was read / % in the language asked. A corner marks cells with under 90 % answered: there a low score may be a matter of form." : "");
