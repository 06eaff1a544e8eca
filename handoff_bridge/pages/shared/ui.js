/** The view library in one place: Preact with htm templates, its hooks, and a hook that follows a store. */
import { h, render, Fragment } from "/vendor/preact.js";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "/vendor/hooks.js";
import htm from "/vendor/htm.js";

export const html = htm.bind(h);
export { Fragment, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState };

/** The store's state; the component is drawn again whenever it changes. */
export function useStore(store) {
  const [state, setState] = useState(store.get());
  useEffect(() => store.subscribe(setState), [store]);
  return state;
}

/** The present time in milliseconds, renewed every `every` milliseconds: for "3 min ago". */
export function useNow(every) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
