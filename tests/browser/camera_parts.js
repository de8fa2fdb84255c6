// The scanner's own modules, bundled for the tests as the pages bundle them.
export { openCamera } from "../../static/shared/scan/camera.js";
export { makeControls } from "../../static/shared/scan/camera_controls.js";
export { makeMemory } from "../../static/shared/scan/memory.js";
export { makeTally } from "../../static/shared/scan/tray.js";
export { makeEye } from "../../static/shared/scan/eye.js";
export { makeShots } from "../../static/shared/scan/shots.js";
