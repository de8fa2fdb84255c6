// The worker that finds QR codes in pictures: zxing compiled to WebAssembly, loaded from our own
// address. In: {wasm} once, then pictures (ImageData). Out: {text} or {text: null} for each.

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

// Plain "QRCode" would match Micro QR too, which misreads.
const OPTIONS = { formats: ["QRCodeModel2"], tryHarder: true, maxNumberOfSymbols: 1 };
const BINARIZERS = ["LocalAverage", "GlobalHistogram"];
let failed = 0;

self.addEventListener("message", async ({ data }) => {
  if (data.wasm) {
    const overrides = { locateFile: () => data.wasm };
    await prepareZXingModule({ overrides, fireImmediately: true });
    self.postMessage({ ready: true });
    return;
  }
  try {
    // A frame in which nothing was found is followed by one seen through the other binarizer.
    const [found] = await readBarcodes(data.picture, { ...OPTIONS, binarizer: BINARIZERS[failed % 2] });
    failed = found ? failed : failed + 1;
    self.postMessage({ text: found?.text || null });
  } catch (error) {
    self.postMessage({ text: null, error: String(error) });
  }
});
