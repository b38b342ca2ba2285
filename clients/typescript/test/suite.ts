// A server as an operator runs it: the real binary, with ports and databases of its own.
import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../src/connection.js";
import type { GrpcTransport } from "../src/grpc_transport.js";

const root = process.env.OREWATCH_ROOT ?? process.cwd();
const binaries = process.env.OREWATCH_BIN_DIR ?? join(root, "build/release/bin");
const examples = join(root, "build/clients/typescript/dist/src");
export const data = join(root, "clients/testdata");
export const PATIENCE_MS = 30_000;

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert(address !== null && typeof address === "object");
  server.close();
  await once(server, "close");
  return address.port;
}

// Waits for what must happen.
export async function eventually(what: string, happened: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUp = Date.now() + PATIENCE_MS; !(await happened()); ) {
    assert(Date.now() < giveUp, `${what} did not happen within ${PATIENCE_MS} ms`);
    // Polls a condition; nothing depends on how long this is.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// One binary. Its port stays the same over restarts.
export class Server {
  private process: ChildProcess | undefined;

  private constructor(
    private readonly binary: string,
    private readonly folder: string,
    private readonly flags: string[],
    private readonly adminPort: number,
    public address: string,
  ) {}

  static async make(binary: string, flags: (folder: string) => string[]): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), "orewatch-clients-"));
    const server = new Server(binary, folder, flags(folder), await freePort(), `127.0.0.1:${await freePort()}`);
    try {
      await server.start();
    } catch (error) {
      // Nobody else knows of it, and its log may say why.
      server.process?.kill("SIGKILL");
      throw error;
    }
    return server;
  }

  // All four services in one process, without data.
  static async suite(...flags: string[]): Promise<Server> {
    const rules = `--default_rules=${join(data, "rules.textproto")}`;
    return await Server.make("orewatch", (folder) => [`--data_dir=${folder}`, rules, ...flags]);
  }

  // The same with the entries of testdata/registry, all evaluated.
  static async suiteWithFixture(...flags: string[]): Promise<Server> {
    const server = await Server.suite(...flags);
    const done = await run(join(binaries, "orewatchctl"), [
      ...["--address", server.address, "import", "--atomic", join(data, "registry")],
    ]);
    assert.equal(done.code, 0, done.stderr);
    await eventually("evaluation", async () => {
      const revision = await server.metric("orewatch_registry_revision");
      return revision !== undefined && revision === (await server.metric("orewatch_alerting_applied_revision"));
    });
    return server;
  }

  async start(): Promise<void> {
    const log = openSync(join(this.folder, "log"), "a");
    // Nobody looks at readiness here before a stop.
    const ports = [`--address=${this.address}`, `--admin_address=127.0.0.1:${this.adminPort}`, "--drain_settle=0s"];
    const started = spawn(join(binaries, this.binary), [...this.flags, ...ports], { stdio: ["ignore", "ignore", log] });
    closeSync(log);
    this.process = started;
    await eventually(`readiness of ${this.binary} (${this.folder})`, async () => {
      assert.equal(started.exitCode, null, `${this.binary} stopped; its log is in ${this.folder}`);
      return (await this.adminPage("readyz")) !== undefined;
    });
  }

  async stop(): Promise<void> {
    if (this.process) {
      const exited = once(this.process, "exit");
      this.process.kill("SIGTERM");
      assert.deepEqual(await exited, [0, null]);
      this.process = undefined;
    }
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true });
  }

  connect(principal = ""): GrpcTransport {
    return connect({ address: this.address, deadlineMs: PATIENCE_MS, principal });
  }

  async metric(name: string): Promise<string | undefined> {
    const page = (await this.adminPage("metrics")) ?? "";
    return page
      .split("\n")
      .find((line) => line.startsWith(`${name} `))
      ?.split(" ")[1];
  }

  private async adminPage(path: string): Promise<string | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.adminPort}/${path}`);
      const body = await answer.text();
      return answer.ok ? body : undefined;
    } catch {
      return undefined;
    }
  }
}

export interface Done {
  code: number;
  stdout: string;
  stderr: string;
}

// Runs an example to its end.
export async function runExample(name: string, ...flags: (string | number)[]): Promise<Done> {
  return await run(process.execPath, [join(examples, `${name}.js`), ...flags.map(String)]);
}

export function startExample(name: string, ...flags: string[]): ChildProcess {
  return spawn(process.execPath, [join(examples, `${name}.js`), ...flags], { stdio: ["ignore", "pipe", "pipe"] });
}

async function run(program: string, flags: string[]): Promise<Done> {
  return await new Promise((resolve) => {
    const child = execFile(program, flags, { timeout: PATIENCE_MS }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
