// Follows a session, or the list of sessions, over server-sent events. What comes from the wire
// is set as text only. A page from the back/forward cache asks again for what it has missed.
const stage = document.querySelector("[data-stream]");
const lobby = document.querySelector("[data-lobby]");
const now = document.getElementById("now");
const SHOWN_LINES = 500;
const LISTED_SESSIONS = 10;
const log = () => document.getElementById("log");

// Opens a stream and keeps it open. `after` gives the number of the last thing seen.
function follow(address, { after, heard, ended, mark }) {
  let url = address;
  let source = null;
  const show = (word) => {
    if (!mark) return;
    mark.textContent = word;
    mark.classList.toggle("live", word === "live");
  };
  const close = () => {
    source?.close();
    source = null;
  };
  const stop = (word) => {
    close();
    url = null;
    show(word);
  };
  const start = () => {
    if (!url || source) return;
    const target = new URL(url, location.href);
    target.searchParams.set("after", String(after()));
    source = new EventSource(target);
    for (const [kind, hear] of Object.entries(heard)) {
      source.addEventListener(kind, (event) => hear(JSON.parse(event.data), event));
    }
    source.addEventListener("end", () => {
      stop("ended");
      ended?.();
    });
    source.addEventListener("renew", (event) => {
      url = JSON.parse(event.data).url;
      close();
      start();
    });
    source.addEventListener("open", () => show("live"));
    source.addEventListener("error", () => {
      show(source?.readyState === EventSource.CLOSED ? "not live: reload the page" : "reconnecting");
    });
  };
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", start);
  return { start, stop };
}

// The lines of one session, in #log. `lost` is called where a line is missing.
function takeRows(lost) {
  let last = 0;
  let spoken = Number(log().dataset.lastSeq);
  // A command is explained where it comes first, a reply each time.
  const titles = document.querySelectorAll("#log .said--client > .note b");
  const explained = new Set([...titles].map((title) => title.textContent));
  const seen = () => Math.max(last, Number(log().dataset.lastSeq));
  const take = (row) => {
    if (row.side === "server" && row.seq > spoken) speak(row.text);
    spoken = Math.max(spoken, row.seq);
    if (row.seq <= seen()) return;
    if (row.seq > seen() + 1) {
      lost();
      return;
    }
    last = row.seq;
    if (row.step) moveRail(row.step);
    if (!row.flags.includes("quiet")) append(lineFor(row, explained));
  };
  return { after: seen, heard: { line: take, note: take, fact: take, gone: lost } };
}

function speak(text) {
  const place = document.getElementById("spoken");
  const line = document.createElement("p");
  line.textContent = text;
  place.append(line);
  if (place.children.length > 20) place.firstElementChild.remove();
}

function append(line) {
  const list = log().querySelector(".transcript");
  const box = log().querySelector(".box") ?? document.documentElement;
  const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 120;
  list.append(line);
  if (list.children.length > SHOWN_LINES) list.firstElementChild.remove();
  if (atEnd) box.scrollTo({ top: box.scrollHeight });
}

function lineFor(row, explained) {
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
  const title = `${row.title}.`;
  const note = item.querySelector(".note");
  if (row.why && !(row.side === "client" && explained.has(title))) fill(note, row);
  else note.remove();
  if (row.side === "client") explained.add(title);
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
    const done = step === "closed" ? item.className !== "" && index !== here : index < here;
    item.className = index === here ? "here" : done ? "done" : "";
    if (index === here) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

// The list of sessions, and above it the newest while it happens.
let newest = 0;
let watched = null;

function takeSession(session, event) {
  if (event.lastEventId) newest = Math.max(newest, Number(event.lastEventId));
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
  const list = lobby.querySelector("ul");
  list.prepend(item);
  if (list.children.length > LISTED_SESSIONS) list.lastElementChild.remove();
  lobby.querySelector("[data-empty]")?.remove();
  watch(session);
}

function watch(session) {
  watched?.stop("");
  log().querySelector(".transcript").replaceChildren();
  for (const item of log().querySelectorAll("[data-step]")) {
    item.className = "";
    item.removeAttribute("aria-current");
  }
  now.querySelector("a").href = session.url;
  now.hidden = false;
  watched = follow(session.stream, takeRows(() => watched.stop("")));
  watched.start();
}

const mark = document.getElementById("live-mark");
if (stage) {
  const ended = () => document.querySelector("[data-until-end]")?.remove();
  follow(stage.dataset.stream, { ...takeRows(() => location.reload()), ended, mark });
} else if (lobby) {
  newest = Number(new URL(lobby.dataset.lobby, location.href).searchParams.get("after"));
  follow(lobby.dataset.lobby, { after: () => newest, heard: { session: takeSession }, mark });
}
