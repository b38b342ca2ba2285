// Makes it safe to repeat a write.
import { randomUUID } from "node:crypto";
import { clone } from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import type { Interceptor } from "@connectrpc/connect";

// Sets a fresh request_id where the request could have one and has none: once for all attempts, which the channel makes
// below this, and in a copy, since the request is the caller's.
export const identifyWrite: Interceptor = (next) => async (request) => {
  const field = request.method.input.fields.find((one) => one.name === "request_id");
  if (request.stream || !field) {
    return await next(request);
  }
  const message = clone(request.method.input, request.message);
  const fields = reflect(request.method.input, message);
  if (fields.get(field) === "") {
    fields.set(field, randomUUID());
  }
  return await next({ ...request, message });
};
