import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { follow, now } from "../src/alert_feed.js";
import { AlertState } from "../src/gen/orewatch/alerting/v1/alert_pb.js";
import { Alerting } from "../src/gen/orewatch/alerting/v1/alerting_pb.js";
import { Mutation_Operation, Registry } from "../src/gen/orewatch/registry/v1/registry_pb.js";
import { Basis, Stage } from "../src/gen/orewatch/type/v1/types_pb.js";
import type { GrpcTransport } from "../src/grpc_transport.js";
import { eventually, freePort, PATIENCE_MS, Server, startExample } from "./suite.js";

let server: Server;
let folder: string;
let bookmark: string;
let watchers: Watcher[];

before(async () => {
  server = await Server.suiteWithFixture();
});
after(() => server.remove());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orewatch-bookmark-"));
  bookmark = join(folder, "bookmark");
  watchers = [];
});

afterEach(async () => {
  for (const watcher of watchers) {
    await watcher.stop();
  }
  rmSync(folder, { recursive: true });
});

// The program, and the lines that it has printed.
class Watcher {
  readonly lines: string[] = [];
  readonly errors: string[] = [];

  private constructor(private readonly process: ChildProcess) {
    assert(process.stdout && process.stderr);
    createInterface(process.stdout).on("line", (line) => this.lines.push(line));
    createInterface(process.stderr).on("line", (line) => this.errors.push(line));
  }

  static async start(): Promise<Watcher> {
    const watcher = new Watcher(startExample("watch_alerts", "--address", server.address, "--bookmark", bookmark));
    watchers.push(watcher);
    await eventually("the begin of the watch", () => watcher.errors.some((line) => line.includes("watching after")));
    return watcher;
  }

  sequences(): bigint[] {
    return this.lines.map((line) => BigInt(line.split(" ")[0] ?? ""));
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const closed = once(this.process, "close");
      this.process.kill("SIGKILL");
      await closed;
    }
  }
}

async function connected<Result>(use: (transport: GrpcTransport) => Promise<Result>): Promise<Result> {
  const transport = server.connect();
  try {
    return await use(transport);
  } finally {
    transport.close();
  }
}

// What the Congo mines of cobalt; returns the revision.
async function mine(transport: GrpcTransport, tonnes: number): Promise<bigint> {
  const production = { mineral: "minerals/cobalt", stage: Stage.MINE, country: "CD", product: "cobalt" };
  const value = {
    dataset: "example-2026",
    year: 2024,
    series: { case: "production" as const, value: production },
    quantity: { value: { case: "tonnes" as const, value: tonnes }, basis: Basis.CONTAINED, scope: "cobalt content" },
    provenance: { source: "example" },
  };
  const entry = { value: { case: "statistic" as const, value } };
  const mutations = [{ operation: Mutation_Operation.UPDATE, entry, allowMissing: true }];
  const { revision } = await createClient(Registry, transport).applyChanges({ mutations });
  return revision?.number ?? 0n;
}

// Two events at least: one country mines nearly all, then no longer.
async function raiseAndResolve(): Promise<void> {
  await connected(async (transport) => {
    for (const [tonnes, state] of [
      [10_000, AlertState.FIRING],
      [60, AlertState.RESOLVED],
    ] as const) {
      const minRevision = await mine(transport, tonnes);
      const { alerts } = await createClient(Alerting, transport).listAlerts({
        subject: "minerals/cobalt",
        minRevision,
      });
      assert.deepEqual(
        alerts.map((alert) => alert.state),
        [state],
      );
    }
  });
}

async function lastSequence(): Promise<bigint> {
  return await connected(async (transport) => (await now(createClient(Alerting, transport))).sequence);
}

// What a reader of the whole history is sent.
async function sequencesAfter(begin: bigint): Promise<bigint[]> {
  return await connected(async (transport) => {
    const sequences: bigint[] = [];
    for await (const message of createClient(Alerting, transport).watchAlerts({}, { timeoutMs: PATIENCE_MS })) {
      if (message.bookmark) {
        return sequences.filter((sequence) => sequence > begin);
      }
      sequences.push(message.event?.sequence ?? 0n);
    }
    throw new Error("the watch has ended");
  });
}

async function isTold(watcher: Watcher): Promise<boolean> {
  return watcher.sequences().at(-1) === (await lastSequence());
}

test("nothing is missed or told twice over restarts of the server", async () => {
  const begin = await lastSequence();
  const watcher = await Watcher.start();
  await raiseAndResolve();
  await eventually("the first alert", () => isTold(watcher));

  // What happens while the watcher cannot reach the server: it runs elsewhere for a time.
  await server.stop();
  const usual = server.address;
  server.address = `127.0.0.1:${await freePort()}`;
  await server.start();
  await raiseAndResolve();
  await server.stop();
  server.address = usual;
  await server.start();

  await raiseAndResolve();
  await eventually("the last alert", () => isTold(watcher));
  const happened = await sequencesAfter(begin);
  assert(happened.length >= 6);
  assert.deepEqual(watcher.sequences(), happened);
  assert(watcher.errors.some((line) => /reconnecting.*Unavailable/.test(line)));
  assert(watcher.lines.some((line) => /-> FIRING.*cobalt/.test(line)));
});

test("a program that was killed goes on from its bookmark", async () => {
  const begin = await lastSequence();
  const first = await Watcher.start();
  await raiseAndResolve();
  const last = String(await lastSequence());
  await eventually("the bookmark", () => JSON.parse(readFileSync(bookmark, "utf8")).sequence === last);
  await first.stop();
  await raiseAndResolve();
  const second = await Watcher.start();
  await eventually("the missed alert", () => isTold(second));
  assert.deepEqual([...first.sequences(), ...second.sequences()], await sequencesAfter(begin));
});

test("a bookmark of another history begins anew and says so", async () => {
  await connected(async (transport) => {
    const alerting = createClient(Alerting, transport);
    const step = await follow(alerting, { lineage: "of-another-history", sequence: 1n }).next();
    assert.deepEqual(step.value, { bookmark: await now(alerting), restarted: true });
  });
});

test("a number that nobody has reached begins anew and says so", async () => {
  await connected(async (transport) => {
    const alerting = createClient(Alerting, transport);
    const { lineage, sequence } = await now(alerting);
    const step = await follow(alerting, { lineage, sequence: sequence + 1000n }).next();
    assert.deepEqual(step.value, { bookmark: { lineage, sequence }, restarted: true });
  });
});
