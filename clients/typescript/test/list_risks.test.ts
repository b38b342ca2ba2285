import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { ScoreSchema } from "../src/gen/orewatch/risk/v1/score_pb.js";
import { valueText } from "../src/risks.js";
import { freePort, runExample, Server } from "./suite.js";

let suite: Server;
before(async () => {
  suite = await Server.suiteWithFixture();
});
after(() => suite.remove());

test("the worst comes first, with stage and top country", async () => {
  const shown = await runExample("list_risks", "--address", suite.address);
  assert.equal(shown.code, 0, shown.stderr);
  const words = shown.stdout.split("\n").map((line) => line.trim().split(/\s+/));
  assert.deepEqual(words[1], ["1", "Gallium", "process", "9608", "severe", "CN", "98.0%", "COMPLETE"]);
  assert.deepEqual(
    words.slice(1, 4).map((cells) => cells[1]),
    ["Gallium", "Cobalt", "Lithium"],
  );
});

test("a withheld figure shows as an upper bound that nobody knows", async () => {
  const { stdout } = await runExample("list_risks", "--address", suite.address);
  const lithium = stdout.split("\n").find((line) => line.includes("Lithium")) ?? "";
  assert.match(lithium, /, \?\].*unknown.*INCOMPLETE: WITHHELD:US/);
});

test("a mineral without a score is named, whatever the limit", async () => {
  const { stdout } = await runExample("list_risks", "--address", suite.address, "--limit", 1);
  assert.doesNotMatch(stdout, /Cobalt/);
  assert.match(stdout, /Unknown, which is not safe: Scandium/);
});

test("no value is not zero", () => {
  assert.equal(valueText(create(ScoreSchema)), "?");
});

test("a section that is missing is told, and fails the program", async () => {
  const nobody = await freePort();
  const gateway = await Server.make("orewatch-gateway", () => [
    `--registry_address=${suite.address}`,
    `--risk_address=127.0.0.1:${nobody}`,
    `--alerting_address=${suite.address}`,
  ]);
  try {
    const shown = await runExample("list_risks", "--address", gateway.address);
    assert.equal(shown.code, 3);
    assert.match(shown.stderr, /risk is UNAVAILABLE/);
    assert.doesNotMatch(shown.stderr, /alerting is/);
  } finally {
    await gateway.remove();
  }
});

test("a list that nothing is on is not a world without risk", async () => {
  const shown = await runExample("list_risks", "--address", suite.address, "--list", "US_2052");
  assert.equal(shown.code, 1);
  assert.match(shown.stderr, /InvalidArgument.*\n *critical_list: /);
});
