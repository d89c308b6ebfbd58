"use strict";
// Filters of the examples, kept in the address (#filter?stage=...&language=...) so that a view can be linked; with only=1 nothing but
// the chosen examples is shown and printed. Copy buttons.
(function () {
  const names = ["stage", "reason", "language", "set"];
  const form = document.getElementById("filter");
  const count = document.getElementById("count");
  if (!form) return;
  const cards = Array.from(document.querySelectorAll("article.ex"));
  const groups = Array.from(document.querySelectorAll("section.group"));
  form.hidden = false;

  function apply() {
    let shown = 0;
    for (const card of cards) {
      card.hidden = names.some((name) => form.elements[name].value && form.elements[name].value !== card.dataset[name]);
      if (!card.hidden) shown += 1;
    }
    for (const group of groups) group.hidden = !group.querySelector("article.ex:not([hidden])");
    document.body.classList.toggle("only", form.elements.only.checked);
    count.textContent = shown + " of " + cards.length + " examples shown";
  }

  function address() {
    const chosen = new URLSearchParams();
    for (const name of names) if (form.elements[name].value) chosen.set(name, form.elements[name].value);
    if (form.elements.only.checked) chosen.set("only", "1");
    return "#filter?" + chosen.toString();
  }

  function fromAddress() {
    if (!location.hash.startsWith("#filter")) return;
    const chosen = new URLSearchParams(location.hash.slice("#filter?".length));
    for (const name of names) {
      form.elements[name].value = chosen.get(name) || "";
      if (form.elements[name].selectedIndex < 0) form.elements[name].value = "";
    }
    form.elements.only.checked = chosen.has("only");
    apply();
    if (!form.elements.only.checked) document.getElementById("examples").scrollIntoView();
  }

  form.addEventListener("change", function () {
    history.replaceState(null, "", address());
    apply();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("all").addEventListener("click", function () {
    for (const name of names) form.elements[name].value = "";
    form.elements.only.checked = false;
    history.replaceState(null, "", address());
    apply();
  });
  window.addEventListener("hashchange", fromAddress);

  document.addEventListener("click", function (event) {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const text = button.dataset.copy;
    const told = (word) => { button.textContent = word; setTimeout(() => { button.textContent = "copy"; }, 1500); };
    const select = () => {
      const range = document.createRange();
      range.selectNodeContents(button.previousElementSibling);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      told(document.execCommand("copy") ? "copied" : "selected");
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => told("copied"), select);
    else select();
  });

  apply();
  fromAddress();
})();
