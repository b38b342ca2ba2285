// gRPC-Web through the edge, for browsers; Node has it too. Here TLS is the browser's business, and a page asks whoever
// signed the user in for the token.
import type { Transport } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { authenticate } from "./authenticate.js";
import { type Credential, DEFAULT_DEADLINE_MS } from "./options.js";

// `edge`: such as https://orewatch.example:8080.
export function connectWeb(edge: string, credential?: Credential): Transport {
  return createGrpcWebTransport({
    baseUrl: edge,
    defaultTimeoutMs: DEFAULT_DEADLINE_MS,
    interceptors: credential ? [authenticate(credential)] : [],
  });
}
