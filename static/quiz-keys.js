// Keys for a question: 1–9 choose, J/N and K/P move, F flags, X strikes an option out, R overview,
// T the time, E explanation, / search, ? the list of keys. Off with data-keys="off" on <html>; never
// while a text field, a modifier or a repeat is in play. Each key has a control on the page.
{
  const off = document.documentElement.dataset.keys === "off";
  const form = () => document.querySelector("[data-question]");
  const struck = new Set(JSON.parse(sessionStorage.getItem("struck") || "[]"));

  function typing(target) {
    return target.closest("select, textarea, [contenteditable], input:not([type=radio]):not([type=checkbox])");
  }

  function choose(number) {
    const input = form()?.querySelector(`#option-${number}`);
    if (!input) return false;
    input.focus();
    input.click();
    return true;
  }

  function press(...selectors) {
    const target = selectors.map((selector) => document.querySelector(selector)).find(Boolean);
    target?.click();
    return Boolean(target);
  }

  // Strike-outs help to think: kept in this tab, sent to nobody, gone when the option is chosen.
  const named = (input) => `${form().action} ${input.id}`;
  function strike(input, on) {
    const row = input.closest(".option-row");
    if (!row) return false;
    if (on && input.checked) input.click();
    row.toggleAttribute("data-struck", on);
    row.querySelector(".strike").setAttribute("aria-pressed", on);
    struck[on ? "add" : "delete"](named(input));
    sessionStorage.setItem("struck", JSON.stringify([...struck]));
    return true;
  }
  function offerStrikes() {
    if (!form()?.hasAttribute("data-exam")) return;
    for (const option of form().querySelectorAll(":not(.option-row) > label.option")) {
      const input = option.querySelector("input");
      const row = document.createElement("div");
      row.className = "option-row";
      option.replaceWith(row);
      row.append(option, document.getElementById("strike").content.cloneNode(true));
      const button = row.querySelector(".strike");
      button.setAttribute("aria-label", `${button.ariaLabel} ${input.id.split("-")[1]}`);
      button.addEventListener("click", () => strike(input, !row.hasAttribute("data-struck")));
      input.addEventListener("change", () => input.checked && strike(input, false));
      if (struck.has(named(input))) strike(input, true);
    }
  }
  // A page that was refused begins at its reasons.
  document.getElementById("errors")?.focus();

  document.addEventListener("question", offerStrikes);
  offerStrikes();

  const next = () => press("a[rel=next]", ".navigator li:has([aria-current]) + li a");
  const previous = () => press("a[rel=prev]", ".navigator li:has(+ li [aria-current]) a");
  const actions = {
    j: next,
    n: next,
    k: previous,
    p: previous,
    f: () => press(".flag"),
    r: () => press("button[value=review]", "a[data-overview]"),
    t: () => document.dispatchEvent(new CustomEvent("tell-time")),
    x: () => {
      const input = document.activeElement;
      return input.matches(".option input") && strike(input, !input.closest(".option-row")?.hasAttribute("data-struck"));
    },
    e: () => {
      const place = document.getElementById("explanation");
      place?.focus();
      return Boolean(place);
    },
    "/": () => {
      const field = document.getElementById("id_q");
      field?.focus();
      return Boolean(field) || press("a[data-search]");
    },
    "?": () => {
      const dialog = document.getElementById("keys");
      if (!dialog) return press(".foot-links a");
      dialog.showModal();
      return true;
    },
  };

  const meant = (event) =>
    !(off || document.querySelector("dialog[open]") || event.repeat || event.isComposing || event.ctrlKey || event.altKey || event.metaKey);

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
      form()?.requestSubmit();
    }
  });
}
