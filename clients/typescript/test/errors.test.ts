// Each kind of error, made by a real server, and what the examples do about it.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { changeSupplier } from "../src/change_supplier.js";
import { mayBeRepeated } from "../src/connection.js";
import { type Problem, pauseFor, persist, problemOf, problemText } from "../src/errors.js";
import { Mutation_Operation, Registry } from "../src/gen/orewatch/registry/v1/registry_pb.js";
import { Mineral_Kind, type Supplier } from "../src/gen/orewatch/registry/v1/resources_pb.js";
import type { GrpcTransport } from "../src/grpc_transport.js";
import { freePort, runExample, Server } from "./suite.js";

const provenance = { source: "example", asOf: "2026" };
let suite: Server;
let transport: GrpcTransport;
let registry: Client<typeof Registry>;

before(async () => {
  suite = await Server.suiteWithFixture();
  transport = suite.connect();
  registry = createClient(Registry, transport);
});
after(async () => {
  transport.close();
  await suite.remove();
});

async function problemOfCall(call: () => Promise<unknown>): Promise<Problem> {
  try {
    await call();
  } catch (error) {
    assert(error instanceof ConnectError, String(error));
    return problemOf(error);
  }
  throw new Error("the call succeeded");
}

async function makeSupplier(supplierId: string): Promise<Supplier> {
  return await registry.createSupplier({ supplierId, supplier: { displayName: "Before", provenance } });
}

test("InvalidArgument names each field", async () => {
  const supplier = { displayName: "A\x01", provenance: { source: "example", asOf: "2026-13" } };
  const problem = await problemOfCall(() => registry.createSupplier({ supplierId: "two-errors", supplier }));
  assert.deepEqual([problem.code, problem.reason], [Code.InvalidArgument, "INVALID_FIELD"]);
  const fields = problem.violations.map(({ field }) => field);
  assert(fields.includes("supplier.display_name") && fields.includes("supplier.provenance.as_of"), fields.join());
  assert.match(problemText(problem), /\n {2}supplier\.provenance\.as_of: /);
});

test("NotFound says what is not there", async () => {
  const problem = await problemOfCall(() => registry.getSupplier({ name: "suppliers/nobody" }));
  assert.equal(problem.code, Code.NotFound);
  assert.notEqual(problem.reason, "");
  assert.match(problem.message, /suppliers\/nobody/);
});

test("AlreadyExists says which", async () => {
  await makeSupplier("taken");
  const problem = await problemOfCall(() => makeSupplier("taken"));
  assert.equal(problem.code, Code.AlreadyExists);
  assert.match(problem.message, /suppliers\/taken/);
});

test("FailedPrecondition says what must be put right", async () => {
  // Its production still refers to it.
  const problem = await problemOfCall(() => registry.deleteMineral({ name: "minerals/cobalt" }));
  assert.deepEqual([problem.code, problem.reason], [Code.FailedPrecondition, "STILL_REFERENCED"]);
});

test("Aborted reads again, and keeps what the other wrote", async () => {
  const { name } = await makeSupplier("changed-by-two");
  let attempts = 0;
  const changed = await changeSupplier(registry, name, async (supplier) => {
    attempts += 1;
    if (attempts === 1) {
      // Somebody else is faster.
      await changeSupplier(registry, name, (theirs) => {
        theirs.aliases.push("Theirs");
        return ["aliases"];
      });
    }
    supplier.displayName = "After";
    return ["display_name"];
  });
  assert.equal(attempts, 2);
  assert.deepEqual([changed.displayName, changed.aliases], ["After", ["Theirs"]]);
});

test("Aborted again and again gives up", async () => {
  const { name } = await makeSupplier("changed-by-many");
  let attempts = 0;
  const rename = (supplier: Supplier, displayName: string): string[] => {
    supplier.displayName = displayName;
    return ["display_name"];
  };
  const problem = await problemOfCall(() =>
    changeSupplier(registry, name, async (supplier) => {
      attempts += 1;
      await changeSupplier(registry, name, (theirs) => rename(theirs, `Theirs ${attempts}`));
      return rename(supplier, "Ours");
    }),
  );
  assert.deepEqual([problem.code, attempts], [Code.Aborted, 5]);
});

test("PermissionDenied tells the user whom to ask", async () => {
  const alice = suite.connect("alice");
  try {
    const visibility = { owner: "alice", readers: ["bob"] };
    const supplier = { displayName: "Hers", provenance, visibility };
    await createClient(Registry, alice).createSupplier({ supplierId: "of-alice", supplier });
  } finally {
    alice.close();
  }
  const flags = ["suppliers/of-alice", "His", "--address", suite.address, "--principal"];
  const refused = await runExample("rename_supplier", ...flags, "bob");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /PermissionDenied \(NOT_OWNER\).*\n.*ask its owner/);
  // For whoever may not read it there is none.
  assert.match((await runExample("rename_supplier", ...flags, "carol")).stderr, /NotFound/);
  assert.match((await runExample("rename_supplier", ...flags, "alice")).stdout, /is now "His"/);
});

test("OutOfRange says that there is no such revision", async () => {
  const flags = ["--min_revision", 1_000_000, "--address", suite.address];
  const refused = await runExample("rename_supplier", "suppliers/lynas", "Lynas", ...flags);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /OutOfRange \(REVISION_ABOVE_HEAD\).*\n.*ask without one/);
});

test("ResourceExhausted waits as long as it is told, and gives up after its patience", async () => {
  const small = await Server.make("orewatch-registry", (folder) => [`--data_dir=${folder}`, "--max_streams=1"]);
  const connection = small.connect();
  const calls: AbortController[] = [];
  try {
    const watched = createClient(Registry, connection);
    const value = { name: "minerals/cobalt", displayName: "Cobalt", kind: Mineral_Kind.ELEMENT, provenance };
    const entry = { value: { case: "mineral" as const, value } };
    await watched.applyChanges({ mutations: [{ operation: Mutation_Operation.CREATE, entry }] });
    const begin = async (): Promise<boolean> => {
      const call = new AbortController();
      calls.push(call);
      for await (const { changes } of watched.watch({}, { signal: call.signal })) {
        return changes.length > 0;
      }
      return false;
    };
    // Takes the room that there is.
    assert(await begin());

    const problem = await problemOfCall(() => persist(begin, { patienceMs: 3000, sleep: async () => {} }));
    assert.deepEqual([problem.code, problem.reason], [Code.ResourceExhausted, "TOO_MANY_STREAMS"]);
    assert((problem.retryMs ?? 0) > 0);

    const pauses: number[] = [];
    const sleep = async (ms: number): Promise<void> => {
      pauses.push(ms);
      calls[0]?.abort();
      await pauseFor(ms);
    };
    assert(await persist(begin, { sleep }));
    assert(pauses.length > 0 && pauses.every((ms) => ms > 0), pauses.join());
  } finally {
    for (const call of calls) {
      call.abort();
    }
    connection.close();
    await small.remove();
  }
});

test("DeadlineExceeded where no answer comes in time", async () => {
  const problem = await problemOfCall(() => registry.getHead({}, { timeoutMs: 0 }));
  assert.equal(problem.code, Code.DeadlineExceeded);
  // Not of orewatch's making.
  assert.equal(problem.reason, "");
});

test("Unavailable is told with what to do", async () => {
  const told = await runExample("list_risks", "--address", `127.0.0.1:${await freePort()}`);
  assert.equal(told.code, 1);
  assert.match(told.stderr, /Unavailable.*\n.*the server is away/);
});

test("a credential goes nowhere in the clear", async () => {
  const folder = mkdtempSync(join(tmpdir(), "orewatch-token-"));
  try {
    const token = join(folder, "token");
    writeFileSync(token, "secret");
    const told = await runExample("list_risks", "--address", "192.0.2.1:7100", "--token_file", token);
    assert.equal(told.code, 2);
    assert.match(told.stderr, /over TLS only/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("reads, and writes with a request_id, alone may be repeated", () => {
  const repeated = new Set(Registry.methods.filter(mayBeRepeated).map((method) => method.name));
  for (const name of ["GetSupplier", "ListSuppliers", "Search", "UpdateSupplier", "ApplyChanges"]) {
    assert(repeated.has(name), name);
  }
  for (const name of ["Import", "Watch", "Export", "Compact"]) {
    assert(!repeated.has(name), name);
  }
});
