// What a scanner, a camera or a person gives, as the text that is asked about.

const UID = /^(?:[0-9a-f]{8}|[0-9a-f]{14}|[0-9a-f]{20})$/i;

// A reader of cards that behaves as a keyboard types a card's number alone; people put blanks or colons in between.
// A signed code is left as it is: a blank at its end is a character of it.
export function credential(text) {
  const bare = text.replace(/[\s:-]/g, "");
  return UID.test(bare) ? `UID:${bare}` : text.replace(/[\r\n]+$/, "");
}
