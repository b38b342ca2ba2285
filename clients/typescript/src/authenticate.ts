// Says with each call who makes it.
import type { Interceptor } from "@connectrpc/connect";
import type { Credential } from "./options.js";

export function authenticate(credential: Credential): Interceptor {
  return (next) => async (request) => {
    request.header.set(...(await credential()));
    return await next(request);
  };
}
