import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";

import { type Row, readCsv } from "./csv.ts";

const run = promisify(execFile);

/** Name of the variable by which the tests find the folder they work in. */
export const WORKSHOP = "HONDANA_END2END";

/** How long a server may take until it answers, in milliseconds. The first one also compresses the browser's files. */
const START = 30_000;

/** How long a server may take to stop when it is told to, in milliseconds. */
const STOP = 15_000;

/** The program under test. */
export function program(): string {
  const target = process.env.CARGO_TARGET_DIR ?? path.join(import.meta.dirname, "../../target");
  return process.env.HONDANA_BIN ?? path.join(target, "release/hondana");
}

/** The folder of the demo library of which each server gets a copy. */
export function templateIn(workshop: string): string {
  return path.join(workshop, "template");
}

/** What the program finds in its environment: where its data are, and no settings of whoever runs the tests. */
export function environment(data: string, database?: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("HONDANA_"));
  return {
    ...Object.fromEntries(others),
    HONDANA_CONFIG: path.join(import.meta.dirname, "settings.toml"),
    HONDANA_DATA_DIR: data,
    HONDANA_ADDR: "127.0.0.1:0",
    ...(database === undefined ? {} : { HONDANA_DATABASE_URL: database }),
    RUST_LOG: "warn",
  };
}

/** How a server differs from the others. */
interface Special {
  moment?: Date | undefined;
  database?: string | undefined;
  settings?: string | undefined;
  named?: boolean | undefined;
}

/** A port nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

/** A server of its own, with a fresh copy of the demo library. */
export class Hondana {
  /** Whether it was ended by {@link kill}, as some tests leave it. */
  private wasKilled = false;

  private constructor(
    /** Where it answers, such as `http://127.0.0.1:41234`. */
    readonly address: string,
    private process: ChildProcess,
    private readonly data: string,
    private output: Output,
    private readonly clock: string,
    private readonly database?: string,
  ) {}

  /**
   * Starts one and waits until it is well. With a moment, it lives then and not now: see {@link goTo}. With the address
   * of an empty PostgreSQL database, the demo library is made there. With settings of its own it has those and not the
   * tests'. Named, it is reached as `localhost`, where browsers have passkeys, and knows that.
   */
  static async start({ moment, database, settings, named }: Special = {}): Promise<Hondana> {
    const workshop = process.env[WORKSHOP];
    if (workshop === undefined) throw new Error("the template was not made");
    const data = await mkdtemp(path.join(workshop, "server-"));
    const env = environment(data, database);
    let name: string | undefined;
    if (named === true) {
      const port = await freePort();
      name = `http://localhost:${port}`;
      const own = await readFile(path.join(import.meta.dirname, "settings.toml"), "utf8");
      await writeFile(path.join(data, "named.toml"), `${own}\n[library]\nweb_address = "${name}"\n`);
      env.HONDANA_CONFIG = path.join(data, "named.toml");
      env.HONDANA_ADDR = `127.0.0.1:${port}`;
    }
    if (database === undefined) {
      await cp(templateIn(workshop), data, { recursive: true });
    } else {
      for (const command of ["migrate", "demo"]) await run(program(), [command], { env });
    }
    const clock = path.join(data, "clock");
    if (moment !== undefined) await writeFile(clock, moment.toISOString());
    const options = moment === undefined ? [] : ["--clock-file", clock];
    const server = spawn(program(), ["serve", ...options], {
      env: { ...env, ...(settings === undefined ? {} : { HONDANA_CONFIG: settings }) },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const output = new Output(server);
    const address = await output.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
    const health = await fetch(`${address}/healthz`);
    if (!health.ok) throw new Error(`/healthz answered ${health.status}:\n${output.text}`);
    return new Hondana(name ?? address, server, data, output, clock, database);
  }

  /** Goes to another moment, and does the work of that day. */
  async goTo(moment: Date): Promise<void> {
    // Never half written: the server may look at any time.
    await writeFile(`${this.clock}.new`, moment.toISOString());
    await rename(`${this.clock}.new`, this.clock);
    // Once: the server looks every half minute whether the day's work is to be done, and would do it again in the midst of
    // a test.
    await this.command("daily", "--once", "--clock-file", this.clock);
  }

  /** Runs a command of the program beside the server, and answers what it says. It throws when the program is not content. */
  async command(...words: string[]): Promise<string> {
    const { stdout } = await run(program(), words, { env: environment(this.data, this.database) });
    return stdout;
  }

  /** What the database holds of one kind, as `hondana export` writes it. */
  async exported(kind: "items" | "patrons" | "loans" | "reservations" | "titles"): Promise<Row[]> {
    const folder = await mkdtemp(path.join(this.data, "export-"));
    await this.command("export", path.join(folder, "files"));
    return readCsv(await readFile(path.join(folder, "files", `${kind}.csv`), "utf8"));
  }

  /** The file of its database. */
  get file(): string {
    return path.join(this.data, "hondana.db");
  }

  /** Kills it, as a power cut would. */
  async kill(): Promise<void> {
    const exited = once(this.process, "exit");
    this.wasKilled = true;
    this.process.kill("SIGKILL");
    await exited;
  }

  /** Starts it again after {@link kill}, at the same address; or another build of it. */
  async revive(build = program()): Promise<void> {
    const env = { ...environment(this.data, this.database), HONDANA_ADDR: new URL(this.address).host };
    this.process = spawn(build, ["serve"], { env, stdio: ["ignore", "ignore", "pipe"] });
    this.wasKilled = false;
    this.output = new Output(this.process);
    await this.output.waitFor(/http:\/\/127\.0\.0\.1:\d+/);
  }

  /** Lines of the log that tell of a failure of the program. */
  failures(): string[] {
    return this.output.text.split("\n").filter((line) => line.includes(" ERROR ") || line.includes("panicked"));
  }

  /** Stops it as an operator would, and clears its data away. */
  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, "exit");
      this.process.kill("SIGTERM");
      const tooLong = setTimeout(() => this.process.kill("SIGKILL"), STOP);
      await exited;
      clearTimeout(tooLong);
    }
    await rm(this.data, { recursive: true, force: true });
    if (this.process.exitCode !== 0 && !this.wasKilled) {
      throw new Error(
        `the server ended with ${this.process.exitCode ?? this.process.signalCode}:\n${this.output.text}`,
      );
    }
  }
}

/** What a server writes to its standard error. */
class Output {
  text = "";

  constructor(private readonly process: ChildProcess) {
    process.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      this.text += stripVTControlCharacters(piece);
    });
  }

  /** Waits until something like this was written. */
  async waitFor(wanted: RegExp): Promise<string> {
    const late = Date.now() + START;
    for (;;) {
      const found = wanted.exec(this.text);
      if (found !== null) return found[0];
      if (this.process.exitCode !== null) throw new Error(`the server did not start:\n${this.text}`);
      if (Date.now() > late) throw new Error(`the server took too long to start:\n${this.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
