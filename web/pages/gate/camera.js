// The camera, and what it sees. Pictures stay in this page: they are read and forgotten.
const EVERY_MS = 120;
const WIDEST = 960;

// Start the camera and call `seen` for every picture with the text of a code, or null. Ends with `stop()`.
export async function start(video, facing, seen) {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: { ideal: facing }, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  video.srcObject = stream;
  await video.play();
  let read;
  try {
    read = await reader();
  } catch (problem) {
    stream.getTracks().forEach((track) => track.stop());
    throw problem;
  }
  let running = true;

  async function look() {
    if (!running) return;
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) {
      const text = await read(video).catch(() => null);
      if (running) seen(text);
    }
    setTimeout(look, EVERY_MS);
  }
  look();

  return function stop() {
    running = false;
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  };
}

// What the browser has of its own, else the decoder that comes with this page.
async function reader() {
  if ("BarcodeDetector" in globalThis) {
    const known = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (known.includes("qr_code")) {
      const detector = new BarcodeDetector({ formats: ["qr_code"] });
      return async (video) => only(await detector.detect(video), (code) => code.rawValue);
    }
  }
  const { prepareZXingModule, readBarcodes } = await import("/static/zxing-wasm/reader/index.js");
  await prepareZXingModule({
    overrides: { locateFile: (name) => `/static/zxing-wasm/reader/${name}` },
    fireImmediately: true,
  });
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, WIDEST / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return only(await readBarcodes(picture, { formats: ["QRCode"], maxNumberOfSymbols: 2 }), (code) => code.text);
  };
}

// Two passes before one camera are nobody's turn.
function only(codes, text) {
  const found = new Set(codes.map(text).filter(Boolean));
  return found.size === 1 ? [...found][0] : null;
}
