// Says so when the browser did not use a security key; allauth's script would only log it.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.getElementById("trouble");
  if (place) place.textContent = "The key was not used. Nothing has changed; try it again, or log in another way.";
});
