// Passkeys: forms marked data-passkey are signed, or make a passkey, before they are sent. Pausing and taking back never are.
"use strict";

const words = document.getElementById("passkey-words")?.dataset;
const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)));
const known = (list) => list.map((one) => ({ ...one, id: bytes(one.id) }));

// Say something under the form's button; a problem is spoken at once, anything else politely.
function say(form, sentence, problem) {
  let place = form.querySelector(".said");
  if (!place) {
    place = document.createElement("p");
    form.append(place);
  }
  place.className = problem ? "said problem" : "said quiet";
  place.setAttribute("role", problem ? "alert" : "status");
  place.textContent = sentence;
}

function put(form, name, value) {
  let field = form.elements.namedItem(name);
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = name;
    form.append(field);
  }
  field.value = typeof value === "string" ? value : JSON.stringify(value);
}

// What the server says is to be signed, for the form as it is filled in. Its sentence when it refuses.
async function prepare(form) {
  const answer = await fetch(form.dataset.prepare, { method: "POST", body: new URLSearchParams(new FormData(form)) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.detail);
  return body;
}

async function sign(options) {
  const asked = { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) };
  const { id, response } = await navigator.credentials.get({ publicKey: asked });
  return {
    credential: id, signature: text(response.signature),
    authenticator_data: text(response.authenticatorData), client_data: text(response.clientDataJSON),
  };
}

async function create(options) {
  const user = { ...options.user, id: bytes(options.user.id) };
  const asked = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: known(options.excludeCredentials) };
  const { response } = await navigator.credentials.create({ publicKey: asked });
  return { client_data: text(response.clientDataJSON), attestation: text(response.attestationObject) };
}

async function signed(form) {
  const asked = await prepare(form);
  put(form, "document", asked.document);
  if (asked.sign) put(form, "proof", await sign(asked.sign)); // without a passkey the next page shows how a key file signs
}

async function made(form) {
  const asked = await prepare(form);
  const registration = await create(asked.create);
  put(form, "opening", asked.opening);
  put(form, "registration", registration);
  if (asked.proof_needed) await signed(form);
}

function sentence(reason) {
  if (reason.name === "InvalidStateError") return words.same;
  if (reason.name === "NotAllowedError" || reason.name === "AbortError") return words.stopped;
  if (reason.name === "SecurityError" || reason.name === "NotSupportedError") return words.unable;
  return reason.name === "Error" ? reason.message : words.lost;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!window.PublicKeyCredential) return say(form, words.unable, true);
    const button = form.querySelector("button");
    button.disabled = true;
    say(form, words.waiting, false);
    try {
      await (form.dataset.passkey === "create" ? made(form) : signed(form));
      return form.submit();
    } catch (reason) {
      for (const name of ["document", "proof", "opening", "registration"]) form.elements.namedItem(name)?.remove();
      button.disabled = false;
      button.focus();
      return say(form, sentence(reason), true);
    }
  });
}
