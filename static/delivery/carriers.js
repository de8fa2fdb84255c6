// The bags and crates this tablet knows, kept on it: told apart without a network too.

const KEPT = { bags: "delivery.bags", stock: "delivery.stock" };
const MOST = 2000;

const read = (name) => new Set(JSON.parse(localStorage.getItem(KEPT[name]) ?? "[]"));

export function makeCarriers() {
  const known = { bags: read("bags"), stock: read("stock") };
  const keep = (name) => localStorage.setItem(KEPT[name], JSON.stringify([...known[name]].slice(-MOST)));

  // Whatever was a bag once stays one: a second bag is another order.
  function learn(codes) {
    for (const code of codes) known.bags.add(code);
    keep("bags");
  }

  return {
    isBag: (code) => known.bags.has(code),
    isStock: (code) => known.stock.has(code),
    learn,

    // The day as it was told: a crate of stock is one until it is told to be empty.
    renew({ bags, stock }) {
      learn(bags);
      known.stock = new Set(stock);
      keep("stock");
    },
  };
}
