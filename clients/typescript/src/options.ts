// Where the server is, and who calls: the same for gRPC and gRPC-Web.

export interface Options {
  // host:port of the suite, or of the edge.
  address: string;
  // The authorities that are believed, in PEM; none: no TLS.
  ca?: Buffer;
  // What proves who calls, asked for each call, so that whoever renews it need tell nobody.
  credential?: Credential;
  // Whom a server that trusts its network takes the caller for; any other refuses the call.
  principal?: string;
  // Of a call without a deadline of its own that answers once; a stream may last.
  deadlineMs: number;
}

// Header and value.
export type Credential = () => Promise<[string, string]>;

export const DEFAULT_DEADLINE_MS = 10_000;

// Whether an address is on this machine, where a credential may go without TLS.
export function isHere(address: string): boolean {
  const host = address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return address.startsWith("unix:") || host === "localhost" || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}
