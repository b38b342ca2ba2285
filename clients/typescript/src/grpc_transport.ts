// Connect's typed clients over @grpc/grpc-js: promises and async iterables in place of callbacks, and the same clients
// and errors as over gRPC-Web.
import { once } from "node:events";
import { type DescMessage, type DescMethod, fromBinary, type MessageShape, toBinary } from "@bufbuild/protobuf";
import { type Code, ConnectError, createContextValues, type Interceptor, type Transport } from "@connectrpc/connect";
import { runStreamingCall, runUnaryCall } from "@connectrpc/connect/protocol";
import * as grpc from "@grpc/grpc-js";
import { StatusSchema } from "./gen/google/rpc/status_pb.js";

export interface GrpcTransport extends Transport {
  close(): void;
}

interface GrpcOptions {
  address: string;
  credentials: grpc.ChannelCredentials;
  channelOptions: grpc.ChannelOptions;
  interceptors: Interceptor[];
  // Of calls that answer once.
  defaultTimeoutMs: number;
}

export function createGrpcTransport(options: GrpcOptions): GrpcTransport {
  const client = new grpc.Client(options.address, options.credentials, options.channelOptions);
  const { interceptors } = options;
  return {
    async unary(method, signal, timeoutMs = options.defaultTimeoutMs, header, message, contextValues) {
      return await runUnaryCall({
        ...limits(signal, timeoutMs),
        interceptors,
        req: { ...requestOf(method, header, contextValues), stream: false, method, message },
        next: async (request) => {
          const answer = await callOnce(client, method, request, timeoutMs);
          return { stream: false, service: method.parent, method, ...answer };
        },
      });
    },

    async stream(method, signal, timeoutMs, header, message, contextValues) {
      return await runStreamingCall({
        ...limits(signal, timeoutMs),
        interceptors,
        req: { ...requestOf(method, header, contextValues), stream: true, method, message },
        next: async (request) => {
          const answer = openStream(client, method, request, timeoutMs);
          return { stream: true, service: method.parent, method, ...answer };
        },
      });
    },

    close: () => client.close(),
  };
}

interface Request<Message> {
  header: Headers;
  message: Message;
  signal: AbortSignal;
}

interface Answer<Message> {
  header: Headers;
  trailer: Headers;
  message: Message;
}

type Method<I extends DescMessage, O extends DescMessage> = DescMethod & { input: I; output: O };

async function callOnce<I extends DescMessage, O extends DescMessage>(
  client: grpc.Client,
  method: Method<I, O>,
  request: Request<MessageShape<I>>,
  timeoutMs: number | undefined,
): Promise<Answer<MessageShape<O>>> {
  const header = new Headers();
  const trailer = new Headers();
  const message = await new Promise<MessageShape<O>>((resolve, reject) => {
    const call = client.makeUnaryRequest(
      pathOf(method),
      encoderOf(method.input),
      decoderOf(method.output),
      request.message,
      metadataOf(request.header),
      deadlineIn(timeoutMs),
      (error, answer) => (answer === undefined ? reject(error ? connectError(error) : error) : resolve(answer)),
    );
    call.on("metadata", (metadata) => copy(metadata, header));
    call.on("status", (status) => copy(status.metadata, trailer));
    request.signal.addEventListener("abort", () => call.cancel());
  });
  return { header, trailer, message };
}

// To grpc-js any stream is one in both directions, with a single message where the method has only one.
function openStream<I extends DescMessage, O extends DescMessage>(
  client: grpc.Client,
  method: Method<I, O>,
  request: Request<AsyncIterable<MessageShape<I>>>,
  timeoutMs: number | undefined,
): Answer<AsyncIterable<MessageShape<O>>> {
  const header = new Headers();
  const trailer = new Headers();
  const call = client.makeBidiStreamRequest(
    pathOf(method),
    encoderOf(method.input),
    decoderOf(method.output),
    metadataOf(request.header),
    deadlineIn(timeoutMs),
  );
  call.on("metadata", (metadata: grpc.Metadata) => copy(metadata, header));
  const status = new Promise<grpc.StatusObject>((resolve) => call.on("status", resolve));
  // The status says it too, and comes even if nobody reads yet.
  call.on("error", () => {});
  request.signal.addEventListener("abort", () => call.cancel());
  void send(call, request);
  return { header, trailer, message: receive(call, status, trailer) };
}

async function send<Message, Received>(
  call: grpc.ClientDuplexStream<Message, Received>,
  request: Request<AsyncIterable<Message>>,
): Promise<void> {
  try {
    for await (const message of request.message) {
      if (!call.write(message)) {
        await once(call, "drain", { signal: request.signal });
      }
    }
    call.end();
  } catch {
    // The call is over, or what should be sent cannot be had: then it must not look complete.
    call.cancel();
  }
}

async function* receive<Sent, Message>(
  call: grpc.ClientDuplexStream<Sent, Message>,
  status: Promise<grpc.StatusObject>,
  trailer: Headers,
): AsyncIterable<Message> {
  try {
    yield* call as AsyncIterable<Message>;
  } catch {
    // As the status says.
  } finally {
    call.cancel();
  }
  const end = await status;
  copy(end.metadata, trailer);
  if (end.code !== grpc.status.OK) {
    throw connectError(end);
  }
}

// An error with the google.rpc details that came with it, for ConnectError.findDetails().
function connectError(status: Pick<grpc.StatusObject, "code" | "details" | "metadata">): ConnectError {
  // Both number the codes as gRPC does.
  const error = new ConnectError(status.details, status.code as number as Code);
  const [bytes] = status.metadata.get("grpc-status-details-bin");
  if (bytes instanceof Uint8Array) {
    error.details = fromBinary(StatusSchema, bytes).details.map(({ typeUrl, value }) => ({
      type: typeUrl.slice(typeUrl.lastIndexOf("/") + 1),
      value,
    }));
  }
  return error;
}

function limits(signal: AbortSignal | undefined, timeoutMs: number | undefined) {
  return { ...(signal ? { signal } : {}), ...(timeoutMs === undefined ? {} : { timeoutMs }) };
}

function requestOf(method: DescMethod, header: HeadersInit | undefined, contextValues = createContextValues()) {
  return {
    service: method.parent,
    requestMethod: "POST",
    url: pathOf(method),
    header: new Headers(header ?? {}),
    contextValues,
  };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function encoderOf<Desc extends DescMessage>(desc: Desc): (message: MessageShape<Desc>) => Buffer {
  return (message) => Buffer.from(toBinary(desc, message));
}

function decoderOf<Desc extends DescMessage>(desc: Desc): (bytes: Buffer) => MessageShape<Desc> {
  return (bytes) => fromBinary(desc, bytes);
}

function deadlineIn(timeoutMs: number | undefined): grpc.CallOptions {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

function metadataOf(headers: Headers): grpc.Metadata {
  const metadata = new grpc.Metadata();
  headers.forEach((value, name) => {
    metadata.set(name, value);
  });
  return metadata;
}

// Text alone: what is binary are the details of errors.
function copy(metadata: grpc.Metadata, headers: Headers): void {
  for (const [name, value] of Object.entries(metadata.getMap())) {
    if (typeof value === "string") {
      headers.set(name, value);
    }
  }
}
