// The page of a terminal: its own process decides, with the server or without.
const ASK_MS = 8_000;
const LOOK_MS = 5_000;

// The camera of a screen at a gate looks at whoever stands before it.
export const facing = "user";

export async function open() {
  return (await state()) ?? { name: "", gates: [], way: "entry" };
}

export async function ask({ credential, direction }) {
  try {
    const answer = await fetch("/gate/ask", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ credential, direction }),
      signal: AbortSignal.timeout(ASK_MS),
    });
    return answer.ok ? await answer.json() : { silent: "refused" };
  } catch {
    return { silent: "gone" };
  }
}

// Call `tell` with how the line to the server is, now and from time to time; returns what looks again at once.
export function watch(tell) {
  const look = async () => {
    const now = await state();
    if (now === null) tell("gone");
    else if (now.revoked) tell("revoked");
    else tell(now.online ? "up" : "alone", now);
  };
  setInterval(look, LOOK_MS);
  look();
  return look;
}

async function state() {
  try {
    const answer = await fetch("/gate/state", { cache: "no-store", signal: AbortSignal.timeout(ASK_MS) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
