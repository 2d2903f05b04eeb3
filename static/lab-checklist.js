// Asks for the checklist again whenever the transcript has grown, and says what was ticked.
const checklist = () => document.getElementById("checklist");
const ticked = () => checklist().querySelectorAll(".step--done").length;
const stage = document.getElementById("console");
let n = ticked();
let waiting = null;

const refresh = () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => window.htmx.trigger(checklist(), "refresh"), 50);
};

new MutationObserver((changes) => {
  const grown = (node) => node.id === "log" || node.classList?.contains("said");
  if (changes.some((change) => [...change.addedNodes].some(grown))) refresh();
}).observe(stage.querySelector(".stage"), { childList: true, subtree: true });

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "checklist") return;
  // A mail program has joined the lab: its session takes the console's place.
  if (checklist().dataset.session !== stage.dataset.session) location.reload();
  if (ticked() === n) return;
  n = ticked();
  document.getElementById("announce").textContent = document.getElementById("checklist-h").textContent;
});
