// Torch, zoom and choice of the camera, each shown only where the device offers it.

const CHOSEN = "scan.camera";
const ZOOM = "scan.zoom";

// root: where `controls()` of templates/shared/camera.html stands; video: gets the class is-mirror
// with a camera that faces its user. onChoose(): another camera was chosen, open it anew.
// Returns {choice, show}: give choice() to openCamera, and what that resolved to to show().
export function makeControls({ root, video, facing = "environment", onChoose }) {
  const [torch, zoom, next] = ["torch", "zoom", "next"].map((name) => root.querySelector(`[data-camera=${name}]`));
  const slider = zoom.querySelector("input");
  let camera = null;
  let others = [];

  const choice = () => ({ facing, device: localStorage.getItem(CHOSEN) });
  const set = (what) => camera.track.applyConstraints({ advanced: [what] }).catch(() => {});

  async function show(opened) {
    camera = opened;
    video.classList.toggle("is-mirror", camera.facing === "user");
    const can = camera.track.getCapabilities?.() ?? {};
    torch.hidden = !can.torch;
    torch.setAttribute("aria-pressed", "false");
    showZoom(can.zoom);
    // Cameras have names and ids only once one of them may be used.
    const devices = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    others = devices.filter(({ kind, deviceId }) => kind === "videoinput" && deviceId);
    next.hidden = others.length < 2;
  }

  function showZoom(range) {
    zoom.hidden = !range || !(range.max > range.min);
    if (zoom.hidden) return;
    Object.assign(slider, { min: range.min, max: range.max, step: range.step || "any" });
    const kept = Number(localStorage.getItem(ZOOM)) || 0;
    slider.value = kept || camera.track.getSettings().zoom || range.min;
    if (kept) set({ zoom: Number(slider.value) });
  }

  torch.addEventListener("click", () => {
    torch.blur();
    const on = torch.getAttribute("aria-pressed") !== "true";
    torch.setAttribute("aria-pressed", String(on));
    set({ torch: on });
  });
  slider.addEventListener("input", () => {
    localStorage.setItem(ZOOM, slider.value);
    set({ zoom: Number(slider.value) });
  });
  next.addEventListener("click", () => {
    next.blur();
    const place = others.findIndex(({ deviceId }) => deviceId === camera.device);
    localStorage.setItem(CHOSEN, others[(place + 1) % others.length].deviceId);
    onChoose();
  });
  return { choice, show };
}
