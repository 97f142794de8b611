// Takes a photo with the desk's camera and shows what of a picture is kept. It goes with the form like any file;
// without this module a file is chosen, and the server keeps its middle.
const form = document.querySelector("[data-photo]");
const studio = form.querySelector("[data-studio]");
const said = studio.querySelector("[data-said]");
const video = studio.querySelector("video");
const open = studio.querySelector("[data-open]");
const take = studio.querySelector("[data-take]");
const crop = studio.querySelector("[data-crop]");
const canvas = crop.querySelector("canvas");
const file = form.elements.photo;
const { zoom, across, down } = form.elements;
let picture = null;

// The same sums as `part_of` in adapters/portrait_file.py.
function part() {
  const base = Math.min(picture.width, (picture.height * canvas.width) / canvas.height);
  const width = (base * 100) / zoom.value;
  const height = (width * canvas.height) / canvas.width;
  return [((picture.width - width) * across.value) / 100, ((picture.height - height) * down.value) / 100, width, height];
}

function draw() {
  if (picture) canvas.getContext("2d").drawImage(picture, ...part(), 0, 0, canvas.width, canvas.height);
}

async function show() {
  picture = null;
  if (file.files.length) {
    picture = await createImageBitmap(file.files[0]).catch(() => null);
    if (!picture) said.textContent = said.dataset.unreadable;
  }
  crop.hidden = !picture;
  for (const [slider, usual] of [[zoom, 100], [across, 50], [down, 50]]) {
    slider.disabled = !picture;
    slider.value = usual;
  }
  draw();
}

function stop() {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  video.hidden = take.hidden = true;
  open.hidden = false;
}

open.addEventListener("click", async () => {
  try {
    const wanted = { width: { ideal: 1280 }, height: { ideal: 960 }, facingMode: { ideal: "user" } };
    video.srcObject = await navigator.mediaDevices.getUserMedia({ audio: false, video: wanted });
    video.hidden = false;
    open.hidden = true;
    await video.play();
    take.hidden = false;
    said.textContent = said.dataset.ready;
    take.focus();
  } catch {
    stop();
    said.textContent = said.dataset.refused;
    file.focus();
  }
});

take.addEventListener("click", async () => {
  const frame = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  frame.getContext("2d").drawImage(video, 0, 0);
  const blob = await frame.convertToBlob({ type: "image/jpeg", quality: 0.95 });
  stop();
  const taken = new DataTransfer();
  taken.items.add(new File([blob], "photo.jpg", { type: "image/jpeg" }));
  file.files = taken.files;
  await show();
  said.textContent = said.dataset.taken;
  zoom.focus();
});

// The picture is drawn along under the pointer; the sliders do the same by keyboard.
let held = null;
canvas.addEventListener("pointerdown", (event) => {
  held = [event.clientX, event.clientY, Number(across.value), Number(down.value)];
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener("pointermove", (event) => {
  if (!held || !picture) return;
  const [, , width, height] = part();
  const scale = width / canvas.clientWidth;
  const room = [picture.width - width, picture.height - height];
  if (room[0] > 0) across.value = held[2] - (((event.clientX - held[0]) * scale) / room[0]) * 100;
  if (room[1] > 0) down.value = held[3] - (((event.clientY - held[1]) * scale) / room[1]) * 100;
  draw();
});
canvas.addEventListener("pointerup", () => { held = null; });

for (const slider of [zoom, across, down]) slider.addEventListener("input", draw);
file.addEventListener("change", show);
globalThis.addEventListener("pagehide", stop);
studio.hidden = false;
if (!navigator.mediaDevices?.getUserMedia) open.hidden = true;
