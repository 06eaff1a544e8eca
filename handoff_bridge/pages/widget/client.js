/** The widget's talk with the bridge: who we are there, the live line, history by REST where there is none. */
import { backoff } from "/shared/backoff.js";
import { Unreachable } from "/shared/http.js";
import { createSender, isStranger } from "./sender.js";

const PATH = "/channels/website";
const PAGE = 200;
const PING_MS = 20_000;
const TYPING_MS = 8_000;
const POLL_MS = 5_000;
const ASSISTANT_SPEAKS = new Set(["with_assistant", "waiting", "resolved"]);

/**
 * `call(method, url, options)` is the HTTP of `shared/http.js`, `openSocket(options)` the socket of `shared/socket.js`,
 * `alone(work)` runs `work` while no other tab of the visitor does.
 */
export function createClient({ store, identity, call, openSocket, newId, language, sleeper, alone = (work) => work() }) {
  const { dispatch } = store;
  let socket = null;
  let isLive = false;
  let poll = null;
  let typingEnds = null;

  const sender = createSender({ store, sleeper, post, onAccepted: awaitAssistant, onStranger, socket: () => (isLive ? socket : null) });
  const bearer = ({ token }) => (token ? { Authorization: `Bearer ${token}` } : {});

  function start() {
    meet();
    sender.pump();
    return configure();
  }

  /** The greeting is worth waiting for: tried until it comes. */
  async function configure() {
    for (let attempt = 1; store.get().config === null; attempt += 1) {
      const answer = await unlessUnreachable(call("GET", `${PATH}/config?language=${encodeURIComponent(language)}`));
      if (answer?.status === 200) dispatch({ type: "config", config: answer.body });
      else await sleeper.sleep(backoff(attempt));
    }
  }

  /** With a token there is a conversation to join; without one there is nothing to wait for. */
  function meet() {
    leave();
    if (!identity.get().token) {
      dispatch({ type: "loaded" });
      return;
    }
    const visitor = identity.get();
    socket = openSocket({
      path: `${PATH}/socket?visitor_id=${visitor.visitor_id}`,
      hello: () => ({ type: "hello", token: visitor.token, after: store.get().upTo }),
      beat: { frame: { type: "ping" }, every: PING_MS, answered: true },
      onFrame: hear,
      onState: lineIs,
      onRefused: () => onStranger(visitor),
    });
    poll = setInterval(() => isLive || catchUp(), POLL_MS);
    catchUp();
  }

  function leave() {
    socket?.close();
    socket = null;
    isLive = false;
    clearInterval(poll);
  }

  /** After each change of the line the truth is asked for: what came meanwhile, and whether the server answers at all. */
  function lineIs(line) {
    const wasLive = isLive;
    isLive = line === "live";
    if (isLive) dispatch({ type: "line", line: "live" });
    if (isLive) sleeper.wake();
    else sender.lineLost();
    if (isLive !== wasLive) catchUp();
  }

  /** Asks for everything after the last message we hold, page by page. */
  async function catchUp() {
    const visitor = identity.get();
    let after = store.get().upTo;
    for (let more = true; more; ) {
      const url = `${PATH}/messages?visitor_id=${visitor.visitor_id}&after=${after}`;
      const answer = await unlessUnreachable(call("GET", url, { headers: bearer(visitor) }));
      if (identity.get().visitor_id !== visitor.visitor_id) return;
      if (!answer) return void dispatch({ type: "line", line: "offline" });
      if (isStranger(answer)) return void onStranger(visitor);
      if (answer.status !== 200) return;
      const { messages, status } = answer.body;
      dispatch({ type: "messages", messages });
      dispatch({ type: "status", status });
      after = messages.at(-1)?.id ?? after;
      more = messages.length === PAGE;
    }
    dispatch({ type: "loaded" });
    dispatch({ type: "line", line: isLive ? "live" : "polling" });
  }

  function hear(frame) {
    if (frame.type === "message") dispatch({ type: "messages", messages: [frame.message] });
    else if (frame.type === "status") dispatch({ type: "status", status: frame.status });
    else if (frame.type === "read") dispatch({ type: "read", author: frame.author, up_to: frame.up_to });
    else if (frame.type === "typing") typingIs(frame);
    else if (frame.type === "accepted" || frame.type === "error") sender.answered(frame);
  }

  /** Somebody who stops without saying so is taken to have stopped. */
  function typingIs({ author, name, on }) {
    if (author === "customer") return;
    clearTimeout(typingEnds);
    dispatch({ type: "typing", author, name, on });
    if (on) typingEnds = setTimeout(() => dispatch({ type: "typing", on: false }), TYPING_MS);
  }

  /** The assistant sends no sign while it thinks: until its answer, or for a while, it is taken to be at it. */
  function awaitAssistant(message_id) {
    const { messages, status } = store.get();
    const isLast = messages.at(-1)?.message_id === message_id;
    const isAtWork = !status || (ASSISTANT_SPEAKS.has(status.state) && status.assistant === "ok");
    if (isLast && isAtWork) typingIs({ author: "assistant", name: null, on: true });
  }

  /** The first contact gives the token, and two tabs must not both be first. */
  async function post(entry) {
    if (identity.get().token) return postAs(identity.get(), entry);
    return alone(() => {
      identity.reload();
      return postAs(identity.get(), entry);
    });
  }

  async function postAs(visitor, { message_id, text, button }) {
    const spoken = store.get().config?.language ?? language;
    const body = { visitor_id: visitor.visitor_id, message_id, text, language: spoken, ...(button && { button }) };
    const { status, body: answer } = await call("POST", `${PATH}/messages`, { body, headers: bearer(visitor) });
    if (answer?.visitor_token) identity.keep({ token: answer.visitor_token });
    if (status === 202 && !socket) meet();
    return { status, id: answer?.message?.id, message: answer?.message, visitor };
  }

  /** The server does not know `visitor`: go on as the one another tab has become meanwhile, or as a new one. */
  function onStranger(visitor) {
    identity.reload();
    const { visitor_id, token } = identity.get();
    if (visitor_id === visitor.visitor_id && token === visitor.token) identity.renew();
    goOn(visitor);
  }

  /** Another visitor has another conversation; the same one with a token has only become able to join. */
  function goOn(before) {
    if (identity.get().visitor_id !== before.visitor_id) dispatch({ type: "afresh", ids: store.get().outbox.map(() => newId()) });
    meet();
    sender.pump();
  }

  return {
    start,
    say(text, button) {
      dispatch({ type: "queued", entry: { message_id: newId(), text, created_at: new Date().toISOString(), ...(button && { button }) } });
      sender.pump();
    },
    retry(message_id) {
      dispatch({ type: "retried", message_id });
      sender.pump();
    },
    typing: (on) => void (isLive && socket.send({ type: "typing", on })),
    read: (up_to) => void (isLive && socket.send({ type: "read", up_to })),
    /** Another tab has changed who the visitor is, or has got the token. */
    adopt() {
      const before = identity.get();
      if (identity.reload()) goOn(before);
    },
    /** The network is back, or the page is looked at again: whether the line held meanwhile is not known. */
    wake() {
      socket?.wake();
      sleeper.wake();
      if (socket) catchUp();
    },
  };
}

async function unlessUnreachable(promise) {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Unreachable) return null;
    throw error;
  }
}
