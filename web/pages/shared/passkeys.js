// Passkeys: a form with `data-passkey` asks the browser to make one ("create") or to show one ("get"), and sends what it
// answers in its field `answer`. What is asked stands in `data-asked`, or is fetched from `data-ask` with the form's fields:
// the options, or { options, attempt } where the answer is to name its attempt. A field with `data-from` first takes what is
// typed into the element of that id.
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const described = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

function readable(asked) {
  const options = { ...asked, challenge: bytes(asked.challenge) };
  if (asked.user) options.user = { ...asked.user, id: bytes(asked.user.id) };
  if (asked.excludeCredentials) options.excludeCredentials = described(asked.excludeCredentials);
  if (asked.allowCredentials) options.allowCredentials = described(asked.allowCredentials);
  return options;
}

function writable(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
}

async function asked(form) {
  if (form.dataset.asked) return JSON.parse(form.dataset.asked);
  for (const field of form.querySelectorAll("[data-from]")) {
    const typed = document.getElementById(field.dataset.from);
    if (typed) field.value = typed.value.trim();
  }
  const answer = await fetch(form.dataset.ask, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  if (!answer.ok) throw new Error(answer.status);
  const said = await answer.json();
  if (said.attempt) form.elements.attempt.value = said.attempt;
  return said.options ?? said;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  // A passkey is for one name: at another address of the same server the browser would refuse it.
  if (!window.PublicKeyCredential || !`.${location.hostname}`.endsWith(`.${form.dataset.host}`)) break;
  form.hidden = false;
  for (const note of document.querySelectorAll("[data-passkey-missing]")) note.hidden = true;
  const failed = form.querySelector("[role=alert]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const publicKey = readable(await asked(form));
      form.elements.answer.value = writable(await navigator.credentials[form.dataset.passkey]({ publicKey }));
      form.submit();
    } catch {
      failed.hidden = false; // they have said no, or the browser knows none: the other ways in are still there
    }
  });
}
