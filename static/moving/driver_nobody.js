// "Nobody there": a photo of the closed door and a word, kept on the phone until they can be sent.

import { smaller } from "../shared/picture.js";

const at = (id) => document.getElementById(id);

// onTold({note, photo}): photo is a JPEG (Blob) or null.
export function makeNobody({ words, onTold }) {
  let photo = null;

  function drop() {
    if (at("still").src) URL.revokeObjectURL(at("still").src);
    photo = null;
    at("still").hidden = true;
    at("still").removeAttribute("src");
    at("photo-words").textContent = words.photo_take;
  }

  async function shoot() {
    const [file] = at("photo").files;
    if (!file) return;
    at("photo-told").textContent = "";
    const small = await smaller(file).catch(() => null);
    at("photo").value = "";
    if (!small) {
      at("photo-told").textContent = words.photo_bad;
      return;
    }
    drop();
    photo = small;
    at("still").src = URL.createObjectURL(photo);
    at("still").hidden = false;
    at("photo-words").textContent = words.photo_again;
  }

  at("photo").addEventListener("change", shoot);
  at("nobody-go").addEventListener("click", () => {
    const told = { note: at("nobody-note").value.trim(), photo };
    at("nobody").close();
    onTold(told);
  });
  at("nobody-back").addEventListener("click", () => at("nobody").close());

  return {
    ask(place, { title, after }) {
      drop();
      at("nobody-title").textContent = title;
      at("nobody-after").textContent = after;
      at("nobody-note").value = "";
      at("photo-told").textContent = "";
      at("nobody-place").textContent = place;
      at("nobody").showModal();
    },
  };
}
