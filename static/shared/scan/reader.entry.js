// The worker that finds QR codes in pictures: zxing compiled to WebAssembly, loaded from our own
// address. In: {wasm} once, then {picture, turn, many} with an ImageBitmap, or an ImageData that has
// its turn's size already. Out: {ready} or {broken} once, then {codes: [{text, corners}]} for each
// picture; corners are four [x, y] as parts of the picture's width and height.

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { wayOf } from "./ways.js";

// Plain "QRCode" would match Micro QR too, which misreads. Our codes are dark on light.
const OPTIONS = { formats: ["QRCodeModel2"], tryHarder: true, tryInvert: false };
const CORNERS = ["topLeft", "topRight", "bottomRight", "bottomLeft"];

let canvas = null;
let pencil = null;

function pixelsOf(picture, way) {
  if (picture instanceof ImageData) return picture;
  canvas ??= new OffscreenCanvas(way.width, way.height);
  pencil ??= canvas.getContext("2d", { willReadFrequently: true });
  if (canvas.width !== way.width || canvas.height !== way.height) {
    canvas.width = way.width;
    canvas.height = way.height;
  }
  pencil.drawImage(picture, 0, 0, way.width, way.height);
  picture.close();
  return pencil.getImageData(0, 0, way.width, way.height);
}

async function read({ picture, turn = 0, many = false }) {
  const way = wayOf({ width: picture.width, height: picture.height, turn, many });
  const pixels = pixelsOf(picture, way);
  const options = { ...OPTIONS, binarizer: way.binarizer, maxNumberOfSymbols: many ? 255 : 1 };
  const found = await readBarcodes(pixels, options);
  return found
    .filter((one) => one.isValid && one.text)
    .map(({ text, position }) => ({
      text,
      corners: CORNERS.map((name) => [position[name].x / pixels.width, position[name].y / pixels.height]),
    }));
}

self.addEventListener("message", async ({ data }) => {
  if (data.wasm) {
    const overrides = { locateFile: () => data.wasm };
    try {
      await prepareZXingModule({ overrides, fireImmediately: true });
      self.postMessage({ ready: true });
    } catch (error) {
      self.postMessage({ broken: String(error) });
    }
    return;
  }
  try {
    self.postMessage({ codes: await read(data) });
  } catch (error) {
    self.postMessage({ codes: [], error: String(error) });
  }
});
