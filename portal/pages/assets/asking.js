// Comforts of the pages that ask: an address is found while somebody types it, and a photo is made smaller before it is
// sent, with words on how far it has come. Without this file the forms do the same, more slowly.

const PAUSE_MS = 350;
const LEAST_TYPED = 4;
const SIDE = 2400; // pixels, as the city keeps it: a page of A4 can be read
const SMALL_BYTES = 700_000;

const search = document.querySelector("[data-search]");
let turn = 0;
let pause;

search?.addEventListener("input", soon);

// What was typed while the page still came: nobody types it again.
if (search && search.elements.text.value !== search.elements.text.defaultValue) soon();

search?.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  find({ orLeave: true });
});

function soon() {
  clearTimeout(pause);
  if (search.elements.text.value.trim().length >= LEAST_TYPED) pause = setTimeout(() => find(), PAUSE_MS);
}

// Puts what was found into the page; who pressed the button gets the whole page where that fails.
async function find({ orLeave = false } = {}) {
  const mine = ++turn;
  const address = new URL(search.action);
  address.search = new URLSearchParams(new FormData(search));
  try {
    const answer = await fetch(address);
    if (!answer.ok || answer.redirected) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("#found").childNodes;
    if (mine === turn) document.querySelector("#found").replaceChildren(...found);
  } catch {
    if (orLeave) search.submit();
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-upload]");
  const file = form && [form.elements.photo, form.elements.file].find((one) => one.files.length)?.files[0];
  if (!file) return; // the city says what is missing
  event.preventDefault();
  send(form, file);
});

async function send(form, chosen) {
  const [trouble, sending] = [form.querySelector("[role=alert]"), form.querySelector(".sending")];
  const [bar, said] = [sending.querySelector("progress"), sending.querySelector("[role=status]")];
  const button = form.querySelector("button.main");
  const stop = (words) => {
    trouble.textContent = words;
    trouble.hidden = false;
    sending.hidden = true;
    button.disabled = false;
  };
  trouble.hidden = true;
  document.querySelector("#wrong")?.remove(); // it was said of what was sent before
  sending.hidden = false;
  button.disabled = true;

  const file = await smaller(chosen);
  if (file.size > Number(form.dataset.most)) return stop(form.dataset.tooLarge);
  const body = new FormData(form);
  body.delete("photo");
  body.set("file", file, chosen.name || "photo.jpg");

  const sent = new XMLHttpRequest();
  sent.open("POST", form.action);
  sent.responseType = "document";
  sent.upload.addEventListener("progress", ({ loaded, total }) => {
    const percent = Math.floor((100 * loaded) / (total || 1) / 10) * 10;
    bar.value = percent;
    const words = form.dataset.sending.replace("{percent}", percent);
    if (said.textContent !== words) said.textContent = words;
  });
  sent.addEventListener("error", () => stop(form.dataset.lost));
  sent.addEventListener("load", () => show(sent) || stop(form.dataset.lost));
  sent.send(body);
}

// Shows the page that came back in the place of this one: the list of papers, or the same form with what is wrong.
function show({ response, responseURL }) {
  const main = response?.querySelector("main");
  if (!main) return false;
  document.querySelector("main").replaceWith(document.importNode(main, true));
  document.title = response.title;
  history.replaceState(null, "", responseURL);
  scrollTo(0, 0);
  (document.querySelector("#wrong") ?? document.querySelector("main")).focus();
  return true;
}

// Draws a large photo again at the size that is kept, and any picture that the city does not read as one that it reads.
async function smaller(file) {
  if (!file.type.startsWith("image/")) return file;
  const isRead = /^image\/(jpeg|png|webp)$/.test(file.type);
  if (isRead && file.size <= SMALL_BYTES) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, SIDE / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return drawn && (!isRead || drawn.size < file.size) ? drawn : file;
  } catch {
    return file;
  }
}
