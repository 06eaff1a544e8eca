import assert from "node:assert/strict";
import test from "node:test";

import { LANGUAGES, directionOf, wordsFor } from "../widget/words.js";

test("every language has every word, of the same kind", () => {
  const kinds = (language) => Object.fromEntries(Object.entries(wordsFor(language)).map(([key, word]) => [key, typeof word]));
  for (const language of LANGUAGES) assert.deepEqual(kinds(language), kinds("en"), language);
});

test("a regional language reads as its base, an unknown one as English", () => {
  assert.equal(wordsFor("es-MX"), wordsFor("es"));
  assert.equal(wordsFor("tlh"), wordsFor("en"));
});

test("Hebrew and Arabic run from right to left", () => {
  assert.deepEqual(["he", "ar-EG", "en", "es"].map(directionOf), ["rtl", "rtl", "ltr", "ltr"]);
});
