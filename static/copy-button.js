// Shows the copy buttons where the clipboard can be reached, and says when it is done.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
      document.getElementById("announce").textContent = "Copied";
    } catch {
      button.textContent = "Not allowed here: select the text";
    }
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}
