// Changes what others change too.
import { randomUUID } from "node:crypto";
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { persist } from "./errors.js";
import type { Registry } from "./gen/orewatch/registry/v1/registry_pb.js";
import type { Supplier } from "./gen/orewatch/registry/v1/resources_pb.js";

const ATTEMPTS = 5;

// Reads, lets `change` change it and say which fields it has changed, and writes; again if others were faster.
export async function changeSupplier(
  registry: Client<typeof Registry>,
  name: string,
  change: (supplier: Supplier) => string[] | Promise<string[]>,
  minRevision = 0n,
): Promise<Supplier> {
  for (let attempt = 1; ; attempt += 1) {
    const supplier = await persist(() => registry.getSupplier({ name, minRevision }));
    const paths = await change(supplier);
    // Its etag says what we have read: where it is no longer so, the registry changes nothing. The channel may send it
    // twice; the registry does it once.
    const request = { supplier, updateMask: { paths }, requestId: randomUUID() };
    try {
      return await persist(() => registry.updateSupplier(request));
    } catch (error) {
      if (!(error instanceof ConnectError) || error.code !== Code.Aborted || attempt === ATTEMPTS) {
        throw error;
      }
    }
  }
}
