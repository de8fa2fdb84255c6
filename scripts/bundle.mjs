// Bundles static/<package>/*.entry.{js,css} into static/build with a hash in each name, copies
// pictures, sounds, fonts and the QR reader beside them, and writes manifest.json (name → file).

import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { build } from "esbuild";

const OUT = "static/build";
const COPIED = new Set([".svg", ".png", ".wav", ".mp3"]);
const PARTS = {
  "shared/PretendardGOV-Regular.woff2": "node_modules/krds-uiux/resources/fonts/PretendardGOV-Regular.subset.woff2",
  "shared/PretendardGOV-Bold.woff2": "node_modules/krds-uiux/resources/fonts/PretendardGOV-Bold.subset.woff2",
  "shared/zxing_reader.wasm": "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm",
};

// 1. What stands in static/, apart from what was built.
const sources = (await readdir("static", { recursive: true }))
  .filter((path) => !path.startsWith("build"))
  .sort();
const entries = sources.filter((path) => /\.entry\.(js|css)$/.test(path));
const copied = sources.filter((path) => COPIED.has(extname(path)));

await mkdir(OUT, { recursive: true });
const fresh = await mkdtemp(`${OUT}/.fresh-`);
const manifest = {};

try {
  // 2. Copy first: styles name their fonts by the address with the hash.
  for (const path of copied) await keep(path, await readFile(join("static", path)));
  for (const [name, path] of Object.entries(PARTS)) await keep(name, await readFile(path));

  // 3. Bundle the scripts and styles.
  const result = await build({
    entryPoints: entries.map((path) => join("static", path)),
    outbase: "static",
    outdir: "out",
    bundle: true,
    minify: true,
    format: "esm",
    target: ["es2022", "chrome109", "safari16", "firefox115"],
    write: false,
    charset: "utf8",
    legalComments: "none",
    external: ["built:*"],
    logLevel: "warning",
  });
  for (const file of result.outputFiles) {
    const name = file.path.slice(file.path.indexOf("/out/") + 5).replace(".entry.", ".");
    const text = name.endsWith(".css") ? withFonts(withoutIdleTokens(file.text)) : file.text;
    await keep(name, Buffer.from(text));
  }

  // 4. Put the files in place, the list of names last, and drop what no list names any more.
  await cp(fresh, OUT, { recursive: true });
  await writeFile(`${OUT}/manifest.json.new`, JSON.stringify(manifest, null, 1));
  await rename(`${OUT}/manifest.json.new`, `${OUT}/manifest.json`);
} finally {
  await rm(fresh, { recursive: true, force: true });
}
const wanted = new Set(Object.values(manifest));
for (const path of await readdir(OUT, { recursive: true })) {
  if (/-[0-9a-f]{10}\.[a-z0-9]+$/.test(path) && !wanted.has(path)) await rm(join(OUT, path));
}
console.log(`build_static: ${wanted.size} files in ${OUT}`);

async function keep(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 10);
  const extension = extname(name);
  const file = join(dirname(name), `${basename(name, extension)}-${hash}${extension}`);
  await mkdir(dirname(join(fresh, file)), { recursive: true });
  await writeFile(join(fresh, file), content);
  manifest[name] = file;
}

function withFonts(css) {
  return css.replace(/built:([\w./-]+)/g, (_, name) => `/static/build/${manifest[name]}`);
}

// KRDS names some 700 tokens; only those that a rule or a used token refers to are kept.
function withoutIdleTokens(css) {
  const declaration = /(--krds-[\w-]+):([^;}]*);?/g;
  const tokens = new Map([...css.matchAll(declaration)].map(([, name, value]) => [name, value]));
  const rest = css.replace(declaration, "");
  const used = new Set();
  const visit = (text) => {
    for (const [, name] of text.matchAll(/var\((--krds-[\w-]+)/g)) {
      if (!used.has(name)) {
        used.add(name);
        visit(tokens.get(name) ?? "");
      }
    }
  };
  visit(rest);
  return css.replace(declaration, (whole, name) => (used.has(name) ? whole : ""));
}
