// Prints what happens to alerts, one line each, and misses nothing: not while the server restarts, nor this program.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { type Bookmark, follow, now } from "./alert_feed.js";
import { connect } from "./connection.js";
import { run } from "./errors.js";
import { parse } from "./flags.js";
import { type Alert, type AlertEvent, AlertEvent_Kind, AlertState } from "./gen/orewatch/alerting/v1/alert_pb.js";
import { Alerting } from "./gen/orewatch/alerting/v1/alerting_pb.js";
import { Severity } from "./gen/orewatch/alerting/v1/rule_pb.js";

const USAGE = `usage: watch_alerts.js [flags]
  --bookmark       file that remembers how far we have come; without one we begin with what happens from now on`;

function line(event: AlertEvent, alert: Alert): string {
  const what =
    event.kind === AlertEvent_Kind.STATE_CHANGED
      ? `${AlertState[event.from]} -> ${AlertState[event.to]}`
      : AlertEvent_Kind[event.kind];
  const time = event.time ? timestampDate(event.time).toISOString() : "";
  const subject = alert.subject?.subject || alert.rule;
  const severity = Severity[event.severity].toLowerCase();
  return [event.sequence, time, what, severity, subject, event.reason, alert.summary].join("  ");
}

function load(file: string | undefined): Bookmark | undefined {
  if (!file || !existsSync(file)) {
    return undefined;
  }
  const { lineage, sequence } = JSON.parse(readFileSync(file, "utf8"));
  return { lineage, sequence: BigInt(sequence) };
}

function save(file: string | undefined, { lineage, sequence }: Bookmark): void {
  if (file) {
    // In one go: a half-written bookmark would be worse than an old one.
    writeFileSync(`${file}.new`, JSON.stringify({ lineage, sequence: String(sequence) }));
    renameSync(`${file}.new`, file);
  }
}

await run(async () => {
  const { values, options } = await parse(USAGE, 0, { bookmark: { type: "string" } });
  const alerting = createClient(Alerting, connect(options));
  const start = load(values.bookmark) ?? (await now(alerting));
  console.error(`watching after ${start.sequence}`);
  for await (const step of follow(alerting, start)) {
    if (step.restarted) {
      console.error("the server was restored: what happened meanwhile may be missing here");
    }
    if (step.event && step.alert) {
      console.log(line(step.event, step.alert));
    }
    save(values.bookmark, step.bookmark);
  }
  return 0;
});
