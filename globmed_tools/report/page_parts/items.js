// One item in all its languages: text, what is right, each model's reply, what was read out of it.
const WHY = { gap: "right in English, wrong elsewhere", unanswered: "no answer read", missed: "missed by most", reversed: "right elsewhere, wrong in English", random: "at random" };
const REPLIES = 4;
let itemsRead = null;
const browser = () => (itemsRead = itemsRead || read("data-items"));
const keyOf = (one) => `${one.kind}/${one.set}/${one.group.slice(0, 12)}`;
const titleOf = (name) => (report.sets.find((one) => one.name === name) || { title: name }).title;
const shownKey = { gen: "free replies", ll: "likelihood" };

function replyOf(row) { return row && Object.fromEntries(browser().reply_fields.map((name, place) => [name, row[place]])); }
// Right, wrong, no answer: sign, word, class. Long form has a score and no right or wrong.
function outcome(item, reply) {
  if (!reply) return ["\u2013", "no reply here", "blank"];
  if (!item.metric.startsWith("acc")) return [num(reply.score, 2), `${item.metric === "chrf" ? "chrF++" : item.metric} ${num(reply.score)}`, "graded"];
  if (reply.score >= 1) return ["\u2713", "right", "right"];
  return there(reply.answer) ? ["\u2717", "wrong", "wrong"] : ["?", "no answer read", "unanswered"];
}
function first(item) {
  const one = item.texts.en || Object.values(item.texts)[0] || { text: "" };
  return one.text;
}
function found_items() {
  const term = chosen("find").toLowerCase();
  return browser().items.filter((one) => (!chosen("set") || one.set === chosen("set")) && (!chosen("why") || one.why === chosen("why"))
    && (!term || Object.values(one.texts).some((part) => part.text.toLowerCase().includes(term))));
}

section("items", ["set", "why", "find", "item", "models", "lang", "model", "board"], (body) => {
  if (!report.has_items) { body.append(h("p", {}, "This report was made without items.")); return; }
  const list = found_items(), whys = [...new Set(browser().items.map((one) => one.why))];
  const at = Math.max(0, list.findIndex((one) => keyOf(one) === chosen("item"))), item = list[at];
  const step = (by) => () => choose({ item: keyOf(list[(at + by + list.length) % list.length]) });
  body.append(h("p", { class: "choices" }, select("Chosen because", "why", [["", "all reasons"], ...whys.map((one) => [one, WHY[one] || one])]),
    h("label", { class: "choice" }, h("span", {}, "Find in the texts"), h("input", { type: "search", "data-focus": "find", value: chosen("find"), onchange: (event) => choose({ find: event.target.value }) })),
    h("span", { class: "quiet", role: "status" }, `${list.length} of ${plural(browser().items.length, "item")}` + (browser().left_out ? `; ${count(browser().left_out)} more are not in this page.` : "."))));
  if (!item) { body.append(h("p", {}, "No item fits these choices.")); return; }
  const label = (one) => `${titleOf(one.set)}: ${first(one).replace(/\s+/g, " ").slice(0, 90)}`;
  body.append(h("p", { class: "choices" }, h("button", { type: "button", "data-focus": "before", onclick: step(-1) }, "\u2190 before"), h("button", { type: "button", "data-focus": "after", onclick: step(1) }, "next \u2192"),
    select("Item", "item", list.map((one) => [keyOf(one), label(one), one === item]))));
  body.append(...browsed(item));
});

function browsed(item) {
  const ranks = now().leaderboard.map((row) => now().models[row.model]);
  const models = [...new Set([...ranks, ...report.models.map((_, place) => place)])].filter((place) => wanted(report.models[place]) && Object.values(item.replies).some((row) => row[place]));
  const codes = Object.keys(item.texts).map(languageOf).filter((one) => one && wantedLanguage(one));
  codes.sort((a, b) => (a.tier === "high" ? 0 : 1) - (b.tier === "high" ? 0 : 1));
  const front = models.find((place) => report.models[place].name === chosen("model"));
  if (front !== undefined) models.unshift(...models.splice(models.indexOf(front), 1));
  const facts = h("p", { class: "quiet" }, `${titleOf(item.set)}, ${shownKey[item.kind] || item.kind}. Shown because: ${WHY[item.why] || item.why}. Group `, h("code", {}, item.group));
  if (!models.length || !codes.length) return [facts, h("p", {}, "No reply fits the filter.")];
  const reply = (place, code) => replyOf((item.replies[code] || [])[place]);
  const rows = models.map((place) => ({ key: String(place), name: report.models[place].name, place }));
  const grid = heat("grid", { rows, columns: codes.map((one) => ({ key: one.code, name: one.code, title: one.name, group: one.tier + "-resource" })), colour: (_, got) => got.shades,
    caption: item.metric.startsWith("acc") ? "\u2713 right, \u2717 wrong, ? no answer read; under it the answer that was read. Enter or a click goes to the language." : "Score of each reply. Enter or a click goes to the language.",
    cell: (row, column) => { const one = reply(row.place, column.key); if (!one) return null; const [sign, told, kind] = outcome(item, one);
      return { value: one.score, text: sign, small: there(one.answer) ? short(one.answer) : null, mark: "mark-" + kind, shades: kind === "graded" ? shade(BLUES, one.score) : null, detail: told + (there(one.answer) ? `, read: ${one.answer} (${one.how})` : "") + (one.in_language === 0 ? ", in another language" : "") }; },
    act: (_row, column) => { const card = document.getElementById("text-" + column.key); if (card) { card.scrollIntoView({ block: "start" }); card.focus({ preventScroll: true }); } } });
  return [facts, ...grid, h("div", { class: "texts" }, codes.map((one) => card(item, one, models, reply)))];
}
const short = (answer) => (String(answer).length > 6 ? String(answer).slice(0, 5) + "\u2026" : answer);

function card(item, language, models, reply) {
  const part = item.texts[language.code], lang = language.code, dir = language.direction;
  const replies = h("ol", { class: "replies" });
  const show = (some) => replies.append(...some.map((place) => replyCard(item, language, report.models[place].name, reply(place, language.code))));
  show(models.slice(0, REPLIES));
  const rest = models.slice(REPLIES);
  const more = rest.length ? h("button", { type: "button", onclick: () => { show(rest); more.remove(); } }, `${plural(rest.length, "more reply", "more replies")}`) : null;
  return h("article", { class: "card", id: "text-" + language.code, tabindex: -1, "aria-label": language.name },
    h("h3", {}, language.name, " ", h("bdi", { lang, class: "quiet" }, language.native)),
    h("div", { class: "two" }, h("div", {}, h("div", { class: "prompt", lang, dir }, part.text), h("p", { class: "target" }, item.metric.startsWith("acc") ? "Right: " : "Reference: ", h("bdi", { lang, dir }, part.target))), h("div", {}, replies, more)));
}

function replyCard(item, language, model, one) {
  const [sign, told, kind] = outcome(item, one);
  if (!one) return h("li", { class: "blank" }, h("bdi", { class: "model" }, model), h("span", { class: "quiet" }, " no reply here"));
  const chosenAnswer = item.kind === "ll" ? ["most likely: ", h("bdi", {}, one.answer)] : there(one.answer) ? ["read: ", h("bdi", {}, one.answer), ` (${one.how})`] : null;
  return h("li", { class: "reply " + kind }, h("p", { class: "verdict" }, h("bdi", { class: "model" }, model), h("b", { class: "badge " + kind }, kind === "graded" ? told : `${sign} ${told}`),
    chosenAnswer ? h("span", {}, chosenAnswer) : null, one.in_language === 0 ? h("b", { class: "badge other" }, `not in ${language.name}`) : null),
  item.kind === "ll" ? null : one.characters === 0 || !one.reply ? h("p", { class: "quiet" }, "an empty reply") : h("div", { class: "said", lang: one.in_language === 0 ? null : language.code, dir: "auto" }, one.reply),
  one.characters > one.reply.length ? h("p", { class: "quiet" }, `cut; ${plural(one.characters, "character")} in all`) : null);
}
