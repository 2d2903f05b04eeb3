// The command line of the console: arrow keys walk through what was said, Esc clears. The line
// is emptied when the transcript has grown, so a request that failed loses nothing.
const said = [...document.querySelectorAll("#log .said--client > .wire")]
  .filter((wire) => wire.querySelectorAll(".w").length === 1)
  .map((wire) => wire.querySelector(".w").textContent)
  .filter(Boolean);
let place = said.length;
let sent = "";

const input = () => document.querySelector("[data-history]");

document.addEventListener("keydown", (event) => {
  const line = input();
  if (event.target !== line || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Escape") {
    line.value = "";
    place = said.length;
  } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
    const next = place + (event.key === "ArrowUp" ? -1 : 1);
    if (next < 0 || next > said.length) return;
    place = next;
    line.value = said[place] ?? "";
    line.setSelectionRange(line.value.length, line.value.length);
    event.preventDefault();
  }
});

document.addEventListener("submit", (event) => {
  sent = event.submitter?.name === "chip" ? event.submitter.value : input()?.value ?? "";
});

new MutationObserver((changes) => {
  const grown = changes.some((change) => [...change.addedNodes].some((node) => node.id === "log"));
  if (!grown) return;
  if (sent && sent !== said.at(-1)) said.push(sent);
  place = said.length;
  const line = input();
  if (line && line.value === sent) line.value = "";
  sent = "";
  document.querySelector("#prompt [data-focus-after-swap]")?.scrollIntoView({ block: "nearest" });
}).observe(document.querySelector(".stage"), { childList: true });
