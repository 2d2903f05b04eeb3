// Shows the time left by the server's clock, counted on one that nobody can set. In words, each
// minute; below five minutes each second. Spoken at half time, 10, 5 and 1 minute, once.
{
  const clock = document.querySelector("[data-clock]");
  const left = document.getElementById("time-left");
  const button = document.getElementById("time-switch");
  const announce = document.getElementById("announce");
  const SECOND = 1000, MINUTE = 60 * SECOND, FIVE = 5 * MINUTE;

  if (clock) {
    const spoken = `spoken:${clock.dataset.clock}`;
    const started = Date.parse(clock.dataset.started);
    let now = Date.parse(clock.dataset.now);
    let deadline = Date.parse(clock.dataset.deadline);
    let read = performance.now();
    let [tick, late] = [0, false];
    const remaining = () => deadline - now - (performance.now() - read);
    const hiddenHere = () => Boolean(document.querySelector("[data-hides-clock]"));
    const hidden = () => (hiddenHere() || sessionStorage.getItem("time")?.startsWith("hidden")) && !late;

    function words(ms) {
      if (ms <= 0) return "Time is up";
      if (ms > FIVE) return `${Math.ceil(ms / MINUTE)} min left`;
      const seconds = Math.ceil(ms / SECOND);
      return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }

    // For the ear: "4:59" could be read out as a time of day.
    function spelled(ms) {
      const seconds = Math.ceil(ms / SECOND);
      const parts = ms > FIVE ? [[Math.ceil(ms / MINUTE), "minute"]] : [[Math.floor(seconds / 60), "minute"], [seconds % 60, "second"]];
      const told = parts.filter(([n]) => n > 0).map(([n, word]) => `${n} ${word}${n === 1 ? "" : "s"}`);
      return told.length ? `${told.join(" ")} left` : "Time is up";
    }

    function milestone(ms) {
      const whole = deadline - started;
      const said = sessionStorage.getItem(spoken) ?? Infinity;
      const due = [whole / 2, 10 * MINUTE, FIVE, MINUTE].filter((at) => at < whole && ms <= at && at < said);
      if (!due.length) return;
      const at = Math.min(...due);
      sessionStorage.setItem(spoken, at);
      if (ms > at - MINUTE) announce.textContent = spelled(at);
    }

    function show() {
      clearTimeout(tick);
      const ms = remaining();
      if (ms <= FIVE && !late && sessionStorage.getItem("time") !== "hidden again") late = ms > 0;
      left.textContent = hidden() ? "Time hidden" : words(ms);
      button.textContent = hidden() ? "Show time" : "Hide time";
      button.hidden = hiddenHere() && hidden();
      milestone(ms);
      if (ms <= -10 * SECOND) return location.assign(`/attempts/${clock.dataset.clock}/`);
      const step = ms <= FIVE ? SECOND : MINUTE;
      tick = setTimeout(show, Math.max(50, ms > 0 ? ms % step || step : SECOND));
    }

    button.addEventListener("click", () => {
      const hide = !hidden();
      sessionStorage.setItem("time", hide ? (late ? "hidden again" : "hidden") : "shown");
      if (hide) late = false;
      show();
    });
    document.addEventListener("clock", ({ detail }) => {
      [now, read] = [Date.parse(detail.server_now), performance.now()];
      deadline = Date.parse(detail.deadline_at);
      if (Number.isNaN(deadline)) clock.hidden = true;
      else show();
    });
    for (const name of ["focus", "pageshow"]) window.addEventListener(name, show);
    for (const name of ["visibilitychange", "question"]) document.addEventListener(name, show);
    const say = () => { announce.textContent = spelled(remaining()); };
    document.addEventListener("tell-time", say);
    const teller = document.getElementById("time-teller");
    teller.hidden = false;
    teller.addEventListener("click", say);
    show();
  }
}
