import assert from "node:assert/strict";
import test from "node:test";
import "./resolve.js";

const { blocks, length, pieces } = await import("../shared/text.js");

const links = (text) => pieces(text).filter((piece) => piece.href).map((piece) => piece.href);

test("http and https addresses become links, nothing else does", () => {
  assert.deepEqual(links("see https://a.example/x?y=1 and http://b.example"), ["https://a.example/x?y=1", "http://b.example/"]);
  assert.deepEqual(links("javascript:alert(1) data:text/html,x ftp://a.example www.a.example //a.example"), []);
});

test("the pieces put together are the text again", () => {
  for (const text of ["", "no link", "(https://a.example/b_(c)).", "https://a.example", "a\nhttps://a.example/\nb", "<b>https://x.example</b>"]) {
    assert.equal(pieces(text).map((piece) => piece.text).join(""), text);
  }
});

test("the end of the sentence is no part of the address, a bracket of its own is", () => {
  assert.deepEqual(links("(see https://a.example/b)."), ["https://a.example/b"]);
  assert.deepEqual(links("https://a.example/b_(c)!"), ["https://a.example/b_(c)"]);
});

test("an address that is none stays text", () => {
  assert.deepEqual(pieces("http://[nonsense"), [{ text: "http://[nonsense" }]);
});

test("a quote ends an address, so that no attribute could be broken out of", () => {
  assert.deepEqual(links('https://a.example/"onclick="x'), ["https://a.example/"]);
});

test("two or more numbered lines are a list, with the words around them", () => {
  assert.deepEqual(blocks("I have:\n1. Monday\n2) Tuesday\nWhich one?"), [
    { kind: "text", text: "I have:" },
    { kind: "list", items: [{ number: 1, text: "Monday" }, { number: 2, text: "Tuesday" }] },
    { kind: "text", text: "Which one?" },
  ]);
});

test("one numbered line alone is a sentence", () => {
  assert.deepEqual(blocks("We open on\n1. December\nat eight"), [{ kind: "text", text: "We open on\n1. December\nat eight" }]);
});

test("blank lines inside a text stay, those at its ends go", () => {
  assert.deepEqual(blocks("\n\na\n\nb\n"), [{ kind: "text", text: "a\n\nb" }]);
});

test("an emoji outside the basic plane counts once", () => {
  assert.equal(length("ab🚗"), 3);
});
