/** Fills the demo page with the name and the words of the business it is served for. */
import { Unreachable, call } from "/shared/http.js";

function put(selector, text) {
  for (const element of document.querySelectorAll(selector)) element.textContent = text;
}

/** A suggestion opens the chat with its text in the message box. */
function ask(text) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ask";
  button.dataset.frontdeskOpen = text;
  button.textContent = text;
  return button;
}

try {
  const [language] = navigator.language.split("-");
  const { status, body } = await call("GET", `/channels/website/config?language=${language}`);
  if (status === 200) {
    document.title = body.business;
    put("[data-business]", body.business);
    put("[data-greeting]", body.greeting);
    document.querySelector("[data-suggestions]").replaceChildren(...body.suggestions.map(ask));
  }
} catch (error) {
  if (!(error instanceof Unreachable)) throw error;
}
