// The camera's place on the page: opened and closed by one button, instead of the number pad.

import { openCamera } from "../shared/scan/camera.js";

export function makeViewer({ reader, wasm, words, onScan }) {
  const button = document.getElementById("camera");
  const viewer = document.getElementById("viewer");
  const told = document.getElementById("viewer-told");
  const video = document.getElementById("video");
  let camera = null;
  let facing = localStorage.getItem("scan.facing") ?? "environment";

  async function open() {
    viewer.hidden = false;
    if (!document.getElementById("keypad").hidden) document.getElementById("pad").click();
    button.setAttribute("aria-pressed", "true");
    told.textContent = words.checking;
    try {
      camera = await openCamera({ video, reader, wasm, facing, onScan: seen });
      told.textContent = words.camera_on;
      video.classList.toggle("is-mirror", facing === "user");
    } catch {
      told.textContent = words.camera_no;
    }
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
  document.getElementById("flip").addEventListener("click", async () => {
    facing = facing === "user" ? "environment" : "user";
    localStorage.setItem("scan.facing", facing);
    close();
    await open();
  });
}
