import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { openSocket, socketUrl } = await import("../shared/socket.js");

/** A line that the test opens, cuts and listens to by hand. */
class FakeSocket {
  static all = [];
  readyState = 0;
  sent = [];
  constructor(url) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(frame) {
    this.sent.push(JSON.parse(frame));
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  cut(code = 1006) {
    this.readyState = 3;
    this.onclose({ code });
  }
  close() {
    this.cut(1000);
  }
}

function opened(context, options = {}) {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  FakeSocket.all = [];
  const states = [];
  const frames = [];
  const line = openSocket({ url: "ws://x/", onFrame: (frame) => frames.push(frame), onState: (state) => states.push(state), Socket: FakeSocket, random: () => 1, ...options });
  return { line, states, frames, last: () => FakeSocket.all.at(-1), tick: (ms) => context.mock.timers.tick(ms) };
}

test("a socket lives on the page's own host, secure where the page is", () => {
  assert.equal(socketUrl("/a", { protocol: "https:", host: "x.example" }), "wss://x.example/a");
  assert.equal(socketUrl("/a", { protocol: "http:", host: "localhost:1" }), "ws://localhost:1/a");
});

test("the first frame is the greeting, told anew at each opening", (t) => {
  let after = 3;
  const { last, tick } = opened(t, { hello: () => ({ type: "hello", after }) });
  last().open();
  assert.deepEqual(last().sent, [{ type: "hello", after: 3 }]);
  after = 9;
  last().cut();
  tick(1_000);
  last().open();
  assert.deepEqual(last().sent, [{ type: "hello", after: 9 }]);
});

test("a line that is cut comes back, ever later while it stays down", (t) => {
  const { last, tick, states } = opened(t);
  last().cut();
  tick(999);
  assert.equal(FakeSocket.all.length, 1);
  tick(1);
  assert.equal(FakeSocket.all.length, 2);
  last().cut();
  tick(1_999);
  assert.equal(FakeSocket.all.length, 2);
  tick(1);
  last().open();
  assert.deepEqual(states, ["connecting", "down", "connecting", "down", "connecting", "live"]);
});

test("a line that held for a while begins again with the short pause", (t) => {
  const { last, tick } = opened(t);
  for (const pause of [1_000, 2_000, 4_000]) {
    last().cut();
    tick(pause);
  }
  last().open();
  tick(20_000);
  last().cut();
  tick(1_000);
  assert.equal(FakeSocket.all.length, 5);
});

test("a server that does not know us is not asked again", (t) => {
  let refused = 0;
  const { last, tick } = opened(t, { onRefused: () => { refused += 1; } });
  last().open();
  last().cut(4401);
  tick(600_000);
  assert.equal(refused, 1);
  assert.equal(FakeSocket.all.length, 1);
});

test("silence for two beats counts as a dead line", (t) => {
  const { last, tick, states } = opened(t, { beat: { frame: { type: "ping" }, every: 10_000, answered: true } });
  last().open();
  tick(10_000);
  last().onmessage({ data: '{"type": "pong"}' });
  tick(20_000);
  assert.equal(states.at(-1), "live");
  tick(10_000);
  assert.equal(states.at(-1), "down");
});

test("waking cuts the pause short", (t) => {
  const { line, last } = opened(t);
  last().cut();
  line.wake();
  assert.equal(FakeSocket.all.length, 2);
  line.wake();
  assert.equal(FakeSocket.all.length, 2);
});

test("a closed line stays closed and says that nothing was sent", (t) => {
  const { line, last, tick } = opened(t);
  last().open();
  assert.equal(line.send({ type: "x" }), true);
  line.close();
  tick(600_000);
  assert.equal(line.send({ type: "x" }), false);
  assert.equal(FakeSocket.all.length, 1);
});
