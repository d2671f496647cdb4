import { copyFile, cp, mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { program } from "./hondana.ts";

/** What the style sheet of the other build says of itself. */
export const OTHER = "--other-build: 1";

/**
 * Makes in a folder what the next build would be: the same program with another style sheet and another list of its pieces.
 * The pieces and the program's first file keep their names, whatever they contain: the tool that builds them writes the
 * list's name into them after it has named them. Answers where the program is.
 */
export async function otherBuild(folder: string): Promise<string> {
  const beside = path.dirname(program());
  const site = [path.join(beside, "site"), path.join(beside, "../site")];
  await mkdir(path.join(folder, "release"), { recursive: true });
  const other = path.join(folder, "release", path.basename(program()));
  await copyFile(program(), other);
  for (const from of site) await cp(from, path.join(folder, "site"), { recursive: true }).catch(() => undefined);
  const pkg = path.join(folder, "site/pkg");
  for (const name of await readdir(pkg)) if (/\.(br|gz)$/.test(name)) await rm(path.join(pkg, name));

  const hashes = await readFile(path.join(beside, "hash.txt"), "utf8");
  const renamed = new Map(
    Array.from(hashes.matchAll(/^(?:css|split): ([\w-]+)/gm), ([, hash = ""]) => hash).map((hash) => [
      hash,
      (hash.startsWith("A") ? "B" : "A") + hash.slice(1),
    ]),
  );
  const told = (text: string) => [...renamed].reduce((text, [hash, other]) => text.replaceAll(hash, other), text);
  await writeFile(path.join(folder, "release/hash.txt"), told(hashes));
  for (const name of await readdir(pkg)) {
    const file = path.join(pkg, name);
    // The program names its parts too; a hash is as long as another, so that nothing in it moves.
    if (/\.(js|json|wasm)$/.test(name)) await writeFile(file, told(await readFile(file, "latin1")), "latin1");
    if (name.endsWith(".css")) await writeFile(file, `${await readFile(file, "utf8")}\n:root{${OTHER}}\n`);
    await rename(file, path.join(pkg, told(name)));
  }
  const worker = path.join(folder, "site/sw.js");
  await writeFile(worker, `${await readFile(worker, "utf8")}\n// Another build.\n`);
  return other;
}
