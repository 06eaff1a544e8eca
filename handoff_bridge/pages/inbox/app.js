/** The inbox's page: joins the parts and follows the address. */
import { html, render, useEffect, useState, useStore } from "/shared/ui.js";
import { call } from "/shared/http.js";
import { newId } from "/shared/ids.js";
import { createSleeper } from "/shared/sleep.js";
import { openSocket, socketUrl } from "/shared/socket.js";
import { createStore } from "/shared/store.js";
import { createApi } from "./api.js";
import { createDesk } from "./desk.js";
import { Frame } from "./frame.js";
import { Login } from "./login.js";
import { attention, initial, reduce } from "./model.js";
import { keepOutbox, keepSession, keptOutbox, maySession } from "./kept.js";
import { queueOf, readRoute, writeRoute } from "./rules.js";

const store = createStore(reduce, initial({ outbox: keptOutbox() }));
const desk = createDesk({
  store,
  api: createApi(call),
  openSocket: (options) => openSocket({ url: socketUrl("/inbox/api/socket"), ...options }),
  newId,
  sleeper: createSleeper(),
});

const go = (route) => {
  location.hash = writeRoute(route);
};

function App() {
  const state = useStore(store);
  const [route, setRoute] = useState(readRoute(location.hash));
  useEffect(() => {
    const follow = () => {
      const next = readRoute(location.hash);
      desk.go(next);
      setRoute(next);
    };
    addEventListener("hashchange", follow);
    follow();
    if (maySession()) desk.start();
    else store.dispatch({ type: "loggedOut" });
    return () => removeEventListener("hashchange", follow);
  }, []);
  useMine(state, route);
  useTitle(state);
  if (state.session === "unknown") return html`<main class="blank" aria-busy="true"><p role="status">Loading…</p></main>`;
  if (state.session === "out") return html`<${Login} desk=${desk} />`;
  return html`<${Frame} state=${state} desk=${desk} route=${route} go=${go} />`;
}

/** A conversation that becomes mine while I look at it takes me along to my queue. */
function useMine(state, route) {
  const open = state.conversations[state.openId];
  const isMine = state.me !== null && open !== undefined && queueOf(open, state.me.id) === "mine";
  useEffect(() => {
    if (isMine && !["mine", "tasks", "calendar"].includes(route.queue)) go({ ...route, queue: "mine" });
  }, [isMine, state.openId]);
}

function useTitle(state) {
  const count = state.session === "in" ? attention(state) : 0;
  const name = ["Inbox", state.business?.name].filter(Boolean).join(" · ");
  useEffect(() => {
    document.title = count ? `(${count}) ${name}` : name;
  }, [count, name]);
}

function keepWhatMatters() {
  let before = store.get();
  store.subscribe((state) => {
    if (state.outbox !== before.outbox) keepOutbox(state.outbox);
    if (state.session !== before.session) keepSession(state.session === "in");
    before = state;
  });
}

keepWhatMatters();
addEventListener("online", desk.wake);
document.addEventListener("visibilitychange", () => document.hidden || desk.wake());
render(html`<${App} />`, document.getElementById("app"));
