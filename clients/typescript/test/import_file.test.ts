import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { createClient } from "@connectrpc/connect";
import { Registry } from "../src/gen/orewatch/registry/v1/registry_pb.js";
import { readRows } from "../src/production_rows.js";
import { data, runExample, Server } from "./suite.js";

const good = join(data, "good.csv");
let server: Server;
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "orewatch-import-"));
  server = await Server.suiteWithFixture();
});
after(async () => {
  rmSync(folder, { recursive: true });
  await server.remove();
});

// The good file with something else in it.
function variant(name: string, from: string, to: string): string {
  const file = join(folder, name);
  writeFileSync(file, readFileSync(good, "utf8").replaceAll(from, to));
  return file;
}

async function head(): Promise<bigint> {
  const transport = server.connect();
  try {
    return (await createClient(Registry, transport).getHead({})).revision?.number ?? 0n;
  } finally {
    transport.close();
  }
}

test("every rejected row is reported, and nothing is imported", async () => {
  const begin = await head();
  const done = await runExample("import_file", join(data, "bad.csv"), "--address", server.address);
  assert.equal(done.code, 1, done.stderr);
  const lines = done.stdout.split("\n");
  assert.match(lines[0] ?? "", /^bad\.csv:3: .*unobtainium/);
  assert.match(lines[1] ?? "", /^bad\.csv:4: .*tonnes/);
  assert.equal(lines[2], "bad.csv:5: quantity_tonnes: 'many' cannot be read");
  assert.equal(lines[3], "3 rows rejected, so nothing was imported");
  assert.equal(await head(), begin);
});

test("a run with the same request_id has no effect a second time, and with other rows is refused", async () => {
  const begin = await head();
  const first = await runExample("import_file", good, "--address", server.address, "--request_id", "once");
  const second = await runExample("import_file", good, "--address", server.address, "--request_id", "once");
  assert.equal(first.stdout, `created 2, updated 0, unchanged 0 (revision ${begin + 1n})\n`);
  // Not "unchanged 2": it is the first answer.
  assert.equal(second.stdout, first.stdout);
  assert.equal(await head(), begin + 1n);

  const other = variant("other.csv", ",80,", ",81,");
  const refused = await runExample("import_file", other, "--address", server.address, "--request_id", "once");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /InvalidArgument.*\n *request_id/);
});

test("an import outlasts a restart of the server", async () => {
  const begin = await head();
  await server.stop();
  const file = variant("of-this-test.csv", "example-2026", "of-this-test");
  const importing = runExample("import_file", file, "--address", server.address);
  await server.start();
  assert.equal((await importing).stdout, `created 2, updated 0, unchanged 0 (revision ${begin + 1n})\n`);
});

test("a file without a column is refused before anything is sent", () => {
  const text = "mineral,stage,country\ncobalt,mine,CD\n";
  assert.throws(() => readRows("short.csv", text), /no column year, quantity_tonnes, basis, scope, product/);
});

test("a figure that is left out is not zero", () => {
  const { rows, unreadable } = readRows("some.csv", readFileSync(good, "utf8").replace(",80,", ",,"));
  assert.equal(rows.length, 1);
  assert.deepEqual(
    unreadable.map(({ line, field }) => [line, field]),
    [[2n, "quantity_tonnes"]],
  );
});
