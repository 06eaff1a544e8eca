import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { backoff } = await import("../shared/backoff.js");

test("pauses double from a second and stop growing at thirty", () => {
  const longest = (attempt) => backoff(attempt, () => 1);
  assert.deepEqual([1, 2, 3, 4, 5, 6, 50].map(longest), [1000, 2000, 4000, 8000, 16000, 30000, 30000]);
});

test("chance moves a pause within its later half only", () => {
  assert.equal(backoff(3, () => 0), 2000);
  assert.equal(backoff(3, () => 0.5), 3000);
});
