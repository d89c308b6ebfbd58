// Shared by all parts: the data that the page holds, helpers that make elements (text never becomes markup), numbers as text.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const report = read("data-report");
const known = new Map();
const MINUS = "\u2212";
const HIDDEN = new Map([[0x202a, "LRE"], [0x202b, "RLE"], [0x202c, "PDF"], [0x202d, "LRO"], [0x202e, "RLO"],
  [0x2066, "LRI"], [0x2067, "RLI"], [0x2068, "FSI"], [0x2069, "PDI"]]);

// A board is parsed when it is first shown. `order`: its languages, high-resource first.
function boardOf(id) {
  if (known.has(id)) return known.get(id);
  const made = read("data-board-" + id);
  made.model = made.models.map((place) => report.models[place]);
  made.set = made.sets.map((place) => report.sets[place]);
  made.language = made.languages.map((place) => report.languages[place]);
  made.order = made.language.map((_, place) => place)
    .sort((a, b) => (made.language[a].tier === "high" ? 0 : 1) - (made.language[b].tier === "high" ? 0 : 1) || a - b);
  known.set(id, made);
  return made;
}

// Letters that turn the direction of a text, or have no form, are shown by name.
function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g, (one) => {
    const code = one.codePointAt(0);
    if (code === 13) return "";
    return "\u27e6" + (HIDDEN.get(code) || "U+" + code.toString(16).toUpperCase().padStart(4, "0")) + "\u27e7";
  });
}

function fill(node, given, children) {
  for (const [name, value] of Object.entries(given || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "colour") { node.style.backgroundColor = value[0]; node.style.color = value[1]; }
    else node.setAttribute(name, value === true ? "" : name === "title" || name === "aria-label" ? visible(value) : value);
  }
  for (const child of children.flat(3)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : document.createTextNode(visible(child)));
  }
  return node;
}
const h = (tag, given, ...children) => fill(document.createElement(tag), given, children);
const s = (tag, given, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), given, children);

const there = (value) => value !== null && value !== undefined;
function num(value, digits = 3, signed = false) {
  if (!there(value)) return "\u2013";
  const text = Math.abs(value).toFixed(digits);
  const none = Number(text) === 0;
  return (none ? "" : value < 0 ? MINUS : signed ? "+" : "") + text;
}
const percent = (value) => (there(value) ? Math.round(100 * value) + " %" : "\u2013");
const count = (value) => (there(value) ? Number(value).toLocaleString("en-GB") : "\u2013");
const chance = (p) => (!there(p) ? "\u2013" : p < 0.001 ? "< 0.001" : num(p, 3));
const between = (low, high, digits = 3, signed = false) =>
  there(low) && there(high) ? num(low, digits, signed) + " to " + num(high, digits, signed) : "no interval";
function size(billions) {
  if (!there(billions)) return "";
  const shown = (value) => Number(value.toPrecision(3)).toString();
  return billions >= 1000 ? shown(billions / 1000) + " T" : billions >= 1 ? shown(billions) + " B"
    : billions >= 0.001 ? shown(billions * 1000) + " M" : shown(billions * 1e6) + " K";
}
const mean = (values) => (values.length && values.every(there) ? values.reduce((a, b) => a + b, 0) / values.length : null);
const languageOf = (code) => report.languages.find((one) => one.code === code);
const plural = (many, one, more) => count(many) + " " + (many === 1 ? one : more || one + "s");

// A value and its interval: a bar and a dot between `from` and `to`, upright lines at `marks`.
function range(value, low, high, { from = 0, to = 1, marks = [], label = "", width = 110 } = {}) {
  if (!there(value)) return h("span", { class: "quiet" }, "\u2013");
  const x = (one) => (width * (Math.min(Math.max(one, from), to) - from)) / (to - from);
  return s("svg", { class: "range", viewBox: `0 0 ${width} 14`, width, height: 14, role: "img", "aria-label": label },
    s("path", { class: "base", d: `M0 7H${width}` }),
    marks.filter(there).map((one) => s("path", { class: "mark", d: `M${x(one).toFixed(1)} 0V14` })),
    there(low) && there(high) ? s("path", { class: "bar", d: `M${x(low).toFixed(1)} 7H${x(high).toFixed(1)}` }) : null,
    s("circle", { cx: x(value).toFixed(1), cy: 7, r: 3.6 }));
}
// A figure in words: the value, and its interval under it.
const figure = (value, low, high, digits = 3, signed = false) => h("span", { class: "figure" },
  h("b", {}, num(value, digits, signed)), there(low) ? h("small", {}, between(low, high, digits, signed)) : null);

// Colours: pale to dark blue for shares, orange to blue around 0 for differences; safe for the colour-blind and in grey.
const BLUES = [[247, 251, 255], [222, 235, 247], [198, 219, 239], [158, 202, 225], [107, 174, 214], [66, 146, 198], [33, 113, 181], [8, 81, 156], [8, 48, 107]];
const AROUND = [[127, 59, 8], [179, 88, 6], [224, 130, 20], [253, 184, 99], [254, 224, 182], [247, 247, 247], [209, 229, 240], [146, 197, 222], [67, 147, 195], [33, 102, 172], [5, 48, 97]];
function shade(stops, share) {
  const at = Math.min(Math.max(share, 0), 1) * (stops.length - 1);
  const left = Math.min(Math.floor(at), stops.length - 2);
  const rgb = stops[left].map((one, i) => Math.round(one + (stops[left + 1][i] - one) * (at - left)));
  const [r, g, b] = rgb.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
  return [`rgb(${rgb.join(",")})`, 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000000" : "#ffffff"];
}
