// The one camera of a page: opened anew, or closed while it opens, it leaves no other one running.

import { openCamera } from "./camera.js";

// fixed: openCamera's options that stay the same. onNone(): it cannot be opened, or is gone.
export function makeEye({ onScan, onNone, ...fixed }) {
  const { video } = fixed;
  let camera = null;
  let wanted = false;
  let turn = 0;
  let opening = Promise.resolve();

  // Resolves to the camera; to null where there is none, or when it was closed meanwhile.
  async function open(options = {}) {
    close();
    const mine = turn;
    wanted = true;
    const isMine = () => mine === turn;
    const lost = () => isMine() && (close(), onNone());
    // One after the other: a device may have one camera, and a page has one picture.
    opening = opening.then(() => (isMine() ? openCamera({ ...fixed, ...options, onScan: onScan && seen, onEnd: lost }).catch(() => null) : null));
    const opened = await opening;
    if (!opened) lost();
    else if (isMine()) camera = opened;
    else opened.stop();
    return isMine() ? camera : null;
  }

  function close() {
    turn += 1;
    wanted = false;
    camera?.stop();
    camera = null;
  }

  // The same code twice in a row still flashes twice.
  function seen(text) {
    video.classList.remove("is-hit");
    void video.offsetWidth;
    video.classList.add("is-hit");
    onScan(text);
  }

  return {
    open,
    close,
    get camera() {
      return camera;
    },
    // Open, or about to be.
    get isWanted() {
      return wanted;
    },
  };
}
