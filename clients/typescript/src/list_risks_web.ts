// The same list over gRPC-Web, through the edge: what a page does, in a program. A page calls connectWeb() and
// listRisks() alike, and shows the text.
import { createClient } from "@connectrpc/connect";
import { run } from "./errors.js";
import { parse } from "./flags.js";
import { Gateway } from "./gen/orewatch/gateway/v1/gateway_pb.js";
import { listRisks, wishFlags, wishFrom } from "./risks.js";
import { connectWeb } from "./web_connection.js";

// Node believes the authorities of the file that NODE_EXTRA_CA_CERTS names.
const USAGE = `usage: list_risks_web.js [flags] EDGE
  EDGE             such as https://localhost:8080
  --list           official list, such as US_2025; default: the server's
  --limit          at most this many minerals with a score (10)
  --min_revision   at least as new, such as an import just made`;

await run(async () => {
  const { values, positionals, options } = await parse(USAGE, 1, wishFlags);
  const gateway = createClient(Gateway, connectWeb(positionals[0] ?? "", options.credential));
  const { text, missing } = await listRisks(gateway, wishFrom(values));
  console.log(text);
  for (const section of missing) {
    console.error(section);
  }
  return missing.length > 0 ? 3 : 0;
});
