// The page's texts in its language, from the data block that `ui.texts({…})` wrote.

export function texts(id = "texts") {
  const block = document.getElementById(id);
  return block ? JSON.parse(block.textContent) : {};
}
