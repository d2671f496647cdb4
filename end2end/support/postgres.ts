import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import path from "node:path";

const SCRIPT = path.join(import.meta.dirname, "../../scripts/postgres.sh");

/** A PostgreSQL server of its own that keeps what it acknowledged. */
export interface Postgres {
  /** The address of its empty database. */
  readonly address: string;
  stop(): Promise<void>;
}

export async function startPostgres(): Promise<Postgres> {
  const port = await freePort();
  const server = spawn(SCRIPT, [String(port), "on"], { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(server, "exit");
  const said = await Promise.race([once(server.stdout, "data").then(String), exited.then(() => "")]);
  if (said.trim() !== "ready") throw new Error("PostgreSQL did not start");
  return {
    address: `postgres://hondana@127.0.0.1:${port}/postgres`,
    stop: async () => {
      server.stdin.end();
      await exited;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
