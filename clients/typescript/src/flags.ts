// The flags that every example takes.
import { readFile } from "node:fs/promises";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { type Credential, DEFAULT_DEADLINE_MS, type Options } from "./options.js";

const connectionFlags = {
  address: { type: "string", default: "127.0.0.1:7100" },
  ca: { type: "string" },
  token_file: { type: "string" },
  api_key_file: { type: "string" },
  principal: { type: "string" },
} as const;

const usageOfConnection = `  --address        host:port of the suite, or of the edge (127.0.0.1:7100)
  --ca             PEM file of trusted authorities; turns TLS on
  --token_file     file with a JWT, read again for each call
  --api_key_file   file with an API key, read again for each call
  --principal      who calls, where the server trusts its network`;

type Flags = NonNullable<ParseArgsConfig["options"]>;

export interface Arguments {
  values: Record<string, string | undefined>;
  positionals: string[];
  options: Options;
}

// Reads the command line. Throws UsageError.
export async function parse(usage: string, positionals: number, flags: Flags = {}): Promise<Arguments> {
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ options: { ...connectionFlags, ...flags }, allowPositionals: true });
  } catch (error) {
    throw new UsageError(`${String(error)}\n${usage}\n${usageOfConnection}`);
  }
  if (parsed.positionals.length !== positionals) {
    throw new UsageError(`${usage}\n${usageOfConnection}`);
  }
  const values = parsed.values as Record<string, string | undefined>;
  return { values, positionals: parsed.positionals, options: await optionsFrom(values) };
}

export class UsageError extends Error {}

async function optionsFrom(values: Record<string, string | undefined>): Promise<Options> {
  const credential = credentialFrom(values);
  return {
    address: values.address ?? connectionFlags.address.default,
    ...(values.ca ? { ca: await readFile(values.ca) } : {}),
    ...(credential ? { credential } : {}),
    ...(values.principal ? { principal: values.principal } : {}),
    deadlineMs: DEFAULT_DEADLINE_MS,
  };
}

function credentialFrom(values: Record<string, string | undefined>): Credential | undefined {
  const { token_file: tokenFile, api_key_file: keyFile, principal } = values;
  if ([tokenFile, keyFile, principal].filter(Boolean).length > 1) {
    throw new UsageError("only one of --token_file, --api_key_file and --principal");
  }
  if (tokenFile) {
    return async () => ["authorization", `Bearer ${(await readFile(tokenFile, "utf8")).trim()}`];
  }
  if (keyFile) {
    return async () => ["x-api-key", (await readFile(keyFile, "utf8")).trim()];
  }
  return undefined;
}
