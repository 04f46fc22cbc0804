// Scanning a ration card with the camera, where the browser can read QR codes. Everywhere else the code is typed or comes from a scanner.
const button = document.querySelector("[data-scan]");
const box = document.querySelector("[data-camera]");
const input = document.getElementById("desk-code");
const LOOK_EVERY_MS = 200;

async function canScan() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return false;
  return (await window.BarcodeDetector.getSupportedFormats()).includes("qr_code");
}

async function scan() {
  const video = box.querySelector("video");
  const fault = box.querySelector("[data-camera-fault]");
  box.hidden = false;
  fault.hidden = true;
  video.hidden = false;
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    video.hidden = true;
    fault.hidden = false;
    input.focus();
    return;
  }
  video.srcObject = stream;
  await video.play();
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  const look = setInterval(async () => {
    const [found] = await detector.detect(video).catch(() => []);
    if (!found) return;
    clearInterval(look);
    for (const track of stream.getTracks()) track.stop();
    input.value = found.rawValue.slice(0, 40);
    input.form.requestSubmit();
  }, LOOK_EVERY_MS);
}

if (button && await canScan()) {
  button.hidden = false;
  button.addEventListener("click", scan);
}
