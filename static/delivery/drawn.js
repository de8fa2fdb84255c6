// The order at the pass and the day's orders, drawn.

import { groupCode } from "../shared/scan/codes.js";
import { block, text } from "../shared/scan/results.js";

const at = (id) => document.getElementById(id);
export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

// onOut(piece), onOrder(order), onAnnounced(order).
export function makeDrawn({ words, names, clock, onOut, onOrder, onAnnounced }) {
  function drawOrder({ order, inside }) {
    at("order-name").textContent = order.number ? fill(words.order_number, order) : inside.length ? words.order_open : words.order_new;
    at("order-told").textContent = inside.length ? fill(words.order_pieces, { n: inside.length }) : "";
    const shown = order.pieces.filter(({ state }) => state !== "out");
    at("pieces").replaceChildren(...shown.map(pieceRow));
    at("no-pieces").hidden = shown.length > 0;
    at("do-next").disabled = !inside.length;
    at("do-undo").disabled = !inside.length;
  }

  function pieceRow(piece) {
    const row = document.createElement("li");
    const name = piece.bag ? words.piece_bag : (names[piece.kind] ?? groupCode(piece.code));
    const more = [piece.carried ? fill(words.piece_with, { n: piece.carried }) : "", { kept: words.piece_saved, refused: words.piece_refused }[piece.state] ?? ""];
    row.classList.toggle("is-refused", piece.state === "refused");
    row.append(block("words", [text("strong", name), ...(name === groupCode(piece.code) ? [] : [text("span", groupCode(piece.code), "code")]), text("span", more.filter(Boolean).join(" · "))]));
    if (piece.state !== "refused") row.append(button(words.take_out, `${words.take_out}: ${name} ${groupCode(piece.code)}`, () => onOut(piece)));
    return row;
  }

  function drawDay({ orders, announced, kinds }) {
    at("sum-orders").textContent = orders.length;
    at("sum-unnumbered").textContent = orders.filter(isUnnumbered).length;
    at("sum-fit").textContent = kinds.reduce((sum, { fit }) => sum + fit, 0);
    const first = [...orders.filter(isUnnumbered), ...orders.filter((one) => !isUnnumbered(one))];
    at("orders").replaceChildren(...first.map(orderRow));
    at("no-orders").hidden = orders.length > 0;
    at("announced-box").hidden = announced.length === 0;
    at("announced").replaceChildren(...announced.filter(({ number }) => number).map((one) => button(one.number, "", () => onAnnounced(one))));
  }

  const isUnnumbered = ({ number, status }) => !number && !["single_use", "cancelled"].includes(status);

  function orderRow(order) {
    const row = document.createElement("li");
    const tap = button("", "", () => onOrder(order));
    tap.className = `pack-crate${isUnnumbered(order) ? " is-unnumbered" : ""}`;
    const single = order.status === "single_use";
    const told = single ? "" : ` · ${fill(words.line_pieces, { n: order.pieces })}`;
    tap.replaceChildren(text("strong", order.number ?? (single ? words.single_word : words.no_number)), text("span", `${clock(order.at)}${told}`));
    if (!isUnnumbered(order)) tap.disabled = true;
    row.append(tap);
    return row;
  }

  function button(words_, label, act) {
    const made = text("button", words_, "btn");
    made.type = "button";
    if (label) made.setAttribute("aria-label", label);
    made.addEventListener("click", () => (made.blur(), act()));
    return made;
  }

  return { drawOrder, drawDay };
}
