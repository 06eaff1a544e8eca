/** Pauses that can be cut short: `sleep(ms)` ends after `ms` milliseconds or at the next `wake()`. */
export function createSleeper() {
  const sleeping = new Set();
  return {
    sleep(ms) {
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          sleeping.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        sleeping.add(end);
      });
    },
    wake() {
      for (const end of [...sleeping]) end();
    },
  };
}
