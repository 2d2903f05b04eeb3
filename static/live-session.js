// Follows a session, or the list of sessions, over server-sent events. What comes from the wire
// is set as text only. A page from the back/forward cache asks again for what it has missed.
const stage = document.querySelector("[data-stream]");
const lobby = document.querySelector("[data-lobby]");
const mark = document.getElementById("live-mark");
const SHOWN_LINES = 500;
const log = () => document.getElementById("log");
let url = stage?.dataset.stream ?? lobby?.dataset.lobby;
let source = null;
let last = Number(log()?.dataset.lastSeq ?? new URL(url, location.href).searchParams.get("after"));
let spoken = last;
// A command is explained where it comes first, a reply each time.
const explained = new Set([...document.querySelectorAll("#log .said--client > .note b")].map((title) => title.textContent));

const seen = () => Math.max(last, Number(log()?.dataset.lastSeq ?? 0));

function show(word, live) {
  mark.textContent = word;
  mark.classList.toggle("live", live);
}

function speak(row) {
  if (row.side !== "server" || row.seq <= spoken) return;
  const line = document.createElement("p");
  line.textContent = row.text;
  const place = document.getElementById("spoken");
  place.append(line);
  if (place.children.length > 20) place.firstElementChild.remove();
}

function lineFor(row) {
  const item = document.getElementById("line-template").content.firstElementChild.cloneNode(true);
  item.className = `said said--${row.side}`;
  const who = item.querySelector(".who");
  who.textContent = { client: "C", server: "S" }[row.side] ?? "—";
  who.title = row.side === "event" ? "" : row.side;
  const wire = item.querySelector(".wire");
  const code = wire.querySelector(".code");
  const early = wire.querySelector(".early");
  wire.textContent = row.code ? row.text.slice(3) : row.text;
  if (row.code) {
    code.className = `code code--${row.text[0]}`;
    code.textContent = row.text.slice(0, 3);
    wire.prepend(code);
  }
  if (row.flags.includes("early")) wire.append(early);
  const note = item.querySelector(".note");
  const known = row.side === "client" && explained.has(`${row.title}.`);
  if (row.why && !known) fill(note, row);
  else note.remove();
  if (row.side === "client") explained.add(`${row.title}.`);
  return item;
}

function fill(note, row) {
  const [reference, more] = note.querySelectorAll("a");
  const title = document.createElement("b");
  title.textContent = `${row.title}.`;
  note.replaceChildren(...(row.title === row.text ? [] : [title, " "]), `${row.why} `);
  const links = row.refs.map((ref) => {
    const link = reference.cloneNode();
    link.href = ref.url;
    link.textContent = ref.label;
    return link;
  });
  if (row.note) {
    more.href = row.note;
    more.querySelector("span").textContent = `: ${row.title}`;
    links.push(more);
  }
  for (const link of links) note.append(link, " ");
}

function moveRail(step) {
  const items = [...document.querySelectorAll("#log [data-step]")];
  const here = items.findIndex((item) => item.dataset.step === step);
  items.forEach((item, index) => {
    const wasReached = item.className !== "";
    const done = step === "closed" ? wasReached && index !== here : index < here;
    item.className = index === here ? "here" : done ? "done" : "";
    if (index === here) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function takeRow(event) {
  const row = JSON.parse(event.data);
  speak(row);
  spoken = Math.max(spoken, row.seq);
  if (row.seq <= seen()) return;
  if (row.seq > seen() + 1) {
    location.reload();
    return;
  }
  last = row.seq;
  if (row.step) moveRail(row.step);
  if (row.flags.includes("quiet")) return;
  const list = log().querySelector(".transcript");
  const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 120;
  list.append(lineFor(row));
  if (list.children.length > SHOWN_LINES) list.firstElementChild.remove();
  if (atEnd) window.scrollTo({ top: document.documentElement.scrollHeight });
}

function takeSession(event) {
  const session = JSON.parse(event.data);
  last = Math.max(last, Number(event.lastEventId));
  const known = [...lobby.querySelectorAll("a")].find((link) => link.pathname === session.url);
  if (known) {
    known.closest("li").querySelector(".state").textContent = session.state;
    return;
  }
  const item = document.getElementById("session-template").content.firstElementChild.cloneNode(true);
  item.querySelector("a").href = session.url;
  const time = item.querySelector("time");
  time.dateTime = session.started;
  time.textContent = new Date(session.started).toLocaleTimeString("en-GB", { timeZone: lobby.dataset.zone });
  item.querySelector(".label").textContent = session.label;
  item.querySelector(".state").textContent = session.state;
  lobby.querySelector("ul").prepend(item);
  lobby.querySelector("[data-empty]")?.remove();
}

function stop(word) {
  source.close();
  source = null;
  url = null;
  show(word, false);
  document.querySelector("[data-until-end]")?.remove();
}

function open() {
  if (!url || source) return;
  const address = new URL(url, location.href);
  address.searchParams.set("after", String(seen()));
  source = new EventSource(address);
  source.addEventListener("open", () => show("live", true));
  source.addEventListener("error", () => {
    show(source.readyState === EventSource.CLOSED ? "not live: reload the page" : "reconnecting", false);
  });
  for (const kind of ["line", "note", "fact"]) source.addEventListener(kind, takeRow);
  source.addEventListener("session", takeSession);
  source.addEventListener("end", () => stop("ended"));
  source.addEventListener("gone", () => location.reload());
  source.addEventListener("renew", (event) => {
    source.close();
    source = null;
    url = JSON.parse(event.data).url;
    open();
  });
}

window.addEventListener("pagehide", () => {
  source?.close();
  source = null;
});
window.addEventListener("pageshow", open);
