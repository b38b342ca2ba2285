// gRPC as a well-behaved client has it: credentials read anew for each call, deadlines, keepalive, retries.
import type { DescMethod } from "@bufbuild/protobuf";
import type { Interceptor } from "@connectrpc/connect";
import * as grpc from "@grpc/grpc-js";
import { authenticate } from "./authenticate.js";
import { Alerting } from "./gen/orewatch/alerting/v1/alerting_pb.js";
import { Gateway } from "./gen/orewatch/gateway/v1/gateway_pb.js";
import { Registry } from "./gen/orewatch/registry/v1/registry_pb.js";
import { Risk } from "./gen/orewatch/risk/v1/risk_pb.js";
import { createGrpcTransport, type GrpcTransport } from "./grpc_transport.js";
import { isHere, type Options } from "./options.js";
import { identifyWrite } from "./request_id.js";

// The server cuts off whoever pings more often than every 30 s.
const KEEPALIVE_MS = 60_000;
const LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024;

// For any number of calls and clients; close it. Throws where a credential would travel in the clear.
export function connect(options: Options): GrpcTransport {
  if (options.credential && !options.ca && !isHere(options.address)) {
    throw new Error(`a credential goes to ${options.address} over TLS only: give --ca`);
  }
  return createGrpcTransport({
    address: options.address,
    credentials: options.ca ? grpc.credentials.createSsl(options.ca) : grpc.credentials.createInsecure(),
    channelOptions: channelOptions(),
    interceptors: [...whoCalls(options), identifyWrite],
    defaultTimeoutMs: options.deadlineMs,
  });
}

function whoCalls({ credential, principal }: Options): Interceptor[] {
  if (credential) {
    return [authenticate(credential)];
  }
  return principal ? [authenticate(async () => ["x-orewatch-principal", principal])] : [];
}

// Whether a call may be sent again although the first may have arrived: a read, or a write with a request_id.
// Every write that can have one does: identifyWrite sees to that.
export function mayBeRepeated(method: DescMethod): boolean {
  if (method.methodKind !== "unary") {
    return false;
  }
  return (
    /^(Get|List|Explain|Search)/.test(method.name) || method.input.fields.some((field) => field.name === "request_id")
  );
}

// Repeats what may be repeated when a server is away for a moment; calls of streams are for the program.
function serviceConfig(): string {
  const name = [Registry, Risk, Alerting, Gateway].flatMap((service) =>
    service.methods.filter(mayBeRepeated).map((method) => ({ service: service.typeName, method: method.name })),
  );
  const retryPolicy = {
    maxAttempts: 5,
    initialBackoff: "0.1s",
    maxBackoff: "1s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
  };
  return JSON.stringify({
    loadBalancingConfig: [{ round_robin: {} }],
    methodConfig: [{ name, retryPolicy }],
    retryThrottling: { maxTokens: 100, tokenRatio: 0.5 },
  });
}

function channelOptions(): grpc.ChannelOptions {
  return {
    "grpc.service_config": serviceConfig(),
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": 20_000,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2000,
    // By default 30 s: a name may lead nowhere for as long.
    "grpc.dns_min_time_between_resolutions_ms": 5000,
    "grpc.max_receive_message_length": LARGEST_MESSAGE_BYTES,
  };
}
