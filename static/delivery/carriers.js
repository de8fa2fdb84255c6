// The bags and crates this tablet knows, kept with its records: told apart without a network too.

const KEPT = { bags: "delivery.bags", stock: "delivery.stock" };
const MOST = 2000;

export async function openCarriers({ db }) {
  const read = async (name) => new Set((await db.get("kept", KEPT[name]).catch(() => null)) ?? []);
  const known = { bags: await read("bags"), stock: await read("stock") };
  // On a full disk they are known until the page ends.
  const keep = (name) => db.put("kept", [...known[name]].slice(-MOST), KEPT[name]).catch(() => {});

  // Whatever was a bag once stays one: a second bag is another order.
  function learn(codes) {
    for (const code of codes) known.bags.add(code);
    return keep("bags");
  }

  return {
    isBag: (code) => known.bags.has(code),
    isStock: (code) => known.stock.has(code),
    learn,

    // The day as it was told: a crate of stock is one until it is told to be empty. Resolves once
    // it is kept.
    renew({ bags, stock }) {
      known.stock = new Set(stock);
      return Promise.all([learn(bags), keep("stock")]);
    },
  };
}
