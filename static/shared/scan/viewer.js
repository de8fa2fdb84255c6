// The camera's place on a page with a field: opened and closed by one button, instead of the number pad.

import { makeControls } from "./camera_controls.js";
import { makeEye } from "./eye.js";

const at = (id) => document.getElementById(id);

// reader and wasm: as openCamera. onShow(shown): the page makes room for it, or takes the room back.
export function makeViewer({ reader, wasm, words, onScan, onShow }) {
  const [viewer, video, told] = [at("viewer"), at("video"), at("viewer-told")];
  const controls = makeControls({ root: viewer.querySelector("[data-camera-controls]"), video, onChoose: open });
  const eye = makeEye({ video, reader, wasm, onScan, onNone: () => (told.textContent = words.camera_no) });

  async function open() {
    show(true);
    told.textContent = words.checking;
    const camera = await eye.open(controls.choice());
    if (!camera) return;
    told.textContent = words.camera_on;
    await controls.show(camera);
  }

  function show(shown) {
    viewer.hidden = !shown;
    at("camera").setAttribute("aria-pressed", String(shown));
    onShow(shown);
  }

  at("camera").addEventListener("click", () => {
    at("camera").blur();
    if (viewer.hidden) return open();
    eye.close();
    return show(false);
  });
}
