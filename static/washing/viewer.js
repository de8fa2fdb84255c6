// The camera's place in the typing panel: one button opens it instead of the number pad.

import { openCamera } from "../shared/scan/camera.js";
import { makeControls } from "../shared/scan/camera_controls.js";

const at = (id) => document.getElementById(id);

export function makeViewer({ reader, wasm, words, onScan }) {
  const video = at("video");
  const root = at("viewer").querySelector("[data-camera-controls]");
  const controls = makeControls({ root, video, onChoose: () => (close(), open()) });
  let camera = null;

  async function open() {
    show(true);
    at("viewer-told").textContent = words.checking;
    try {
      camera = await openCamera({ video, reader, wasm, onScan, onEnd: gone, ...controls.choice() });
      at("viewer-told").textContent = words.camera_on;
      if (at("viewer").hidden) close(); // closed while it was opening
      else await controls.show(camera);
    } catch {
      gone();
    }
  }

  function gone() {
    camera = null;
    at("viewer-told").textContent = words.camera_no;
  }

  function close() {
    camera?.stop();
    camera = null;
    show(false);
  }

  function show(shown) {
    at("viewer").hidden = !shown;
    at("keypad").hidden = shown;
    at("camera").setAttribute("aria-pressed", String(shown));
  }

  at("camera").addEventListener("click", () => (at("viewer").hidden ? open() : close()));
}
