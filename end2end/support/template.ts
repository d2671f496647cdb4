import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

import { WORKSHOP, environment, program, templateIn } from "./hondana.ts";

/** Makes the demo library once; every test gets a copy of it. What this answers is called after the last test. */
export default async function makeTemplate(): Promise<() => Promise<void>> {
  const workshop = await mkdtemp(path.join(tmpdir(), "hondana-end2end-"));
  const template = templateIn(workshop);
  await mkdir(template);
  await promisify(execFile)(program(), ["demo"], { env: environment(template) });
  process.env[WORKSHOP] = workshop;
  return () => rm(workshop, { recursive: true, force: true });
}
