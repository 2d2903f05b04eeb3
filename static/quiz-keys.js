// Keys for a question: 1–9 choose, J/N and K/P move, E explanation, ? the list of keys.
// Off with data-keys="off" on <html>; never while a text field, a modifier or a repeat is in play.
const form = document.querySelector("[data-question]");
const off = document.documentElement.dataset.keys === "off";

function typing(target) {
  return target.closest("select, textarea, [contenteditable], input:not([type=radio]):not([type=checkbox])");
}

function choose(number) {
  const input = form?.querySelector(`#option-${number}`);
  if (!input) return false;
  input.focus();
  input.click();
  return true;
}

function follow(selector) {
  const link = document.querySelector(selector);
  if (!link) return false;
  link.click();
  return true;
}

const actions = {
  j: () => follow("a[rel=next]"),
  n: () => follow("a[rel=next]"),
  k: () => follow("a[rel=prev]"),
  p: () => follow("a[rel=prev]"),
  e: () => {
    const place = document.getElementById("explanation");
    place?.focus();
    return Boolean(place);
  },
  "?": () => follow(".foot-links a"),
};

const meant = (event) =>
  !(off || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey);

document.addEventListener("keydown", (event) => {
  if (!meant(event) || typing(event.target)) return;
  const key = event.key.toLowerCase();
  const done = /^[1-9]$/.test(key) ? choose(key) : actions[key]?.();
  if (done) event.preventDefault();
});

// Enter checks and continues from an option, or from nowhere in particular; on a link, button or
// summary it keeps its own meaning.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !meant(event)) return;
  if (event.target.matches("body, main, h1, input[type=checkbox], input[type=radio]")) {
    event.preventDefault();
    form?.requestSubmit();
  }
});
