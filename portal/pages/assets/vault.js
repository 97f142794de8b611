// The passes that this browser shows: each with its key, which the browser lends for signing and never gives out.
function open() {
  return new Promise((done, failed) => {
    const asked = indexedDB.open("multipass", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("passes", { keyPath: "number" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function within(mode, act) {
  const database = await open();
  try {
    return await new Promise((done, failed) => {
      const transaction = database.transaction("passes", mode);
      const asked = act(transaction.objectStore("passes"));
      transaction.oncomplete = () => done(asked.result);
      transaction.onabort = () => failed(transaction.error);
    });
  } finally {
    database.close();
  }
}

export const all = () => within("readonly", (passes) => passes.getAll());
export const keep = (pass) => within("readwrite", (passes) => passes.put(pass));
export const forget = (number) => within("readwrite", (passes) => passes.delete(number));

// Writes what has changed of a pass that is still here; one that was removed meanwhile stays away.
export const change = (pass) => within("readwrite", (passes) => {
  const known = passes.get(pass.number);
  known.onsuccess = () => { if (known.result) passes.put(pass); };
  return known;
});
