/** One HTTP call with JSON both ways. */

/** The call got no answer: no network, no server, or too late. The outcome at the server is unknown. */
export class Unreachable extends Error {}

/** Calls `method url`; gives `{status, body}`, where `body` is the parsed JSON or null. Throws `Unreachable`. */
export async function call(method, url, { body, headers = {}, timeout = 15_000 } = {}) {
  const init = { method, headers: { ...headers }, credentials: "same-origin", signal: AbortSignal.timeout(timeout) };
  if (body !== undefined) {
    init.headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  try {
    const response = await fetch(url, init);
    const text = await response.text();
    return { status: response.status, body: parsed(text) };
  } catch (error) {
    throw new Unreachable(`${method} ${url}`, { cause: error });
  }
}

/** A proxy between us may answer with a page of HTML: then there is no body for us. */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}
