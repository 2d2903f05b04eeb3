// Saves each change of an exam at once. What cannot be sent waits on this device, responses only,
// and is sent in order later. Questions are kept in memory, so that a lost connection stops nobody.
{
  const root = document.querySelector("[data-attempt]");
  const leaf = document.getElementById("leaf");
  const attempt = root.dataset.attempt;
  const address = `/attempts/${attempt}/`;
  const state = document.getElementById("save-state");
  const announce = document.getElementById("announce");
  const pause = { seconds: 1, timer: 0 };
  const PATIENCE = 20_000; // ms; to send a change once more is harmless
  const leaves = new Map(); // position -> its questions, once the sheet is here
  let [busy, away, writes, over] = [null, false, true, ""];
  let queue = {}; // position -> change
  try {
    queue = JSON.parse(localStorage.getItem(address) || "{}");
  } catch { /* a browser that keeps nothing: the queue lives as long as the page */ }

  const current = () => leaf?.querySelector("form");
  const place = () => Number(current()?.dataset.position);
  const pending = () => Object.keys(queue).length > 0;
  const link = (n) => document.querySelector(`.navigator [data-place="${n}"]`);

  // What another tab has kept for other questions stays.
  function keep(n) {
    try {
      const kept = { ...JSON.parse(localStorage.getItem(address) || "{}"), [n]: queue[n] };
      if (Object.values(kept).some(Boolean)) localStorage.setItem(address, JSON.stringify(kept));
      else localStorage.removeItem(address);
    } catch { /* see above */ }
  }

  // A flag that waits with an answer outlives it.
  function drop(n) {
    const { flag, at } = queue[n];
    if (flag === undefined) delete queue[n];
    else queue[n] = { flag, at };
    keep(n);
  }

  function tell(text, bad = false) {
    if (bad ? state.textContent !== text : "bad" in state.dataset) announce.textContent = text;
    state.textContent = text;
    state.toggleAttribute("data-bad", bad);
  }

  function response(form) {
    const fields = new URLSearchParams(new FormData(form));
    for (const name of ["csrfmiddlewaretoken", "base_seq", "save_id", "opened", "warned"]) fields.delete(name);
    return fields;
  }

  function fill(form, fields) {
    for (const control of form.elements) {
      if (!control.name || ["hidden", "submit"].includes(control.type)) continue;
      const values = fields.getAll(control.name);
      if ("checked" in control && control.type !== "text") control.checked = values.includes(control.value);
      else control.value = values[0] ?? "";
    }
  }

  function mark(form) {
    const entry = link(form.dataset.position);
    if (!entry) return;
    const fields = response(form);
    fields.delete("certainty");
    const given = [...fields.values()].some(Boolean);
    const words = given ? "answered" : "not answered";
    const flagged = form.querySelector(".flag")?.getAttribute("aria-pressed") === "true";
    entry.dataset.state = words;
    entry.toggleAttribute("data-flagged", flagged);
    entry.querySelector(".navigator-state").textContent = `${words}${flagged ? ", flagged" : ""}`;
  }

  // time on a question, on a clock that nobody can set
  let since = performance.now();
  let visible = true;
  function looked() {
    const ms = visible ? performance.now() - since : 0;
    [since, visible] = [performance.now(), !document.hidden];
    return Math.round(ms);
  }
  function look() {
    const form = current();
    if (!form || !writes) return;
    post(form.dataset.look, { looked_ms: looked() }, true).then((reply) => reply.json()).then(sync).catch(() => {});
  }

  function sync(detail) {
    if (detail.server_now) document.dispatchEvent(new CustomEvent("clock", { detail }));
  }

  function post(url, fields, keepalive = false) {
    const body = new URLSearchParams(fields);
    body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
    return fetch(url, { method: "POST", body, keepalive, redirect: "error", signal: AbortSignal.timeout?.(PATIENCE) });
  }

  function change(form) {
    if (!writes) return; // fields that are switched off would say nothing
    const n = form.dataset.position;
    const before = queue[n];
    const fields = response(form).toString();
    if (fields === form.dataset.said) return;
    form.dataset.said = fields;
    queue[n] = {
      fields,
      seq: Number(form.elements.base_seq.value),
      id: Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, "0")).join(""),
      at: before?.at ?? Date.now(),
      mine: [...(before?.mine ?? []), before?.id].filter(Boolean),
      looked: (before?.looked ?? 0) + looked(),
      flag: before?.flag,
    };
    keep(n);
    mark(form);
    flush();
  }

  function setSeq(n, seq) {
    const form = place() === Number(n) ? current() : leaves.get(Number(n))?.querySelector("form");
    if (form) form.elements.base_seq.value = seq;
    if (queue[n]) queue[n].seq = seq;
    return form;
  }

  // One at a time and in order; true when nothing is left.
  function flush() {
    busy ??= send().finally(() => { busy = null; });
    return busy;
  }
  async function send() {
    clearTimeout(pause.timer);
    while (pending() && writes) {
      const [n, sent] = Object.entries(queue).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!away) tell("Saving…");
      let reply;
      try {
        if (sent.flag !== undefined) {
          const { flag } = sent;
          reply = await post(`${address}${n}/flag/`, { flagged: flag });
          if (reply.status >= 500 || reply.status === 429) throw reply;
          if (queue[n].flag === flag) delete queue[n].flag; // beside it an answer may wait by now
          if (!queue[n].id && queue[n].flag === undefined) delete queue[n];
          keep(n);
          if (!reply.ok) tell("The flag was not saved. Reload the page.", true);
          else if (!queue[n]) saved(new Date());
          continue;
        }
        const fields = new URLSearchParams(sent.fields);
        fields.append("base_seq", sent.seq);
        fields.append("save_id", sent.id);
        fields.append("looked_ms", sent.looked);
        reply = await post(`${address}${n}/answer/`, fields);
        if (reply.status >= 500 || reply.status === 429) throw reply;
      } catch {
        return wait();
      }
      const answer = await reply.json().catch(() => ({}));
      if (!settle(n, sent, reply.status, answer)) return false;
    }
    if (over && !pending()) location.assign(over);
    return !pending();
  }

  function saved(at) {
    tell(`Saved ${at.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" })}`);
  }

  function wait() {
    away = true;
    tell("Offline: kept on this device", true);
    pause.timer = setTimeout(flush, (pause.seconds + Math.random()) * 1000);
    pause.seconds = Math.min(30, pause.seconds * 2);
    return false;
  }

  // Whether to go on with the next change.
  function settle(n, sent, status, answer) {
    [away, pause.seconds] = [false, 1];
    sync(answer);
    if (status === 403 || status === 404) {
      return tell(answer.message ?? "Reload the page or log in again. Your answers are kept on this device.", true);
    }
    if (status === 409 && [sent.id, ...sent.mine].includes(answer.save_id?.replaceAll("-", ""))) {
      setSeq(n, answer.seq); // its acknowledgement was lost: say the newer change on top
      return true;
    }
    // A change made meanwhile goes on, but not over an answer that its maker has not seen.
    if (queue[n].id === sent.id || status === 409) drop(n);
    if (status === 200) {
      setSeq(n, answer.seq);
      if (queue[n]?.id) queue[n].looked = Math.max(0, queue[n].looked - sent.looked);
      saved(new Date(answer.saved_at));
      return true;
    }
    tell(answer.message ?? "Not saved. Reload the page.", true);
    if (status === 409) {
      const form = setSeq(n, answer.seq);
      if (form) {
        fill(form, new URLSearchParams([...answer.fields, ["certainty", answer.certainty]]));
        delete form.dataset.said;
      }
    }
    if (status === 410) over = answer.url ?? address;
    return true;
  }

  // going to another question without loading a page
  function show(n, push = true) {
    const next = leaves.get(n);
    if (!next || n === place()) return Boolean(next);
    look();
    leaves.set(place(), leaf.firstElementChild);
    leaf.replaceChildren(next);
    document.querySelector(".navigator [aria-current]")?.removeAttribute("aria-current");
    link(n)?.setAttribute("aria-current", "true");
    mark(current());
    const spot = document.getElementById("place");
    spot.textContent = spot.textContent.replace(/\d+/, n);
    document.title = document.title.replace(/^(?:Error: )?(.*?)\d+/, `$1${n}`);
    if (push) history.pushState(n, "", `${address}${n}/`);
    document.dispatchEvent(new CustomEvent("question"));
    leaf.querySelector("h1").focus();
    return true;
  }

  function counts(form) {
    const wanted = Number(form.dataset.choose);
    const given = form.querySelectorAll("[name=choice]:checked").length;
    if (!form.querySelector("[name=choice]") || given === wanted) return true;
    const exact = root.dataset.count === "exact";
    if (exact ? !given : form.dataset.warned) return true;
    form.dataset.warned = "yes";
    if (!exact) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "warned", value: "on" }));
    tell(`Choose ${wanted}; you chose ${given}.${exact ? "" : " Press Next again to go on."}`, true);
    return false;
  }

  async function submitted(event) {
    const form = event.target;
    const button = event.submitter;
    const go = button?.value ?? "next";
    if (form.dataset.exam === undefined && form.dataset.flush === undefined) return;
    if (go === "flag") {
      event.preventDefault();
      return flag(form, button);
    }
    if (go === "next" && form.dataset.exam !== undefined && !counts(form)) return event.preventDefault();
    const to = { next: form.dataset.next, previous: form.dataset.previous }[go];
    if (root.dataset.navigation !== "forward" && to && show(Number(to))) return event.preventDefault();
    if (!pending() && navigator.onLine) return;
    event.preventDefault();
    if (navigator.onLine && (await flush())) form.requestSubmit(button);
    else tell("Offline: this page opens when your answers are saved", true);
  }

  function flag(form, button) {
    const n = form.dataset.position;
    const on = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", on);
    button.querySelector(".flag-word").textContent = on ? "Flagged" : "Flag";
    announce.textContent = on ? "Flagged" : "Not flagged";
    queue[n] = { at: Date.now(), ...queue[n], flag: Number(on) };
    keep(n);
    mark(form);
    flush();
  }

  // one tab writes, another one reads
  function own(steal) {
    if (!navigator.locks) return;
    const options = steal ? { steal } : { ifAvailable: true };
    navigator.locks.request(address, options, (lock) => {
      if (!lock) return readOnly();
      if (steal) location.reload();
      return new Promise(() => {});
    }).catch(readOnly);
  }
  function readOnly() {
    writes = false;
    leaves.clear(); // other questions come as pages of their own, read-only too
    for (const field of leaf.querySelectorAll("fieldset, button")) field.disabled = true;
    const notice = document.getElementById("elsewhere");
    notice.hidden = false;
    notice.querySelector("button").onclick = () => own(true);
  }

  document.addEventListener("submit", submitted);
  window.addEventListener("online", flush);
  window.addEventListener("beforeunload", (event) => pending() && event.preventDefault());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (current()) {
    const typing = { timer: 0 };
    leaf.addEventListener("change", (event) => change(event.target.form));
    leaf.addEventListener("input", (event) => {
      if (event.target.type !== "text") return;
      clearTimeout(typing.timer);
      typing.timer = setTimeout(change, 600, event.target.form);
    });
    document.querySelector(".navigator")?.addEventListener("click", (event) => {
      const to = event.target.closest("[data-place]");
      if (to && show(Number(to.dataset.place))) event.preventDefault();
    });
    window.addEventListener("popstate", () => show(Number(location.pathname.split("/").at(-2)), false) || location.reload());
    document.addEventListener("visibilitychange", look);
    own(false);
    for (const [n, kept] of Object.entries(queue)) {
      if (Number(n) === place() && kept.fields) fill(current(), new URLSearchParams(kept.fields));
    }
    // Once what waits is sent: the sheet then holds it, with the numbers to go on from.
    if (root.dataset.navigation !== "forward") {
      flush().then(() => fetch(root.dataset.sheet, { redirect: "error" })).then((reply) => reply.text()).then((html) => {
        for (const template of new DOMParser().parseFromString(html, "text/html").querySelectorAll("template[data-leaf]")) {
          const n = Number(template.dataset.leaf);
          const content = document.importNode(template.content, true).firstElementChild;
          if (queue[n]?.fields) fill(content, new URLSearchParams(queue[n].fields));
          if (n !== place() && writes) leaves.set(n, content);
        }
      }).catch(() => {});
    }
  }
  flush();
}
