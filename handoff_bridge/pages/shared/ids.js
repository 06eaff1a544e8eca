/** An unguessable id of 32 hexadecimal digits. `crypto.randomUUID` is missing on pages served without https. */
export function newId(random = globalThis.crypto) {
  const bytes = random.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
