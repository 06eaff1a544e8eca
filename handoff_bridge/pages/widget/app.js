/** The widget's page: joins the parts, and talks with the page that embeds it. */
import { html, render } from "/shared/ui.js";
import { call } from "/shared/http.js";
import { newId } from "/shared/ids.js";
import { createSleeper } from "/shared/sleep.js";
import { openSocket, socketUrl } from "/shared/socket.js";
import { createStore } from "/shared/store.js";
import { createClient } from "./client.js";
import { createIdentity } from "./identity.js";
import { initial, reduce, unread } from "./model.js";
import { Widget } from "./views.js";
import { directionOf, wordsFor } from "./words.js";

const isEmbedded = window.parent !== window;
const [language] = (new URLSearchParams(location.search).get("language") || navigator.language).split("-");
const identity = createIdentity(storage());
const store = createStore(reduce, initial(identity.get()));
const client = createClient({
  store,
  identity,
  call,
  newId,
  language,
  sleeper: createSleeper(),
  openSocket: ({ path, ...options }) => openSocket({ url: socketUrl(path), ...options }),
  alone: (work) => (navigator.locks ? navigator.locks.request("frontdesk.first-contact", work) : work()),
});

/** Where the browser forbids storage even its mention throws. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

const host = isEmbedded ? (message) => window.parent.postMessage(message, "*") : () => {};
let stage = { open: !isEmbedded, modal: false, prefill: null, opened: 0 };

function draw() {
  const spoken = store.get().config?.language ?? language;
  const words = wordsFor(spoken);
  document.documentElement.lang = spoken;
  document.documentElement.dir = directionOf(spoken);
  document.title = store.get().config?.business ?? words.chat;
  render(html`<${Widget} store=${store} client=${client} words=${words} stage=${stage} onClose=${isEmbedded ? close : null} />`, document.getElementById("app"));
}

function close() {
  host({ frontdesk: "close" });
}

/** The embedding page may say only these two things; neither carries a secret. */
function onHostMessage({ source, data }) {
  if (source !== window.parent || !isEmbedded) return;
  if (data?.frontdesk === "open") stage = { open: true, modal: data.modal === true, prefill: data.text || null, opened: stage.opened + 1 };
  else if (data?.frontdesk === "close") stage = { ...stage, open: false, prefill: null };
  else return;
  draw();
}

function keepWhatMatters() {
  let before = store.get();
  store.subscribe((state) => {
    if (state.outbox !== before.outbox || state.seen !== before.seen) identity.keep({ outbox: state.outbox, seen: state.seen });
    if (state.config !== before.config) draw();
    if (unread(state) !== unread(before)) host({ frontdesk: "unread", count: unread(state) });
    before = state;
  });
}

addEventListener("message", onHostMessage);
addEventListener("online", client.wake);
addEventListener("offline", () => store.dispatch({ type: "line", line: "offline" }));
addEventListener("storage", () => {
  client.adopt();
  store.dispatch({ type: "seen", id: identity.get().seen });
});
document.addEventListener("visibilitychange", () => document.hidden || client.wake());

keepWhatMatters();
draw();
client.start();
host({ frontdesk: "ready" });
