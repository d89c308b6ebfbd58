// What is chosen and sorted, kept in the address (#leaderboard?board=gen-acc&lang=low), so that a view can be linked and comes back.
// section(id, uses, draw): draw(body) fills the section whenever one of the choices in `uses` changes.
const state = {};
const defaults = { board: report.boards.length ? report.boards[0].id : "", models: "", lang: "all", set: "", heat: "score", model: "", scope: "all", why: "", find: "", item: "", base: "" };
const sections = [];
let here = "";

function section(id, uses, draw) { sections.push({ id, uses, draw }); }
const chosen = (name) => (name in state ? state[name] : defaults[name] || "");

function address() {
  const kept = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== (defaults[name] || "")) kept.set(name, value);
  const text = kept.toString();
  return "#" + here + (text ? "?" + text : "");
}

function draw(one) {
  const body = document.querySelector("#" + one.id + " > .body");
  if (!body) return;
  const focused = body.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
  const scrolled = [...body.querySelectorAll(".scroll")].map((part) => part.scrollLeft);
  body.replaceChildren();
  one.draw(body);
  body.querySelectorAll(".scroll").forEach((part, place) => { part.scrollLeft = scrolled[place] || 0; });
  if (focused) {
    const again = [...body.querySelectorAll("[data-focus]")].find((part) => part.dataset.focus === focused);
    if (again) again.focus({ preventScroll: true });
  }
}

function redraw(names) {
  for (const one of sections) if ((one.id !== "items" || itemsRead) && one.uses.some((use) => names.some((name) => name === use || name.startsWith(use + ".")))) draw(one);
}

// Change choices: choose({ lang: "low" }).
function choose(changes) {
  const changed = Object.keys(changes).filter((name) => changes[name] !== chosen(name));
  if (!changed.length) return;
  Object.assign(state, changes);
  history.replaceState(null, "", address() || "#");
  if (changed.some((name) => ["board", "models", "lang", "set"].includes(name))) showFilter();
  redraw(changed);
}

function fromAddress() {
  const [id, rest = ""] = location.hash.slice(1).split(/\?(.*)/s);
  for (const name of Object.keys(state)) delete state[name];
  for (const [name, value] of new URLSearchParams(rest)) state[name] = value;
  if (!report.boards.some((one) => one.id === chosen("board"))) delete state.board;
  if (!["all", "high", "low"].includes(chosen("lang")) && !languageOf(chosen("lang"))) delete state.lang;
  if (!report.sets.some((one) => one.name === chosen("set"))) delete state.set;
  here = /^[a-z-]+$/.test(id) ? id : "";
}

function goTo(id) {
  const target = document.getElementById(id);
  if (!target) return;
  here = id;
  history.replaceState(null, "", address());
  target.scrollIntoView();
  target.querySelector("h2, h3").focus({ preventScroll: true });
}

// What the filter lets through, of the board on show.
const now = () => boardOf(chosen("board"));
function wanted(name) {
  const terms = chosen("models").toLowerCase().split(",").map((one) => one.trim()).filter(Boolean);
  const text = [name.name, name.id, name.organisation, name.kind].filter(there).join(" ").toLowerCase();
  return !terms.length || terms.some((term) => text.includes(term));
}
const shownModels = (board = now()) => board.model.map((_, place) => place).filter((place) => wanted(board.model[place]));
function wantedLanguage(one) {
  const lang = chosen("lang");
  return lang === "all" || one.tier === lang || one.code === lang;
}
const shownLanguages = (board = now()) => board.order.filter((place) => wantedLanguage(board.language[place]));
const setPlace = (board = now()) => board.set.findIndex((one) => one.name === chosen("set"));

// Score, interval and rates of a model in a language: of the chosen set, or the mean of all sets.
function found(board, model, language, set = setPlace(board)) {
  const part = set >= 0 ? board.cells : board.by_language;
  const at = (name) => (part[name] ? (set >= 0 ? part[name][set] : part[name])[model][language] : null);
  const chances = board.chance.map((row) => row[language]);
  return { score: at("score"), low: at("low"), high: at("high"), answered: at("answered"), inLanguage: at("in_language"),
    items: at("items"), ofAnswered: set >= 0 ? (there(at("answered")) && at("answered") > 0 && board.metric.startsWith("acc") ? at("score") / at("answered") : null) : at("of_answered"),
    chance: set >= 0 ? board.chance[set][language] : mean(chances) };
}
const nearChance = (one) => there(one.chance) && there(one.score) && (there(one.low) ? one.low : one.score) <= one.chance;
function inWords(one, language) {
  return [`score ${num(one.score)}` + (there(one.low) ? ` (${between(one.low, one.high)})` : ", no interval"),
    there(one.chance) ? `chance ${num(one.chance)}` + (nearChance(one) ? ", not told apart from it" : "") : null,
    there(one.answered) ? `an answer read in ${percent(one.answered)} of the replies` : null,
    there(one.ofAnswered) ? `score among these ${num(one.ofAnswered)}` : null,
    there(one.inLanguage) ? `${percent(one.inLanguage)} of the replies in ${language.name}` : null,
    there(one.items) ? plural(one.items, "item") : null].filter(there).join("; ");
}
// The model that single-model views show: the one chosen, else the best that the filter lets through.
function chosenModel(board = now()) {
  const place = board.model.findIndex((one) => one.name === chosen("model"));
  if (place >= 0) return place;
  const shown = new Set(shownModels(board));
  const best = board.leaderboard.find((row) => shown.has(row.model)) || board.leaderboard[0];
  return best ? best.model : 0;
}
function modelSelect(label, board = now()) {
  const at = chosenModel(board);
  return select(label, "model", board.model.map((one, place) => [one.name, one.name, place === at]));
}
function select(label, name, options, given = {}) {
  return h("label", { class: "choice" }, h("span", {}, label),
    h("select", { "data-focus": "select-" + name, onchange: (event) => choose({ [name]: event.target.value }), ...given },
      options.map(([value, text, on]) => h("option", { value, selected: on === undefined ? value === chosen(name) : on }, text))));
}
