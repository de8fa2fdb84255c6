// The asker's form: the photo is made small before it is sent, the position is told on a tap.

import { smaller } from "../shared/picture.js";
import { texts } from "../shared/texts.js";

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
