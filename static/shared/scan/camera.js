// The camera as a reader: frames go to the worker one at a time, a code comes back once.

const SAME_CODE = 3000; // ms in which the same code is not told twice; each sight renews it
const WIDEST = 1280;

// video: the <video> that shows the picture; reader and wasm: addresses of the worker and its module.
// Resolves to {stop}; rejects when there is no camera or it may not be used (DOMException).
export async function openCamera({ video, reader, wasm, onScan, facing = "environment" }) {
  if (!navigator.mediaDevices) throw new DOMException("needs https", "SecurityError");
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const worker = new Worker(reader, { type: "module" });
  const canvas = document.createElement("canvas");
  const pencil = canvas.getContext("2d", { willReadFrequently: true });
  const seen = new Map();
  let open = true;
  video.srcObject = stream;
  await video.play().catch(() => {});

  function look() {
    if (!open) return;
    if (video.readyState < 2 || document.hidden) {
      setTimeout(look, 120);
      return;
    }
    const scale = Math.min(1, WIDEST / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    pencil.drawImage(video, 0, 0, canvas.width, canvas.height);
    const picture = pencil.getImageData(0, 0, canvas.width, canvas.height);
    worker.postMessage({ picture }, [picture.data.buffer]);
  }

  worker.addEventListener("message", ({ data }) => {
    if (!open) return;
    if (data.text) {
      const before = seen.get(data.text) ?? -SAME_CODE;
      const now = performance.now();
      seen.set(data.text, now);
      if (now - before > SAME_CODE) onScan(data.text);
    }
    setTimeout(look, data.ready ? 0 : 60);
  });
  worker.postMessage({ wasm });

  return {
    stop() {
      open = false;
      worker.terminate();
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    },
  };
}
