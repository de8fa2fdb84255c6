// "Nobody there": a photo of the closed door and a word, kept on the phone until they can be sent.

const LONGEST = 1600; // pixels of what is kept
const QUALITY = 0.8;
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
