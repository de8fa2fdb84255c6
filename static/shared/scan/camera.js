// The camera as a reader: frames go to the worker one at a time, a code comes back once.

import { readBeep } from "./codes.js";
import { makeMemory } from "./memory.js";
import { SIZE, SIZE_MANY, wayOf } from "./ways.js";

const PAUSE = 40; // ms between two looks, so that a tablet stays cool
const ASLEEP = 150; // ms between two tries while there is no picture

// video: the <video> that shows the picture; reader and wasm: addresses of the worker and its module.
// onScan(text) once for each code, at most every 3 s; a code with a wrong check digit is never told.
// onSight([{text, read, corners}], now) for each frame looked at: `read` is what codes.js makes of
// it. many: several codes in one picture. device: a camera's id, before `facing`. onEnd() when the
// camera is gone. Resolves to {stop, track, device, facing} when the first frame can be looked at;
// rejects when there is no camera or it may not be used (DOMException), or the reader does not load.
export async function openCamera(options) {
  const { video, reader, wasm, many = false, onEnd = () => {} } = options;
  const [stream, worker] = await both(openStream(options), openWorker(reader, wasm));
  const [track] = stream.getVideoTracks();
  const loop = lookOn({ ...options, worker, many });
  video.srcObject = stream;
  await video.play().catch(() => {});
  track.addEventListener("ended", () => (stop(), onEnd()));
  focusOn(track);
  loop.look();

  function stop() {
    loop.stop();
    worker.terminate();
    for (const one of stream.getTracks()) one.stop();
    if (video.srcObject === stream) video.srcObject = null;
  }
  const { deviceId: device, facingMode: facing } = track.getSettings();
  return { stop, track, device, facing };
}

async function openStream({ facing = "environment", device = null, many = false }) {
  if (!navigator.mediaDevices) throw new DOMException("needs https", "SecurityError");
  const { width, height } = many ? SIZE_MANY : SIZE;
  const ask = (which) => navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: width }, height: { ideal: height } } });
  if (device) {
    const chosen = await ask({ deviceId: { exact: device } }).catch((error) => {
      if (error.name !== "OverconstrainedError" && error.name !== "NotFoundError") throw error;
    });
    if (chosen) return chosen; // else it was unplugged, or the browser names its cameras anew
  }
  return ask({ facingMode: facing });
}

function openWorker(reader, wasm) {
  const worker = new Worker(reader, { type: "module" });
  return new Promise((resolve, reject) => {
    const fail = (error) => (worker.terminate(), reject(new Error(`the reader does not load: ${error}`)));
    worker.addEventListener("error", (event) => fail(event.message), { once: true });
    worker.addEventListener("message", ({ data }) => (data.ready ? resolve(worker) : fail(data.broken)), { once: true });
    worker.postMessage({ wasm });
  });
}

// Both at once; when one fails the other is put away.
async function both(stream, worker) {
  const [camera, eye] = await Promise.allSettled([stream, worker]);
  if (camera.status === "fulfilled" && eye.status === "fulfilled") return [camera.value, eye.value];
  if (camera.status === "fulfilled") for (const one of camera.value.getTracks()) one.stop();
  if (eye.status === "fulfilled") eye.value.terminate();
  throw camera.reason ?? eye.reason;
}

function focusOn(track) {
  if (track.getCapabilities?.().focusMode?.includes("continuous")) {
    track.applyConstraints({ advanced: [{ focusMode: "continuous" }] }).catch(() => {});
  }
}

// Looks at one frame after the other. A frame in which nothing was found is followed by one seen in
// another way; with many codes each frame is seen in another way, for each finds some of them.
function lookOn({ video, worker, many, onScan = () => {}, onSight = () => {} }) {
  const memory = makeMemory();
  const grab = "OffscreenCanvas" in window ? (source) => createImageBitmap(source) : drawnFrames();
  let open = true;
  let turn = 0;
  let looks = 0;

  async function look() {
    if (!open) return;
    if (video.readyState < 2 || document.hidden) {
      setTimeout(look, ASLEEP);
      return;
    }
    try {
      const picture = await grab(video, { turn, many });
      worker.postMessage({ picture, turn, many }, [picture.data?.buffer ?? picture]);
    } catch {
      setTimeout(look, ASLEEP); // the picture went away in this moment
    }
  }

  worker.addEventListener("message", ({ data }) => {
    if (!open || !data.codes) return;
    const now = performance.now();
    const sights = data.codes.map((code) => ({ ...code, read: readBeep(code.text) }));
    const good = sights.filter(({ read }) => read.kind !== "wrong");
    if (many || !good.length) turn += 1;
    looks += 1;
    video.dataset.looks = looks;
    onSight(sights, now);
    for (const { text } of good) if (memory.isNews(text, now)) onScan(text);
    setTimeout(look, PAUSE);
  });

  return { look, stop: () => (open = false) };
}

// Where a worker cannot draw, the page does it.
function drawnFrames() {
  const canvas = document.createElement("canvas");
  const pencil = canvas.getContext("2d", { willReadFrequently: true });
  return async (video, { turn, many }) => {
    const way = wayOf({ width: video.videoWidth, height: video.videoHeight, turn, many });
    canvas.width = way.width;
    canvas.height = way.height;
    pencil.drawImage(video, 0, 0, way.width, way.height);
    return pencil.getImageData(0, 0, way.width, way.height);
  };
}
