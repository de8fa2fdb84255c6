// The camera's place in the typing panel: one button opens it instead of the number pad.

import { openCamera } from "../shared/scan/camera.js";

const at = (id) => document.getElementById(id);

export function makeViewer({ reader, wasm, words, onScan }) {
  let camera = null;
  let facing = localStorage.getItem("scan.facing") ?? "environment";

  async function open() {
    show(true);
    at("viewer-told").textContent = words.checking;
    try {
      camera = await openCamera({ video: at("video"), reader, wasm, facing, onScan });
      at("viewer-told").textContent = words.camera_on;
      if (at("viewer").hidden) close(); // closed while it was opening
    } catch {
      at("viewer-told").textContent = words.camera_no;
    }
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
  at("flip").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    localStorage.setItem("scan.facing", facing);
    close();
    return open();
  });
}
