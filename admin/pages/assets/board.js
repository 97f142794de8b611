// Keeps a board live: a stream says that there was a passage, and the part of the page that moves is fetched anew.
// Without this module a button loads it anew; for whoever only watches, it loads itself every fifteen seconds.
const board = document.getElementById("now");
const word = document.getElementById("stream");
const AT_LEAST_MS = 60_000;
let waiting = false;
let again = false;

async function refresh() {
  if (waiting) {
    again = true;
    return;
  }
  waiting = true;
  try {
    const answer = await fetch(`${board.dataset.board}/now`, { headers: { Accept: "text/html" }, redirect: "error" });
    if (!answer.ok) throw new Error(answer.status);
    // A list that somebody is reading by keyboard is left alone until they have moved on.
    if (board.contains(document.activeElement)) return;
    const open = board.querySelector("details")?.open;
    board.innerHTML = await answer.text();
    if (open) board.querySelector("details").open = true;
    word.textContent = "";
  } catch {
    word.textContent = board.dataset.gone;
  } finally {
    waiting = false;
    if (again) {
      again = false;
      refresh();
    }
  }
}

const stream = new EventSource(`${board.dataset.board}/stream`);
stream.addEventListener("moved", refresh);
stream.addEventListener("ready", refresh);
stream.addEventListener("error", () => {
  if (stream.readyState === EventSource.CLOSED) word.textContent = board.dataset.gone;
});
setInterval(refresh, AT_LEAST_MS);
