// Lists the minerals of an official list by risk, the worst first, and says what is not known.
import { createClient } from "@connectrpc/connect";
import { connect } from "./connection.js";
import { run } from "./errors.js";
import { parse } from "./flags.js";
import { Gateway } from "./gen/orewatch/gateway/v1/gateway_pb.js";
import { listRisks, wishFlags, wishFrom } from "./risks.js";

const USAGE = `usage: list_risks.js [flags]
  --list           official list, such as US_2025; default: the server's
  --limit          at most this many minerals with a score (10)
  --min_revision   at least as new, such as an import just made`;

await run(async () => {
  const { values, options } = await parse(USAGE, 0, wishFlags);
  const transport = connect(options);
  try {
    const gateway = createClient(Gateway, transport);
    const { text, missing } = await listRisks(gateway, wishFrom(values));
    console.log(text);
    for (const section of missing) {
      console.error(section);
    }
    return missing.length > 0 ? 3 : 0;
  } finally {
    transport.close();
  }
});
