// A CSV file with figures of production as rows of an import.
import { basename } from "node:path";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { parse } from "csv-parse/sync";
import {
  type ImportRequest_Row,
  ImportRequest_RowSchema,
  type ImportResponse_Rejection,
  ImportResponse_RejectionSchema,
} from "./gen/orewatch/registry/v1/registry_pb.js";
import { Basis, Stage } from "./gen/orewatch/type/v1/types_pb.js";

const COLUMNS = [
  "mineral",
  "stage",
  "country",
  "year",
  "quantity_tonnes",
  "basis",
  "scope",
  "product",
  "dataset",
  "source",
] as const;

type Cells = Record<(typeof COLUMNS)[number], string>;

export interface Rows {
  rows: ImportRequest_Row[];
  // Those that cannot be sent.
  unreadable: ImportResponse_Rejection[];
}

// Throws where the text is no CSV, or a column is missing.
export function readRows(file: string, text: string): Rows {
  const lines: { record: Cells; info: { lines: number } }[] = parse(text, {
    bom: true,
    info: true,
    columns: (header: string[]) => {
      const missing = COLUMNS.filter((column) => !header.includes(column));
      if (missing.length > 0) {
        throw new Error(`${file}: no column ${missing.join(", ")}`);
      }
      return header;
    },
  });
  const result: Rows = { rows: [], unreadable: [] };
  for (const { record, info } of lines) {
    const place = { file: basename(file), line: BigInt(info.lines) };
    try {
      result.rows.push(create(ImportRequest_RowSchema, { ...place, entry: entryOf(record) }));
    } catch (error) {
      if (!(error instanceof Unreadable)) {
        throw error;
      }
      const reason = `'${record[error.column]}' cannot be read`;
      result.unreadable.push(create(ImportResponse_RejectionSchema, { ...place, field: error.column, reason }));
    }
  }
  return result;
}

class Unreadable extends Error {
  constructor(readonly column: keyof Cells) {
    super(column);
  }
}

// What can be read, the server checks.
function entryOf(cells: Cells): NonNullable<MessageInitShape<typeof ImportRequest_RowSchema>["entry"]> {
  const production = {
    mineral: `minerals/${cells.mineral}`,
    stage: wordOf(Stage, cells, "stage"),
    country: cells.country,
    product: cells.product,
  };
  const tonnes = numberOf(cells, "quantity_tonnes");
  const statistic = {
    dataset: cells.dataset,
    year: numberOf(cells, "year"),
    series: { case: "production" as const, value: production },
    quantity: {
      value: { case: "tonnes" as const, value: tonnes },
      basis: wordOf(Basis, cells, "basis"),
      scope: cells.scope,
    },
    provenance: { source: cells.source },
  };
  return { value: { case: "statistic", value: statistic } };
}

function numberOf(cells: Cells, column: keyof Cells): number {
  const text = cells[column].trim();
  const number = Number(text);
  // To Number() nothing is 0, but a figure that is left out is unknown.
  if (text === "" || !Number.isFinite(number) || (column === "year" && !Number.isInteger(number))) {
    throw new Unreadable(column);
  }
  return number;
}

function wordOf<Words extends Record<string, string | number>>(
  words: Words,
  cells: Cells,
  column: keyof Cells,
): number {
  const value = words[cells[column].toUpperCase()];
  if (typeof value !== "number") {
    throw new Unreadable(column);
  }
  return value;
}
