// Imports figures of production from a CSV file, all of them or none, and reports every row that is not taken.
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { connect } from "./connection.js";
import { persist, run } from "./errors.js";
import { parse } from "./flags.js";
import {
  type ImportRequest_Row,
  type ImportRequestSchema,
  type ImportResponse,
  type ImportResponse_Rejection,
  Registry,
} from "./gen/orewatch/registry/v1/registry_pb.js";
import { readRows } from "./production_rows.js";

const USAGE = `usage: import_file.js [flags] FILE
  FILE             columns mineral, stage, country, year, quantity_tonnes, basis, scope, product, dataset, source
  --request_id     of a run whose answer was lost: has no effect a second time`;

const ROWS_A_MESSAGE = 1000;
const DEADLINE_MS = 300_000;

interface Mode {
  requestId: string;
  validateOnly: boolean;
}

async function* messages(
  rows: ImportRequest_Row[],
  mode: Mode,
): AsyncGenerator<MessageInitShape<typeof ImportRequestSchema>> {
  for (let first = 0; first < rows.length; first += ROWS_A_MESSAGE) {
    yield { atomic: true, ...mode, rows: rows.slice(first, first + ROWS_A_MESSAGE) };
  }
}

// All rows or none, once, however often the connection breaks: the request_id makes a repetition safe.
function importRows(registry: Client<typeof Registry>, rows: ImportRequest_Row[], mode: Mode): Promise<ImportResponse> {
  return persist(() => registry.import(messages(rows, mode), { timeoutMs: DEADLINE_MS }), { also: [Code.Unavailable] });
}

function report(answer: ImportResponse, unreadable: ImportResponse_Rejection[]): number {
  const rejections = [...answer.rejections, ...unreadable].sort((a, b) => Number(a.line - b.line));
  for (const { file, line, field, reason } of rejections) {
    // The reason names the field itself where it lies deeper in the entry.
    console.log([`${file}:${line}`, field, reason].filter(Boolean).join(": "));
  }
  const rejected = Number(answer.rejected) + unreadable.length;
  if (rejected > 0) {
    // The server lists the first 10,000 only.
    console.log(`${rejected} rows rejected, so nothing was imported`);
    return 1;
  }
  const { created, updated, unchanged, revision } = answer;
  console.log(`created ${created}, updated ${updated}, unchanged ${unchanged} (revision ${revision?.number ?? 0n})`);
  return 0;
}

await run(async () => {
  const { values, positionals, options } = await parse(USAGE, 1, { request_id: { type: "string" } });
  const [file = ""] = positionals;
  const { rows, unreadable } = readRows(file, await readFile(file, "utf8"));
  // With rows that cannot be sent there is nothing to import, but the others can be checked.
  const mode = { requestId: values.request_id ?? randomUUID(), validateOnly: unreadable.length > 0 };
  const transport = connect(options);
  try {
    return report(await importRows(createClient(Registry, transport), rows, mode), unreadable);
  } catch (error) {
    if (error instanceof ConnectError) {
      console.error(`To find out, and to import if it was not: --request_id=${mode.requestId}`);
    }
    throw error;
  } finally {
    transport.close();
  }
});
