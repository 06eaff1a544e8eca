/** Milliseconds to wait before try number `attempt` (from 1): doubling from a second to at most 30 s, the later half random,
 * so that a thousand pages do not come back in the same instant. */
export function backoff(attempt, random = Math.random) {
  const ceiling = Math.min(30_000, 1_000 * 2 ** Math.max(0, attempt - 1));
  return Math.round(ceiling / 2 + (random() * ceiling) / 2);
}
