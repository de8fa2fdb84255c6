// The asker's form: the photo is made small before it is sent, the position is told on a tap.

import { texts } from "../shared/texts.js";

const LONGEST = 1600; // pixels of what is sent
const QUALITY = 0.8;
const PATIENCE = 10000; // ms for a position
const words = texts();
const at = (id) => document.getElementById(id);

at("photo").addEventListener("change", async () => {
  const input = at("photo");
  const [file] = input.files;
  at("photo-told").textContent = "";
  if (!file) return;
  try {
    const list = new DataTransfer();
    list.items.add(new File([await smaller(file)], "photo.jpg", { type: "image/jpeg" }));
    input.files = list.files;
    at("photo-told").textContent = words.photo_ready;
  } catch {
    input.value = "";
    at("photo-told").textContent = words.photo_bad;
  }
});

if (navigator.geolocation) {
  document.querySelector(".pickup-spot").hidden = false;
  at("locate").addEventListener("click", () => {
    at("located").textContent = words.locating;
    const options = { enableHighAccuracy: true, timeout: PATIENCE };
    navigator.geolocation.getCurrentPosition(located, () => (at("located").textContent = words.not_located), options);
  });
}

function located({ coords }) {
  at("latitude").value = coords.latitude;
  at("longitude").value = coords.longitude;
  at("located").textContent = words.located;
}

// At most 1600 pixels wide or high, as the phone's camera turned it, without its metadata.
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", QUALITY));
}
