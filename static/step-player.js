// Shows a conversation step by step: buttons, arrow keys, the step in the address. It starts
// paused. Without this module the page shows all steps.
const scenes = [...document.querySelectorAll(".scene")];
const player = document.getElementById("player");
const play = document.getElementById("play");
const previous = document.getElementById("previous");
const next = document.getElementById("next");
const announce = document.getElementById("announce");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const labels = { play: play.textContent, pause: play.dataset.pause, again: play.dataset.again };
const WORD_MS = 270;
const LINE_MS = 350;
let place = 1;
let timer = null;

const placeInAddress = () => {
  const found = /^#step-(\d+)$/.exec(location.hash);
  return found ? Math.min(Math.max(Number(found[1]), 1), scenes.length) : 1;
};
const captionOf = (scene) => scene.querySelector(".caption-text").textContent;

// As long as one needs to read what has just appeared.
function readingTime(scene) {
  const words = captionOf(scene).split(/\s+/).length;
  return words * WORD_MS + scene.querySelectorAll(".w").length * LINE_MS + 1000;
}

function moveRail(scene) {
  const places = new Map(scene.dataset.places.split(" ").map((pair) => pair.split(":")));
  for (const item of player.querySelectorAll("[data-step]")) {
    item.className = places.get(item.dataset.step) ?? "";
    if (item.className === "here") item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  }
}

function show(number) {
  place = Math.min(Math.max(number, 1), scenes.length);
  scenes.forEach((scene, index) => {
    scene.hidden = index >= place;
    if (index === place - 1) scene.setAttribute("aria-current", "step");
    else scene.removeAttribute("aria-current");
  });
  const words = document.getElementById("place");
  words.textContent = words.dataset.form.replace("%n", place).replace("%all", scenes.length);
  document.getElementById("progress").value = place;
  // aria-disabled keeps the focus where it is when an end is reached.
  previous.setAttribute("aria-disabled", String(place === 1));
  next.setAttribute("aria-disabled", String(place === scenes.length));
  document.getElementById("whole").hidden = place === scenes.length;
  moveRail(scenes[place - 1]);
  label();
}

function label() {
  if (timer) play.textContent = labels.pause;
  else play.textContent = place === scenes.length ? labels.again : labels.play;
}

function go(number) {
  if (number < 1 || number > scenes.length) return;
  show(number);
  history.replaceState(null, "", `#step-${place}`);
  const scene = scenes[place - 1];
  scene.scrollIntoView({ block: "nearest", behavior: calm.matches ? "instant" : "smooth" });
  announce.textContent = `${document.getElementById("place").textContent}. ${captionOf(scene)}`;
}

function pause() {
  clearTimeout(timer);
  timer = null;
  label();
}

function schedule() {
  if (place === scenes.length) {
    pause();
    return;
  }
  timer = setTimeout(() => {
    go(place + 1);
    schedule();
  }, readingTime(scenes[place - 1]));
  label();
}

function step(by) {
  pause();
  go(place + by);
}

play.addEventListener("click", () => {
  if (timer) {
    pause();
    return;
  }
  go(place === scenes.length ? 1 : place + 1);
  schedule();
});
previous.addEventListener("click", () => step(-1));
next.addEventListener("click", () => step(1));
document.getElementById("whole").addEventListener("click", () => {
  step(scenes.length - place);
  next.focus();
});

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.keys === "off" || event.repeat || event.isComposing) return;
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  step(by);
});

// Whoever reads a reason, or leaves the page, does not want it to run on.
document.addEventListener("toggle", pause, { capture: true });
document.addEventListener("visibilitychange", () => {
  if (document.hidden) pause();
});
window.addEventListener("pagehide", pause);
window.addEventListener("hashchange", () => {
  pause();
  show(placeInAddress());
});
window.addEventListener("beforeprint", () => {
  pause();
  for (const scene of scenes) scene.hidden = false;
});
window.addEventListener("afterprint", () => show(place));

player.hidden = false;
show(placeInAddress());
