// Gives a supplier another display name, whatever comes in between.
import { createClient } from "@connectrpc/connect";
import { changeSupplier } from "./change_supplier.js";
import { connect } from "./connection.js";
import { run } from "./errors.js";
import { parse } from "./flags.js";
import { Registry } from "./gen/orewatch/registry/v1/registry_pb.js";

const USAGE = `usage: rename_supplier.js [flags] suppliers/lynas "Lynas Rare Earths"
  --min_revision   begin with what this revision says, such as one that another program has just made`;

await run(async () => {
  const { values, positionals, options } = await parse(USAGE, 2, { min_revision: { type: "string" } });
  const [name = "", displayName = ""] = positionals;
  const transport = connect(options);
  try {
    const registry = createClient(Registry, transport);
    const rename = (supplier: { displayName: string }) => {
      supplier.displayName = displayName;
      return ["display_name"];
    };
    const supplier = await changeSupplier(registry, name, rename, BigInt(values.min_revision ?? 0));
    console.log(`${supplier.name} is now "${supplier.displayName}" (revision ${supplier.metadata?.revision?.number})`);
    return 0;
  } finally {
    transport.close();
  }
});
