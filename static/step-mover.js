// Steps of an ordering question move by buttons, too: the places follow the order on the page.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".move");
  const row = button?.closest("li");
  if (!row) return;
  if (button.value === "up") row.previousElementSibling?.before(row);
  else row.nextElementSibling?.after(row);
  const rows = [...row.parentElement.children];
  for (const [place, each] of rows.entries()) each.querySelector("select").value = place + 1;
  row.querySelector("select").dispatchEvent(new Event("change", { bubbles: true }));
  button.focus();
  const told = document.getElementById("announce");
  if (told) told.textContent = `${rows.indexOf(row) + 1}: ${row.querySelector(".step-text").textContent}`;
});
