// Gives the page's security-key button its deed in allauth's script, and says so when the
// browser did not use a key: allauth's script would only log it.
const button = document.querySelector("[data-security-key]");
const { securityKey: deed, credential, passwordless } = button.dataset;
const own = button.id;

window.allauth.webauthn.forms[deed]({
  ids: { add: own, authenticate: own, login: own, credential, passwordless, data: "js_data" },
});

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const place = document.getElementById("trouble");
  if (place) place.textContent = "The key was not used. Nothing has changed; try it again, or log in another way.";
});
