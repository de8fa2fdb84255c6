// The camera above the box: always on, looked for again when it fails; takes a still when asked.

import { openCamera } from "../shared/scan/camera.js";

const AGAIN = 15000; // ms between two tries to open it
const LONGEST = 1600; // pixels of a still
const QUALITY = 0.8;
const at = (id) => document.getElementById(id);

export function makeLens({ reader, wasm, words, onScan }) {
  const video = at("video");
  let camera = null;
  let facing = localStorage.getItem("return.facing") ?? "user";
  let timer = 0;

  function tell(name) {
    at("camera-told").dataset.t = name;
    at("camera-told").textContent = name ? words.say(name) : "";
    at("viewer").dataset.state = name || "on";
  }

  async function open() {
    clearTimeout(timer);
    if (camera) return;
    tell("camera_wait");
    try {
      camera = await openCamera({ video, reader, wasm, many: true, facing, onScan: seen, onEnd: lost });
      tell("");
      video.classList.toggle("is-mirror", (camera.facing ?? facing) === "user");
      const devices = await navigator.mediaDevices.enumerateDevices();
      at("flip").hidden = devices.filter((one) => one.kind === "videoinput").length < 2;
    } catch {
      lost();
    }
  }

  function lost() {
    camera = null;
    tell("camera_no");
    clearTimeout(timer);
    timer = setTimeout(open, AGAIN);
  }

  function seen(text) {
    video.classList.remove("is-hit");
    void video.offsetWidth;
    video.classList.add("is-hit");
    onScan(text);
  }

  at("flip").addEventListener("click", async () => {
    facing = facing === "user" ? "environment" : "user";
    localStorage.setItem("return.facing", facing);
    camera?.stop();
    camera = null;
    await open();
  });
  document.addEventListener("visibilitychange", () => document.hidden || open());
  open();

  return {
    get isOn() {
      return camera !== null && video.videoWidth > 0;
    },
    // What the camera sees now as a JPEG, at most 1600 pixels wide or high; null without a camera.
    still() {
      if (!camera || !video.videoWidth) return null;
      const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    },
  };
}
