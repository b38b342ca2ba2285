// A write whose answer is lost is sent again by the channel, and happens once.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Client, Code, ConnectError, createClient } from "@connectrpc/connect";
import { connect } from "../src/connection.js";
import { CreateSupplierRequestSchema, Registry } from "../src/gen/orewatch/registry/v1/registry_pb.js";
import type { GrpcTransport } from "../src/grpc_transport.js";
import { eventually, PATIENCE_MS, Server } from "./suite.js";

let suite: Server;
let transport: GrpcTransport;
let registry: Client<typeof Registry>;

before(async () => {
  suite = await Server.suite();
  transport = suite.connect();
  registry = createClient(Registry, transport);
});
after(async () => {
  transport.close();
  await suite.remove();
});

// Stands before a server, and hands on what both sides say, until it is told to keep the server's answers.
class LossyWire {
  private keepsAnswers = false;
  private readonly ends = new Set<net.Socket>();
  private readonly listener: net.Server;

  private constructor(server: string) {
    const [host = "", port = ""] = server.split(":");
    this.listener = net.createServer((client) => {
      const behind = net.connect(Number(port), host);
      this.carry(client, behind, () => true);
      this.carry(behind, client, () => !this.keepsAnswers);
    });
  }

  static async before(server: string): Promise<LossyWire> {
    const wire = new LossyWire(server);
    wire.listener.listen(0, "127.0.0.1");
    await once(wire.listener, "listening");
    return wire;
  }

  get address(): string {
    return `127.0.0.1:${(this.listener.address() as net.AddressInfo).port}`;
  }

  keepAnswers(): void {
    this.keepsAnswers = true;
  }

  // Ends the connections there are. Later ones are good.
  cut(): void {
    for (const end of this.ends) {
      end.destroy();
    }
    this.ends.clear();
    this.keepsAnswers = false;
  }

  close(): void {
    this.listener.close();
    this.cut();
  }

  private carry(source: net.Socket, sink: net.Socket, passes: () => boolean): void {
    this.ends.add(source);
    source.on("data", (said) => passes() && sink.write(said));
    source.on("close", () => sink.destroy());
    // "close" follows.
    source.on("error", () => {});
  }
}

function requestFor(supplierId: string, requestId = "") {
  const supplier = { displayName: "Once", provenance: { source: "example", asOf: "2026" } };
  return create(CreateSupplierRequestSchema, { supplierId, supplier, requestId });
}

async function exists(name: string): Promise<boolean> {
  const { suppliers } = await registry.listSuppliers({});
  return suppliers.some((one) => one.name === `suppliers/${name}`);
}

test("a write without a request_id is done once though it is sent twice", async () => {
  const wire = await LossyWire.before(suite.address);
  const lossy = connect({ address: wire.address, deadlineMs: PATIENCE_MS });
  try {
    const behindWire = createClient(Registry, lossy);
    // Connected, it waits for nothing else than the answer.
    await behindWire.getHead({});
    wire.keepAnswers();
    const request = requestFor("sent-twice");
    const answer = behindWire.createSupplier(request);
    await eventually("the write", () => exists("sent-twice"));
    wire.cut();
    // Without an id it would be AlreadyExists: its own first attempt was there before.
    assert.equal((await answer).name, "suppliers/sent-twice");
    // What the caller holds is the caller's.
    assert.equal(request.requestId, "");
  } finally {
    lossy.close();
    wire.close();
  }
});

test("a request_id of the caller's is left as it is", async () => {
  const first = await registry.createSupplier(requestFor("own-id", "of-the-callers"));
  assert.deepEqual(await registry.createSupplier(requestFor("own-id", "of-the-callers")), first);
});

test("each write without one gets another", async () => {
  await registry.createSupplier(requestFor("another-id"));
  await assert.rejects(
    registry.createSupplier(requestFor("another-id")),
    (error) => error instanceof ConnectError && error.code === Code.AlreadyExists,
  );
});
