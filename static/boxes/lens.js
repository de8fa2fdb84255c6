// The camera above the box: always on, looked for again when it fails; takes a still when asked.

import { makeEye } from "../shared/scan/eye.js";

const AGAIN = 15000; // ms between two tries to open it
const LONGEST = 1600; // pixels of a still
const QUALITY = 0.8;
const at = (id) => document.getElementById(id);

export function makeLens({ reader, wasm, words, onScan }) {
  const video = at("video");
  const eye = makeEye({ video, reader, wasm, many: true, onScan, onNone: lost });
  let facing = localStorage.getItem("return.facing") ?? "user";
  let timer = 0;

  function tell(name) {
    at("camera-told").dataset.t = name;
    at("camera-told").textContent = name ? words.say(name) : "";
    at("viewer").dataset.state = name || "on";
  }

  async function open() {
    clearTimeout(timer);
    if (eye.isWanted) return;
    tell("camera_wait");
    const camera = await eye.open({ facing });
    if (!camera) return;
    tell("");
    video.classList.toggle("is-mirror", (camera.facing ?? facing) === "user");
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    at("flip").hidden = devices.filter((one) => one.kind === "videoinput").length < 2;
  }

  function lost() {
    tell("camera_no");
    clearTimeout(timer);
    timer = setTimeout(open, AGAIN);
  }

  at("flip").addEventListener("click", () => {
    facing = facing === "user" ? "environment" : "user";
    localStorage.setItem("return.facing", facing);
    eye.close();
    open();
  });
  document.addEventListener("visibilitychange", () => document.hidden || open());
  open();

  return {
    get isOn() {
      return eye.camera !== null && video.videoWidth > 0;
    },
    // What the camera sees now as a JPEG, at most 1600 pixels wide or high; null without a camera.
    still() {
      if (!eye.camera || !video.videoWidth) return null;
      const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
      return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    },
  };
}
