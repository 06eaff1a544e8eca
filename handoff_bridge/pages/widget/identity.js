/** Who the visitor is, kept in the browser so that a reload and a second tab show the same conversation. */
import { newId } from "/shared/ids.js";

const KEY = "frontdesk.visitor";

/**
 * `{visitor_id, token, seen, outbox}` in `storage`. A browser that forbids storage gets a visitor who lives as long as the page.
 */
export function createIdentity(storage, makeId = newId) {
  const fresh = () => ({ visitor_id: makeId(), token: null, seen: 0, outbox: [] });
  let kept = read() ?? fresh();

  function read() {
    try {
      const found = JSON.parse(storage.getItem(KEY));
      return found?.visitor_id ? { ...fresh(), ...found } : null;
    } catch {
      return null;
    }
  }

  function write(changes) {
    kept = { ...kept, ...changes };
    try {
      storage.setItem(KEY, JSON.stringify(kept));
    } catch {
      /* private browsing or a full store: the page goes on with what it holds */
    }
  }

  return {
    get: () => kept,
    /** Stores changes on top of what another tab may have stored meanwhile. */
    keep(changes) {
      const stored = read();
      if (stored?.visitor_id === kept.visitor_id) kept = { ...stored, token: stored.token ?? kept.token };
      write(changes);
    },
    /** Takes over what another tab stored; says whether it is another visitor or the first token. */
    reload() {
      const stored = read();
      if (!stored) return false;
      const changed = stored.visitor_id !== kept.visitor_id || stored.token !== kept.token;
      kept = stored;
      return changed;
    },
    /** Forgets the visitor and becomes a new one. */
    renew() {
      write(fresh());
    },
  };
}
