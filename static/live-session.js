// Follows a session, or the list of sessions, over server-sent events. What comes from the wire
// is set as text only. A page from the back/forward cache asks again for what it has missed.
const stage = document.querySelector("[data-stream]");
const lobby = document.querySelector("[data-lobby]");
const now = document.getElementById("now");
const SHOWN_LINES = 500;
const NAMES = "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");
const NOTABLE_GAP_US = 1e6;
const LISTED_SESSIONS = 8;
const log = () => document.getElementById("log");

// Opens a stream and keeps it open. `after` gives the number of the last thing seen.
function follow(address, { after, heard, ended, refused, mark }) {
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
      const isRefused = source?.readyState === EventSource.CLOSED;
      show(isRefused ? "not live: reload the page" : "reconnecting");
      if (isRefused) refused?.();
    });
  };
  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", start);
  return { start, stop };
}

// The lines of one session, in #log. `lost` is called where a line is missing.
function takeRows(lost) {
  let last = 0;
  let lastUs = 0;
  let spoken = Number(log().dataset.lastSeq);
  // A command is explained where it comes first, a reply each time.
  const titles = document.querySelectorAll("#log .said--client > .note b");
  const explained = new Set([...titles].map((title) => title.textContent));
  const seen = () => Math.max(last, Number(log().dataset.lastSeq));
  const take = (row) => {
    if (row.side === "server" && row.seq > spoken) speak(row.text);
    if (row.event === "accepted" && row.seq > spoken) tellOutcome();
    spoken = Math.max(spoken, row.seq);
    if (row.seq <= seen()) return;
    if (row.seq > seen() + 1) {
      lost();
      return;
    }
    last = row.seq;
    const gap = row.at_us - Math.max(lastUs, Number(log().dataset.lastUs ?? 0));
    lastUs = row.at_us;
    if (row.step) moveRail(row.step);
    if (row.mark) markRail(...row.mark);
    if (!row.flags.includes("quiet")) append(lineFor(row, explained, gap));
  };
  return { after: seen, heard: { line: take, note: take, fact: take, gone: lost } };
}

// What was delivered and what there is to learn is told by the page: it asks for it again. Lines
// come here before they are stored, hence the delays.
function tellOutcome() {
  for (const delay of [300, 1500]) {
    setTimeout(() => document.body.dispatchEvent(new CustomEvent("outcome")), delay);
  }
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

function lineFor(row, explained, gap) {
  const item = document.getElementById("line-template").content.firstElementChild.cloneNode(true);
  item.id = `line-${row.seq}`;
  item.className = `said said--${row.side}${row.kind ? ` said--${row.kind}` : ""}`;
  setTime(item.querySelector(".at"), row.at_us, gap);
  const who = item.querySelector(".who");
  who.textContent = { client: "C", server: "S" }[row.side] ?? (row.kind === "warn" ? "!" : "—");
  who.title = row.side === "event" ? "" : row.side;
  setWire(item.querySelector(".wire"), row);
  const status = item.querySelector(":scope > .status");
  if (row.status) setStatus(status, row);
  else status.remove();
  const title = `${row.title}.`;
  const note = item.querySelector(".note");
  if (row.why && !(row.side === "client" && explained.has(title))) fill(note, row);
  else note.remove();
  if (row.side === "client") explained.add(title);
  return item;
}

function timeLabel(us) {
  if (us < 1e4) return `${(us / 1e3).toFixed(1)} ms`;
  return us < 1e6 ? `${Math.floor(us / 1e3)} ms` : `${(us / 1e6).toFixed(2)} s`;
}

function setTime(place, atUs, gap) {
  const pause = place.querySelector(".gap");
  const label = timeLabel(atUs);
  place.textContent = atUs > gap && label === timeLabel(atUs - gap) ? "" : label;
  if (gap < NOTABLE_GAP_US) return;
  pause.textContent = `+${(gap / 1e6).toFixed(1)} s`;
  place.append(" ", pause);
}

function span(className, text) {
  const part = document.createElement("span");
  part.className = className;
  part.textContent = text;
  return part;
}

function setWire(wire, row) {
  const code = wire.querySelector(".code");
  const enhanced = wire.querySelector(".enhanced");
  wire.replaceChildren();
  const lines = row.text.split("\n");
  lines.forEach((text, index) => {
    const line = span("w", text);
    const end = index < lines.length - 1 ? "\u240d\u240a" : row.end;
    if (end) line.dataset.end = end;
    if (row.code && index === 0) {
      code.className = `code code--${text[0]}`;
      code.textContent = text.slice(0, 3);
      line.textContent = text.slice(4);
      if (row.status && line.textContent.startsWith(`${row.enhanced} `)) {
        enhanced.textContent = row.enhanced;
        enhanced.setAttribute("popovertarget", `status-${row.seq}`);
        line.textContent = line.textContent.slice(row.enhanced.length);
        line.prepend(enhanced);
      }
      line.prepend(code, text.slice(3, 4));
    }
    nameGlyphs(line);
    wire.append(line);
  });
  if (row.more) wire.append(span("w more", row.more));
  for (const tag of row.tags) wire.append(span("tag", tag));
}

// Not every font has the glyphs of control characters, so their names are shown.
function nameGlyphs(line) {
  const text = line.lastChild;
  if (text?.nodeType !== Node.TEXT_NODE) return;
  const pieces = text.data.split(/([\u2400-\u241f\u2421])/).filter(Boolean).map((piece) => {
    const code = piece.length === 1 ? piece.codePointAt(0) - 0x2400 : -1;
    const name = code === 0x21 ? "DEL" : NAMES[code];
    if (!name) return piece;
    const glyph = span("glyph", piece);
    glyph.dataset.name = name;
    return glyph;
  });
  text.replaceWith(...pieces);
}

function setStatus(status, row) {
  const [meaning, label, url] = row.status;
  status.id = `status-${row.seq}`;
  status.querySelector("b").textContent = row.enhanced;
  status.querySelector("span").textContent = meaning;
  const link = status.querySelector("a");
  link.href = url;
  link.textContent = label;
}

function fill(note, row) {
  const [reference, more] = note.querySelectorAll("a");
  const choice = note.querySelector(".choice");
  const misread = [note.querySelector(".misread"), note.querySelector("[popover]")];
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
  if (row.choice) note.append(choice);
  const told = [...document.querySelectorAll("#log .misread + [popover]")];
  if (row.misreading && !told.some((place) => place.textContent === row.misreading)) {
    const [button, text] = misread;
    text.id = `misread-${row.seq}`;
    text.textContent = row.misreading;
    button.setAttribute("popovertarget", text.id);
    note.append(button, text);
  }
}

// Flags (TLS, login) stand beside the way: they are reached by their own row only.
function moveRail(step) {
  const items = [...document.querySelectorAll("#log [data-step]")];
  const here = items.findIndex((item) => item.dataset.step === step);
  items.forEach((item, index) => {
    const flag = "flag" in item.dataset;
    const kept = item.className !== "" && index !== here;
    const done = flag || step === "closed" ? kept : index < here;
    item.className = index === here ? "here" : done ? "done" : "";
    if (index === here) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function markRail(name, label) {
  const item = document.querySelector(`#log [data-step="${name}"]`);
  item.className = "done";
  item.lastElementChild.textContent = label;
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
  watched = null;
  now.querySelector(".refs a").href = session.url;
  now.hidden = false;
  showNow(session.url);
}

// Takes over what the page of the session shows so far and goes on from there. That page knows who
// asks: a session that was claimed is its owner's.
async function showNow(url, tries = 3) {
  const response = await fetch(url);
  if (!response.ok || now.querySelector(".refs a").pathname !== url) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const part of [".rail", ".transcript"]) {
    log().querySelector(part).replaceWith(page.querySelector(`#log ${part}`));
  }
  Object.assign(log().dataset, page.getElementById("log").dataset);
  const stream = page.querySelector("[data-stream]")?.dataset.stream;
  if (!stream) return;
  const box = log().querySelector(".box");
  box.scrollTo({ top: box.scrollHeight });
  const again = () => {
    mine.stop("");
    if (mine === watched && tries) showNow(url, tries - 1);
  };
  const mine = follow(stream, { ...takeRows(again), refused: again });
  watched = mine;
  mine.start();
}

const mark = document.getElementById("live-mark");
if (stage) {
  const ended = () => {
    document.querySelector("[data-until-end]")?.remove();
    tellOutcome();
  };
  follow(stage.dataset.stream, { ...takeRows(() => location.reload()), ended, mark });
} else if (lobby) {
  newest = Number(new URL(lobby.dataset.lobby, location.href).searchParams.get("after"));
  follow(lobby.dataset.lobby, { after: () => newest, heard: { session: takeSession }, mark });
}
