// The minerals of an official list by risk, with what is not known said. Knows nothing of how the gateway is reached.
import type { Client } from "@connectrpc/connect";
import { persist } from "./errors.js";
import type { Gateway, Overview, RankedMineral } from "./gen/orewatch/gateway/v1/gateway_pb.js";
import { type SectionStatus, SectionStatus_State } from "./gen/orewatch/gateway/v1/section_pb.js";
import { Band, type Score } from "./gen/orewatch/risk/v1/score_pb.js";
import { Completeness_State, Stage } from "./gen/orewatch/type/v1/types_pb.js";

export interface Risks {
  text: string;
  // What could not be had. Whoever does not look takes a service that is down for a world without risk.
  missing: string[];
}

export interface Wish {
  // Empty: the server's default.
  criticalList: string;
  // At most this many minerals with a score.
  limit: number;
  // At least as new, such as an import just made; 0: whatever there is.
  minRevision: bigint;
}

export const wishFlags = {
  list: { type: "string" },
  limit: { type: "string" },
  min_revision: { type: "string" },
} as const;

export function wishFrom(values: Record<string, string | undefined>): Wish {
  return {
    criticalList: values.list ?? "",
    limit: Number(values.limit ?? 10),
    minRevision: BigInt(values.min_revision ?? 0),
  };
}

export async function listRisks(gateway: Client<typeof Gateway>, wish: Wish): Promise<Risks> {
  const { criticalList, limit, minRevision } = wish;
  // All of them, since those without a score come last, and a limit would cut off what is not known.
  const overview = await persist(() => gateway.getOverview({ criticalList, minRevision }));
  const unknown = overview.minerals.filter((each) => !each.bottleneck).map((each) => each.mineral?.displayName ?? "");
  const known = overview.minerals.flatMap((each) => (each.bottleneck ? [row(each, each.bottleneck)] : []));
  const lines = table(known.slice(0, limit).map((cells, index) => [String(index + 1), ...cells]));
  if (unknown.length > 0) {
    lines.push(`Unknown, which is not safe: ${unknown.join(", ")}`);
  }
  const revision = overview.risk?.revision?.number ?? 0n;
  lines.push(`${overview.firingAlerts.length} alerts fire. Registry revision ${revision}.`);
  return { text: lines.join("\n"), missing: missingSections(overview) };
}

// The value with its bounds. An upper bound that nobody knows is `?`, and so is a value: neither is 0.
export function valueText(score: Score): string {
  const value = score.value?.toFixed(0) ?? "?";
  if (!score.bounds) {
    return value;
  }
  const lower = score.bounds.lower.toFixed(0);
  const upper = score.bounds.upper?.toFixed(0) ?? "?";
  return lower === upper && lower === value ? value : `${value} [${lower}, ${upper}]`;
}

function completenessText({ completeness }: Score): string {
  const state = Completeness_State[completeness?.state ?? Completeness_State.UNSPECIFIED];
  return [state, ...(completeness?.reasons.slice(0, 1) ?? [])].join(": ");
}

function row(mineral: RankedMineral, score: Score): string[] {
  return [
    mineral.mineral?.displayName ?? "",
    Stage[score.key?.stage ?? Stage.UNSPECIFIED].toLowerCase(),
    valueText(score),
    score.band === Band.UNSPECIFIED ? "unknown" : Band[score.band].toLowerCase(),
    score.topShare === undefined ? "unknown" : `${score.topCountry} ${(score.topShare * 100).toFixed(1)}%`,
    completenessText(score),
  ];
}

function table(rows: string[][]): string[] {
  const all = [["#", "MINERAL", "STAGE", "HHI", "BAND", "TOP", "DATA"], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function missingSections(overview: Overview): string[] {
  const sections: [string, SectionStatus | undefined][] = [
    ["registry", overview.registry],
    ["risk", overview.risk],
    ["alerting", overview.alerting],
  ];
  return sections
    .filter(([, section]) => section?.state !== SectionStatus_State.FRESH)
    .map(([name, section]) => `${name} is ${SectionStatus_State[section?.state ?? 0]}: ${section?.error ?? ""}`);
}
