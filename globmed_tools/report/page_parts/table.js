// A table that sorts by its headings, with the order kept in the address; long ones show a page and a button for the rest.
// table("leaderboard", { caption, columns: [{ key, title, hint, value(row), cell(row), text }], rows, sort: "score-" })
const opened = new Map();
const PAGE = 60;

const scroll = (label, ...children) => h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, children);

function bySort(rows, columns, order) {
  const column = columns.find((one) => one.key === order.slice(0, -1));
  if (!column) return rows;
  const sign = order.endsWith("-") ? -1 : 1;
  const compare = (a, b) => (typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b);
  return rows.map((row, place) => [column.value(row), place, row]).sort((a, b) =>
    there(a[0]) && there(b[0]) ? sign * compare(a[0], b[0]) || a[1] - b[1] : there(a[0]) - there(b[0]) ? there(b[0]) - there(a[0]) : a[1] - b[1])
    .map((one) => one[2]);
}

function heading(id, column, order) {
  const on = order.slice(0, -1) === column.key;
  const down = order.endsWith("-");
  const name = "sort." + id;
  // Words sort from A, numbers from the largest; a second press turns round.
  const next = column.key + (on ? (down ? "+" : "-") : column.text ? "+" : "-");
  const press = h("button", { type: "button", class: "sort", "data-focus": name + "." + column.key, title: column.hint, onclick: () => choose({ [name]: next }) },
    column.title, h("span", { class: "arrow", "aria-hidden": "true" }, on ? (down ? "\u25bc" : "\u25b2") : "\u2195"), column.sub ? h("small", {}, column.sub) : null);
  return h("th", { scope: "col", class: column.text ? "text" : null, "aria-sort": on ? (down ? "descending" : "ascending") : null }, press);
}

function table(id, { caption, columns, rows, sort = "", page = PAGE, again }) {
  const order = chosen("sort." + id) || sort;
  const sorted = bySort(rows, columns, order);
  const most = opened.get(id) || page;
  const body = sorted.slice(0, most).map((row) => h("tr", {}, columns.map((column, place) => {
    const content = column.cell ? column.cell(row) : column.text ? column.value(row) : num(column.value(row));
    return place ? h("td", { class: column.text ? "text" : null }, content) : h("th", { scope: "row" }, content);
  })));
  const left = sorted.length - most;
  return [h("p", { class: "caption", id: "caption-" + id }, caption), scroll(caption, h("table", { class: "sticky", id: "table-" + id, "aria-labelledby": "caption-" + id },
    h("thead", {}, h("tr", {}, columns.map((column) => heading(id, column, order)))), h("tbody", {}, body))),
  left > 0 ? h("p", { class: "more" }, h("button", { type: "button", "data-focus": "more-" + id,
    onclick: () => { opened.set(id, most + 5 * page); again(); } }, `Show ${Math.min(left, 5 * page)} more of ${count(sorted.length)}`)) : null];
}
const again = (id) => () => draw(sections.find((one) => one.id === id));
