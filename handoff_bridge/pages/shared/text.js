/** What stands in a text: links, numbered lists, its length. Pure; gives data, never markup. */

const ADDRESS = /https?:\/\/[^\s<>"']+/giu;
const NUMBERED = /^\s*(\d{1,2})[.)]\s+(\S.*)$/u;
const CLOSERS = { ")": "(", "]": "[", "}": "{" };

/** Characters as the server counts them: an emoji is one or a few, never two halves. */
export const length = (text) => [...text].length;

/** The text in pieces `{text, href?}`; only http and https addresses become links. */
export function pieces(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = withoutTail(match[0]);
    if (!URL.canParse(address)) continue;
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: address, href: new URL(address).href });
    at = match.index + address.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

/** The full stop of the sentence, and a bracket opened before the address, are no part of it. */
function withoutTail(address) {
  let end = address.length;
  while (end > 0 && isTail(address.slice(0, end))) end -= 1;
  return address.slice(0, end);
}

function isTail(address) {
  const last = address.at(-1);
  if (".,;:!?*_~".includes(last)) return true;
  return last in CLOSERS && address.split(last).length > address.split(CLOSERS[last]).length;
}

/** The text as blocks: `{kind: "text", text}` and, for two or more numbered lines in a row, `{kind: "list", items: [{number, text}]}`. */
export function blocks(text) {
  const found = [];
  for (const line of text.split("\n")) {
    const match = NUMBERED.exec(line);
    const kind = match ? "list" : "text";
    if (found.at(-1)?.kind !== kind) found.push({ kind, lines: [], items: [] });
    found.at(-1).lines.push(line);
    if (match) found.at(-1).items.push({ number: Number(match[1]), text: match[2] });
  }
  return joined(found.map((block) => (block.items.length === 1 ? { ...block, kind: "text" } : block)));
}

/** One numbered line alone is a sentence, and belongs to the lines around it. */
function joined(parts) {
  const found = [];
  for (const { kind, lines, items } of parts) {
    if (kind === "list") found.push({ kind, items });
    else if (found.at(-1)?.kind === "text") found.at(-1).text += `\n${lines.join("\n")}`;
    else found.push({ kind, text: lines.join("\n") });
  }
  return found
    .map((block) => (block.kind === "text" ? { kind: "text", text: block.text.replace(/^\n+|\n+$/gu, "") } : block))
    .filter((block) => block.kind === "list" || block.text !== "");
}
