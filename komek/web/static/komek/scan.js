// Reads QR codes and bar codes with the phone's camera into the boxes marked data-scan. Typing always works as well.
// The browser's own reader is used where it has one, else the library, which is fetched when somebody first scans.
const script = document.querySelector("script[data-scanner]");
const words = script.dataset;
const FORMATS = ["qr_code", "code_128", "ean_13"];
let reader = null;

async function own() {
  if (!("BarcodeDetector" in window)) return null;
  const known = await BarcodeDetector.getSupportedFormats();
  if (!known.includes("qr_code") || !known.includes("code_128")) return null;
  const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) });
  return async (canvas) => (await detector.detect(canvas))[0]?.rawValue ?? null;
}

// The picture's brightness, a byte for each point.
function greys(canvas) {
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const grey = new Uint8ClampedArray(width * height);
  for (let place = 0; place < grey.length; place += 1) {
    const at = place * 4;
    grey[place] = (data[at] * 299 + data[at + 1] * 587 + data[at + 2] * 114) / 1000;
  }
  return [grey, width, height];
}

function library() {
  return new Promise((done, failed) => {
    const tag = document.createElement("script");
    tag.src = words.library;
    tag.onload = done;
    tag.onerror = failed;
    document.head.append(tag);
  }).then(() => {
    const { MultiFormatReader, RGBLuminanceSource, BinaryBitmap, HybridBinarizer, DecodeHintType, BarcodeFormat } = window.ZXing;
    const hints = new Map([
      [DecodeHintType.POSSIBLE_FORMATS, [BarcodeFormat.QR_CODE, BarcodeFormat.CODE_128, BarcodeFormat.EAN_13]],
    ]);
    const decoder = new MultiFormatReader();
    decoder.setHints(hints);
    return async (canvas) => {
      try {
        // decodeWithState keeps to the kinds of codes named above.
        return decoder.decodeWithState(new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(...greys(canvas))))).getText();
      } catch {
        return null; // no code in this picture
      }
    };
  });
}

// The same picture in several sizes: the library finds the corners of some codes in one of them only.
async function decode(source, width, height) {
  reader ||= (await own()) || (await library());
  for (const side of [1280, 640, 400, 320, 240]) {
    const scale = Math.min(1, side / Math.max(width, height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.getContext("2d", { willReadFrequently: true }).drawImage(source, 0, 0, canvas.width, canvas.height);
    const text = await reader(canvas);
    if (text) return text;
  }
  return null;
}

function scanner(after, found) {
  const box = document.createElement("div");
  box.className = "stack-tight";
  const start = document.createElement("button");
  start.type = "button";
  start.textContent = words.wordScan;
  const state = document.createElement("p");
  state.className = "meta";
  state.setAttribute("role", "status");
  const photo = document.createElement("input");
  photo.type = "file";
  photo.accept = "image/*";
  photo.setAttribute("capture", "environment");
  photo.setAttribute("aria-label", words.wordPhoto);
  photo.hidden = true;
  box.append(start, photo, state);
  after.after(box);
  let stream = null;
  let video = null;

  function stop() {
    stream?.getTracks().forEach((track) => track.stop());
    video?.remove();
    stream = video = null;
    start.textContent = words.wordScan;
  }

  async function look() {
    if (!stream) return;
    const text = video.videoWidth ? await decode(video, video.videoWidth, video.videoHeight) : null;
    if (text && stream) {
      stop();
      navigator.vibrate?.(80);
      state.textContent = text;
      found(text.trim());
    } else setTimeout(look, 120);
  }

  start.addEventListener("click", async () => {
    if (stream) { stop(); return; }
    state.textContent = "";
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      // No camera, no permission, or a page without https: a photo works everywhere.
      state.textContent = words.wordCamera;
      photo.hidden = false;
      return;
    }
    start.textContent = words.wordStop;
    video = document.createElement("video");
    video.muted = true;
    video.playsInline = true;
    video.style.maxInlineSize = "100%";
    video.srcObject = stream;
    start.before(video);
    await video.play();
    look();
  });

  photo.addEventListener("change", async () => {
    const [file] = photo.files;
    if (!file) return;
    photo.value = ""; // the same photo may be chosen again
    let text = null;
    try {
      const picture = await createImageBitmap(file);
      text = await decode(picture, picture.width, picture.height);
    } catch {
      // A file that is no picture, or the library could not be fetched: typing is left.
    }
    state.textContent = text || words.wordNone;
    if (text) found(text.trim());
  });
}

for (const box of document.querySelectorAll("input[data-scan]")) {
  scanner(box, (text) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    if (box.dataset.scan === "send") box.form.requestSubmit();
  });
}
for (const form of document.querySelectorAll("form[data-scan-ticks]")) {
  scanner(form.querySelector("p"), (text) => {
    for (const tick of form.querySelectorAll("input[data-code]")) if (tick.dataset.code === text) tick.checked = true;
  });
}
