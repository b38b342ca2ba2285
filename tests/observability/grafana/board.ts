// A dashboard as Grafana's own schema has it, with panels of the kinds that ours use, each with the options of its kind. Nothing else may stand in it.
import type * as bargauge from "@grafana/grafana-foundation-sdk/bargauge";
import type * as dashboard from "@grafana/grafana-foundation-sdk/dashboard";
import type * as prometheus from "@grafana/grafana-foundation-sdk/prometheus";
import type * as stat from "@grafana/grafana-foundation-sdk/stat";
import type * as table from "@grafana/grafana-foundation-sdk/table";
import type * as timeseries from "@grafana/grafana-foundation-sdk/timeseries";
import type * as units from "@grafana/grafana-foundation-sdk/units";

// As JSON has it: the texts of enumerations, and no methods.
type Json<T> = T extends string
  ? `${T}`
  : T extends (infer One)[]
    ? Json<One>[]
    : T extends object
      ? { [Key in keyof T as T[Key] extends (...given: never[]) => unknown ? never : Key]: Json<T[Key]> }
      : T;
// What Grafana fills in by the defaults of a panel's kind.
type Filled<T> = T extends (infer One)[] ? Filled<One>[] : T extends object ? { [Key in keyof T]?: Filled<T[Key]> } : T;
type With<T, Others> = Omit<T, keyof Others> & Others;

type Unit = (typeof units)[keyof typeof units];
type Datasource = { type: "prometheus"; uid: string };
type Link = { title: string; url: string } & Filled<Json<dashboard.DashboardLink>>;
type Query = With<Json<prometheus.dataquery>, { datasource: Datasource; legendFormat: string }>;

type PanelOf<Kind extends string, Options, Custom> = With<
  Json<dashboard.Panel>,
  {
    type: Kind;
    id: number;
    title: string;
    description: string;
    datasource: Datasource;
    gridPos: dashboard.GridPos;
    links: Link[];
    targets: Query[];
    options: Filled<Json<Options>>;
    fieldConfig: {
      defaults: With<Json<dashboard.FieldConfig>, { unit: Unit; custom?: Filled<Json<Custom>> }>;
      overrides: Json<dashboard.FieldConfigSource>["overrides"];
    };
  }
>;
type Panel =
  | PanelOf<"timeseries", timeseries.Options, timeseries.FieldConfig>
  | PanelOf<"stat", stat.Options, Record<string, never>>
  | PanelOf<"bargauge", bargauge.Options, Record<string, never>>
  | PanelOf<"table", table.Options, table.FieldConfig>;
type Row = With<Json<dashboard.RowPanel>, { gridPos: dashboard.GridPos; panels: Panel[] }>;

// The two formats, and that samples are times, are the datasource's, and no part of the schema of dashboards.
type Annotation = With<Json<dashboard.AnnotationQuery>, { datasource: Datasource; target: Json<Omit<prometheus.dataquery, "datasource">>; expr?: never }> & {
  titleFormat: string;
  textFormat: string;
  useValueForTime?: true;
};

export type Board = With<
  Json<dashboard.Dashboard>,
  { uid: string; title: string; panels: (Panel | Row)[]; annotations: { list: Annotation[] } }
>;
