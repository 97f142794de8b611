// The words of the page, in the language of the page.
export const language = document.documentElement.lang;
const WORDS = JSON.parse(document.getElementById("words").textContent);

export function say(key, what = {}) {
  return WORDS[key].replace(/\{(\w+)\}/g, (_, name) => what[name]);
}

// A text of the server, which says it in all its languages.
export const said = (text) => text[language];
