/** What an agent does, and what the bridge tells: each changes the store and nothing else. */
import { backoff } from "/shared/backoff.js";
import { Unreachable } from "/shared/http.js";
import { createBooking } from "./booking_desk.js";
import { createDuties } from "./duties.js";
import { createPost } from "./post.js";
import { customerName } from "./rules.js";
import { createTimetable } from "./timetable_desk.js";

const PAGE = 50;
const HEARTBEAT_MS = 30_000;
const TYPING_MS = 8_000;
const REFRESH_MS = 500;

/** `api` as in `api.js`, `openSocket(options)` as in `shared/socket.js`. */
export function createDesk({ store, api, openSocket, newId, sleeper }) {
  const { dispatch, get } = store;
  const typingEnds = new Map();
  let socket = null;
  let isLive = false;
  let refresh = null;
  let notices = 0;

  const tell = (text, tone = "info") => dispatch({ type: "notice", notice: { key: (notices += 1), tone, text } });

  /** Calls the API; gives null, after telling the agent, when there is no answer or the session is over. */
  async function ask(promise, isQuiet = false) {
    try {
      const answer = await promise;
      if (answer.status === 401) return void signedOut();
      return answer;
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      if (!isQuiet) tell("The server does not answer. Please try again in a moment.", "bad");
      return null;
    }
  }

  const post = createPost({ store, api, ask, newId });
  const duties = createDuties({ store, api, ask, tell, conversationsAre });
  const booking = createBooking({ api, ask, tell, newId, reopen: () => open(get().openId, true) });
  const timetable = createTimetable({ store, api, ask });

  /** Finds out who we are; tried until the server answers. */
  async function start() {
    for (let attempt = 1; get().session !== "out"; attempt += 1) {
      const answer = await ask(api.me(), true);
      if (answer?.status === 200) return signedIn(answer.body);
      if (get().session !== "out") await sleeper.sleep(backoff(attempt));
    }
    return undefined;
  }

  async function login(email, password) {
    try {
      const { status, body } = await api.login(email, password);
      if (status === 200) {
        dispatch({ type: "knocked" });
        await start();
      }
      return { status, message: body?.error?.message };
    } catch (error) {
      if (error instanceof Unreachable) return { status: null };
      throw error;
    }
  }

  function signedIn(me) {
    dispatch({ type: "loggedIn", me });
    socket?.close();
    socket = openSocket({ beat: { frame: { type: "heartbeat" }, every: HEARTBEAT_MS }, onFrame: hear, onState: lineIs, onRefused: start });
    load(get().queue);
    if (get().openId) open(get().openId);
    askDuties();
  }

  function askDuties() {
    duties.loadOffers();
    duties.loadTasks();
  }

  function signedOut() {
    socket?.close();
    socket = null;
    dispatch({ type: "loggedOut" });
  }

  async function logout() {
    await ask(api.logout());
    signedOut();
  }

  /** A line that came back may have missed anything: who is there, the list and the open conversation are asked for again. */
  function lineIs(line) {
    const cameBack = line === "live" && get().line === "down";
    if (line !== "connecting" || get().line !== "down") dispatch({ type: "line", line });
    isLive = line === "live";
    if (isLive) {
      socket.send({ type: "heartbeat" });
      watch(get().openId);
    }
    if (cameBack) catchUp();
    if (line === "down") ask(api.me(), true); // a socket does not say why it fails: the session may be over
  }

  /** Of the conversations that others hold, we are told every word only of the one that is open. */
  function watch(conversation_id) {
    socket?.send({ type: "watch", conversation_id });
  }

  async function catchUp() {
    const { queue, openId } = get();
    const answer = await ask(api.me(), true);
    if (answer?.status === 200) dispatch({ type: "loggedIn", me: answer.body });
    askDuties();
    await load(queue);
    if (openId) await open(openId);
  }

  function hear(frame) {
    if (frame.type === "conversations") {
      conversationsAre(frame.conversations);
      if (frame.counts) dispatch({ type: "counts", counts: frame.counts });
    } else if (frame.type === "message") messageIs(frame);
    else if (frame.type === "typing") typingIs(frame);
    else if (frame.type === "agents") dispatch({ type: "agents", agents: frame.agents });
    else if (frame.type === "offers") duties.loadOffers();
    else if (frame.type === "tasks") duties.loadTasks();
    else if (frame.type === "task_due") taskIsDue(frame.task);
    else if (frame.type === "escalation") escalated(frame);
  }

  function conversationsAre(conversations) {
    const { openId, conversations: before } = get();
    dispatch({ type: "conversations", conversations });
    const open = conversations.find(({ id }) => id === openId);
    if (open && (before[openId]?.epoch !== open.epoch || get().details[openId]?.isBehind)) refreshSoon();
  }

  function taskIsDue(task) {
    const what = task.kind === "callback" ? `Call ${task.customer?.name ?? "the customer"} back at ${task.phone}` : "A message waits for an answer";
    tell(`${what} soon: see Tasks.`);
    duties.loadTasks();
  }

  function escalated({ conversation_id: id }) {
    const conversation = get().conversations[id];
    tell(`${conversation ? customerName(conversation) : "A customer"} has waited too long and needs somebody now.`, "bad");
  }

  /** Only conversations looked at keep their messages; the others show their last one through the summary. */
  function messageIs({ conversation_id: id, message }) {
    if (!get().details[id]) return;
    dispatch({ type: "messages", id, messages: [message] });
    if (id === get().openId) refreshSoon();
  }

  /** Facts and appointments change with what is said: asked for once the talk pauses. */
  function refreshSoon() {
    clearTimeout(refresh);
    refresh = setTimeout(() => get().openId && open(get().openId, true), REFRESH_MS);
  }

  function typingIs({ conversation_id: id, author, name, on }) {
    clearTimeout(typingEnds.get(id));
    dispatch({ type: "typing", id, typing: on ? { author, name } : null });
    if (on) typingEnds.set(id, setTimeout(() => dispatch({ type: "typing", id, typing: null }), TYPING_MS));
  }

  async function load(queue, before) {
    if (queue === "tasks") return duties.loadTasks();
    if (queue === "calendar") return timetable.loadCalendar();
    dispatch({ type: "listing", queue });
    const answer = await ask(api.conversations(queue, before), true);
    if (answer?.status !== 200) return void (get().session === "in" && dispatch({ type: "listFailed", queue }));
    const { conversations, counts } = answer.body;
    return void dispatch({ type: "listed", queue, conversations, counts, more: conversations.length === PAGE, isFirst: !before });
  }

  async function open(id, isQuiet = false) {
    if (!isQuiet) dispatch({ type: "opening", id });
    const answer = await ask(api.conversation(id), true);
    if (get().session !== "in") return;
    if (answer?.status === 200) dispatch({ type: "opened", id, answer: answer.body });
    else if (!isQuiet) dispatch({ type: "openFailed", id });
  }

  async function older(id) {
    const { messages, hasMore, isLoadingOlder } = get().details[id];
    if (!hasMore || isLoadingOlder || !messages.length) return;
    dispatch({ type: "loadingOlder", id, on: true });
    const answer = await ask(api.messagesBefore(id, messages[0].id));
    if (answer?.status === 200) dispatch({ type: "older", id, messages: answer.body.messages, hasMore: answer.body.has_more });
    else if (get().session === "in") dispatch({ type: "loadingOlder", id, on: false });
  }

  /** Makes a move; when somebody was faster the agent is told who, and sees the conversation as it now is. */
  async function move(id, name, extra = {}) {
    const { epoch } = get().conversations[id];
    const answer = await ask(api.move(id, { move: name, epoch, ...extra }));
    if (!answer) return false;
    if (answer.body?.conversation) conversationsAre([answer.body.conversation]);
    if (answer.status === 200) return true;
    tell(answer.body?.error?.message ?? "That did not work. Please try again.", "bad");
    return false;
  }

  async function availability(value) {
    const answer = await ask(api.availability(value));
    if (answer?.status === 200) dispatch({ type: "me", agent: answer.body.agent });
    else if (answer) tell("Your availability could not be changed.", "bad");
  }

  /** The agent has seen the conversation up to a message. */
  function read(id, up_to) {
    dispatch({ type: "read", id });
    ask(api.read(id, up_to), true);
  }

  return {
    start,
    login,
    logout,
    load,
    older,
    move,
    availability,
    read,
    ...post,
    ...duties,
    ...timetable,
    ...booking,
    explain: (on) => dispatch({ type: "explains", on }),
    typing: (id, on) => void ask(api.typing(id, on), true),
    dismiss: () => dispatch({ type: "notice", notice: null }),
    arrivalSeen: (id) => dispatch({ type: "arrivalSeen", id }),
    wake() {
      socket?.wake();
      sleeper.wake();
    },
    reopen: () => open(get().openId),
    /** Shows a queue and, in it, a conversation. */
    go({ queue, openId }) {
      const before = get();
      dispatch({ type: "went", queue, openId });
      if (get().session !== "in") return;
      if (queue !== before.queue || before.lists[queue]?.status === "failed") load(queue);
      if (openId !== before.openId) watch(openId);
      if (openId && openId !== before.openId) open(openId);
    },
  };
}
