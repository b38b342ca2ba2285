// Credentials that are refused, and those that are renewed.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { connect } from "../src/connection.js";
import { persist, problemOf } from "../src/errors.js";
import { Registry } from "../src/gen/orewatch/registry/v1/registry_pb.js";
import { data, PATIENCE_MS, runExample, Server } from "./suite.js";

let folder: string;
let keyFile: string;
let server: Server;
let right: string;

// A key, and its entry in the access file.
function makeKey(principal: string): { key: string; entry: string } {
  const secret = randomBytes(32).toString("base64url");
  const digest = createHash("sha256").update(secret).digest("hex");
  const grant = `grant { principal: "${principal}" role: ROLE_VIEWER }`;
  return {
    key: `ow_${principal}_${secret}`,
    entry: `keys { id: "${principal}" secret_sha256: "${digest}" ${grant} }\n`,
  };
}

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "orewatch-keys-"));
  keyFile = join(folder, "key");
  const { key, entry } = makeKey("reader");
  right = key;
  writeFileSync(join(folder, "access.textproto"), entry);
  server = await Server.suite(`--access_file=${join(folder, "access.textproto")}`);
});
after(async () => {
  await server?.remove();
  rmSync(folder, { recursive: true });
});

// The head of the registry, with the key of the file; `beforeAttempt` is told the number of each.
async function headWithKeyFile(beforeAttempt: (attempt: number) => void): Promise<unknown> {
  const transport = connect({
    address: server.address,
    deadlineMs: PATIENCE_MS,
    credential: async () => ["x-api-key", (await readFile(keyFile, "utf8")).trim()],
  });
  try {
    let attempts = 0;
    return await persist(() => {
      attempts += 1;
      beforeAttempt(attempts);
      return createClient(Registry, transport).getHead({});
    });
  } finally {
    transport.close();
  }
}

test("a call without a credential is unauthenticated", async () => {
  const refused = await runExample("list_risks", "--address", server.address);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /Unauthenticated \(NO_CREDENTIAL\).*\n.*get a new one/);
});

test("a key that is replaced meanwhile is read again", async () => {
  writeFileSync(keyFile, makeKey("reader").key);
  const attempts: number[] = [];
  await headWithKeyFile((attempt) => {
    attempts.push(attempt);
    if (attempt === 2) {
      // Whoever looks after the file has put the right one there.
      writeFileSync(keyFile, `${right}\n`);
    }
  });
  assert.deepEqual(attempts, [1, 2]);
});

test("a key that is wrong twice is wrong", async () => {
  writeFileSync(keyFile, makeKey("reader").key);
  const attempts: number[] = [];
  await assert.rejects(
    headWithKeyFile((attempt) => attempts.push(attempt)),
    (error) => {
      assert(error instanceof ConnectError);
      const { code, reason } = problemOf(error);
      assert.deepEqual([code, reason], [Code.Unauthenticated, "BAD_KEY"]);
      return true;
    },
  );
  assert.deepEqual(attempts, [1, 2]);
});

test("a viewer may not write", async () => {
  writeFileSync(keyFile, right);
  const refused = await runExample(
    "import_file",
    join(data, "good.csv"),
    ...["--address", server.address, "--api_key_file", keyFile],
  );
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /PermissionDenied \(ROLE_MISSING\).*ROLE_OPERATOR/);
});
