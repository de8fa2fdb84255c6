// The camera's place on the page: opened and closed by one button, instead of the number pad.

import { openCamera } from "../shared/scan/camera.js";
import { makeControls } from "../shared/scan/camera_controls.js";

export function makeViewer({ reader, wasm, words, onScan }) {
  const button = document.getElementById("camera");
  const viewer = document.getElementById("viewer");
  const told = document.getElementById("viewer-told");
  const video = document.getElementById("video");
  const root = viewer.querySelector("[data-camera-controls]");
  const controls = makeControls({ root, video, onChoose: () => (close(), open()) });
  let camera = null;

  async function open() {
    viewer.hidden = false;
    if (!document.getElementById("keypad").hidden) document.getElementById("pad").click();
    button.setAttribute("aria-pressed", "true");
    told.textContent = words.checking;
    try {
      camera = await openCamera({ video, reader, wasm, onScan: seen, onEnd: gone, ...controls.choice() });
      told.textContent = words.camera_on;
      if (viewer.hidden) close(); // closed while it was opening
      else await controls.show(camera);
    } catch {
      gone();
    }
  }

  function gone() {
    camera = null;
    told.textContent = words.camera_no;
  }

  function seen(text) {
    video.classList.remove("is-hit");
    void video.offsetWidth;
    video.classList.add("is-hit");
    onScan(text);
  }

  function close() {
    camera?.stop();
    camera = null;
    viewer.hidden = true;
    button.setAttribute("aria-pressed", "false");
  }

  button.addEventListener("click", () => {
    button.blur();
    if (viewer.hidden) open();
    else close();
  });
}
