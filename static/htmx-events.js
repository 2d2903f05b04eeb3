// The only module that knows htmx events: focus after a swap, and a plain word when a request fails.
const trouble = () => document.getElementById("trouble");

function say(text) {
  const place = trouble();
  if (place) place.textContent = text;
}

document.addEventListener("htmx:beforeRequest", () => say(""));

document.addEventListener("htmx:afterSettle", (event) => {
  const errors = document.getElementById("errors");
  if (errors && event.detail.elt.contains(errors)) errors.focus();
  if (document.activeElement !== document.body) return;
  const target = document.querySelector("[data-focus-after-swap]");
  if (target) target.focus();
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  say(status === 403
    ? "This form has expired. Reload the page; saved answers are safe."
    : `The server could not do this (${status}). Nothing was lost; try it again.`);
});
document.addEventListener("htmx:sendError", () => say("The server cannot be reached. Your choice is still here; try it again."));
document.addEventListener("htmx:timeout", () => say("The server did not answer in time. Try it again."));

// A page from the back/forward cache may show an old state of an attempt.
window.addEventListener("pageshow", (event) => {
  if (event.persisted && document.querySelector("[data-attempt]")) window.location.reload();
});
