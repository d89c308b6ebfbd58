// What the figures were made from: models, runs, what is missing; then the filter, and everything is drawn.
const yes = (value) => (value === true ? "yes" : value === false ? "no" : there(value) ? String(value) : "");
const worded = (key, title, read_) => ({ key, title, text: true, value: (row) => { const got = read_(row); return there(got) ? String(got) : ""; }, cell: (row) => h("bdi", {}, yes(read_(row))) });

section("runs", ["models", "board", "sort.models", "sort.runs"], (body) => {
  const models = report.models.filter(wanted);
  const fields = [["organisation", "organisation"], ["licence", "licence"], ["kind", "kind"], ["reasoning", "reasoning"], ["base", "base"]].filter(([key]) => models.some((one) => there(one[key])));
  const columns = [worded("name", "model", (one) => one.name), ...(models.some((one) => one.id !== one.name) ? [worded("id", "id", (one) => one.id)] : []),
    { key: "size", title: "parameters", value: (one) => one.parameters, cell: (one) => [size(one.parameters) || "unknown", one.active ? h("small", {}, ` ${size(one.active)} active`) : null] },
    ...fields.map(([key, title]) => worded(key, title, (one) => one[key]))];
  body.append(...table("models", { caption: "Models. Sizes come from the list of models or from the run.", columns, rows: models, page: 20, again: again("runs") }).filter(Boolean));
  const runs = models.flatMap((model) => model.runs.map((run) => ({ model, ...run })));
  const told = [["kinds", "kinds"], ["tasks", "tasks"], ["data", "data"], ["shots", "shots"], ["instructions", "instructions"], ["backend", "backend"], ["dtype", "dtype"], ["chat_template", "chat template"], ["samples", "samples"], ["revision", "revision"], ["lm_eval", "lm-eval"], ["date", "newest"]];
  const text = (run, key) => (key === "date" ? String(run.date || "").slice(0, 10) : Array.isArray(run[key]) ? run[key].join(", ") : run[key]);
  body.append(...table("runs", { caption: "Runs: one row a setting.", columns: [worded("model", "model", (run) => run.model.name), ...told.map(([key, title]) => worded(key, title, (run) => text(run, key)))], rows: runs, page: 20, again: again("runs") }).filter(Boolean));
  body.append(...missing(now()));
});

function missing(board) {
  if (!board.missing.length) return [h("p", {}, `${board.title}: every model has every task.`)];
  const by = new Map();
  for (const [model, set, language] of board.missing) {
    const sets = by.get(model) || by.set(model, new Map()).get(model);
    sets.set(set, [...(sets.get(set) || []), language]);
  }
  const line = ([model, sets]) => h("li", {}, h("bdi", { class: "model" }, board.model[model].name), ": ", [...sets].map(([set, codes]) => `${board.set[set].title} (${codes.length === board.language.length ? "all languages" : codes.map((one) => board.language[one].code).join(" ")})`).join("; "));
  return [h("h3", { class: "gone" }, `${plural(board.missing.length, "missing run")}, ${board.title.toLowerCase()}`), h("p", { class: "quiet" }, "A model without them has no score over all, and no mean that they would enter."), h("ul", {}, [...by].map(line))];
}

function showFilter() {
  const form = document.getElementById("filter");
  form.elements.board.value = chosen("board");
  form.elements.models.value = chosen("models");
  form.elements.lang.value = chosen("lang");
  form.elements.set.value = chosen("set");
  const board = now();
  document.getElementById("told").textContent = `${plural(shownModels(board).length, "model")} of ${board.model.length}, ${shownLanguages(board).length} of ${plural(board.language.length, "language")}` + (chosen("set") && setPlace(board) < 0 ? `; ${titleOf(chosen("set"))} has no ${board.title.toLowerCase()}, all sets are shown` : "");
  for (const part of document.querySelectorAll("[data-board]")) part.hidden = part.dataset.board !== chosen("board");
  for (const part of document.querySelectorAll(".board-name")) part.textContent = board.title;
}

function start() {
  fromAddress();
  const form = document.getElementById("filter");
  if (!form) return;
  form.hidden = false;
  let waiting = 0;
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    const { name, value } = event.target;
    waiting = setTimeout(() => choose({ [name]: value }), name === "models" ? 200 : 0);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("all").addEventListener("click", () => choose({ models: "", lang: "all", set: "" }));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    goTo(link.hash.slice(1));
  });
  window.addEventListener("hashchange", () => { fromAddress(); everything(); if (here) goTo(here); });
  everything();
  if (here) requestAnimationFrame(() => goTo(here));
}
function everything() {
  showFilter();
  for (const one of sections) if (one.id !== "items" || itemsRead || here === "items" || chosen("item")) draw(one);
  if (!itemsRead) later();
}
// The items are the largest part and the last of the page: they are read when they come near, or before printing.
function later() {
  const target = document.getElementById("items");
  const drawn = () => { if (!itemsRead) draw(sections.find((one) => one.id === "items")); };
  const watch = new IntersectionObserver((seen) => { if (seen.some((one) => one.isIntersecting)) { watch.disconnect(); drawn(); } }, { rootMargin: "1200px" });
  watch.observe(target);
  window.addEventListener("beforeprint", drawn, { once: true });
}
start();
