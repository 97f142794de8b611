// The whole screen is the answer: a colour, an icon and words that all say the same.
import { language, said, say } from "./words.js";

const NUMBER = new Intl.NumberFormat(language, { maximumFractionDigits: 3 });
const EUROS = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
const DAY = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const SVG = "http://www.w3.org/2000/svg";

// Fill `place` with a verdict, and return it in one phrase. `heard` is what a decider gives (page.js).
export function show(place, heard) {
  const outcome = heard.answer?.outcome ?? "silent";
  const short = heard.answer ? said(heard.answer.text) : say(`silent_${heard.silent}`);
  const next = heard.answer ? said(heard.answer.nextStep) : say(`silent_${heard.silent}_next`);
  const big = line(short, "big");
  // As large as its longest word lets it be.
  big.style.setProperty("--longest", Math.max(6, ...short.split(/\s/).map((word) => word.length)));
  place.className = `verdict shown ${outcome}`;
  place.replaceChildren(
    icon(outcome),
    line(say(`word_${outcome}`), "word"),
    big,
    ...(next === short ? [] : [line(next, "next")]),
    ...(heard.answer ? details(heard) : []),
  );
  // On a small screen a long answer is scrolled: the keyboard has to reach it then.
  if (place.scrollHeight > place.clientHeight) place.tabIndex = 0;
  return `${say(`word_${outcome}`)}, ${short}`;
}

export function clear(place) {
  place.className = "verdict";
  place.removeAttribute("tabindex");
  place.replaceChildren();
}

function details({ answer, alone }) {
  const lines = (answer.warnings ?? [])
    .filter((notice) => said(notice.text) !== said(answer.text))
    .map((notice) => line(said(notice.text)));
  if (answer.price?.dueCents) {
    const euros = EUROS.format(answer.price.dueCents / 100);
    lines.push(line(say(opens(answer) ? "paid" : "due", { euros })));
  } else if (answer.price?.billedCents) {
    lines.push(line(say("billed", { euros: EUROS.format(answer.price.billedCents / 100) })));
  }
  lines.push(...(answer.remaining ?? []).map(left));
  if (answer.overridable) lines.push(line(say("overridable")));
  if (alone) lines.push(line(say("decided_alone")));
  return lines;
}

function opens(answer) {
  return answer.outcome === "granted" || answer.outcome === "granted_with_warning";
}

// People count the last day in, the server does not.
function left(remaining) {
  const lastDay = new Date(Date.parse(`${remaining.until}T00:00:00Z`) - 86_400_000);
  const unit = say(`unit_${remaining.unit}`);
  return line(say("left", {
    left: NUMBER.format(remaining.left),
    of: NUMBER.format(remaining.of),
    unit: remaining.kind ? `${unit} (${say(`kind_${remaining.kind}`)})` : unit,
    day: DAY.format(lastDay),
  }));
}

function line(text, kind = "more") {
  const made = document.createElement("p");
  made.className = kind;
  made.textContent = text;
  return made;
}

function icon(outcome) {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "icon");
  made.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${outcome}`);
  made.append(use);
  return made;
}
