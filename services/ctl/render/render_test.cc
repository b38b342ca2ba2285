#include <sstream>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/error_text.h"
#include "services/ctl/render/format.h"
#include "services/ctl/render/gateway_text.h"
#include "services/ctl/render/import_report.h"
#include "services/ctl/render/import_text.h"
#include "services/ctl/render/path_text.h"
#include "services/ctl/render/score_text.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ParseProto;
using ::testing::StartsWith;

constexpr char kOverview[] = R"(
  critical_list: "US_2025"
  minerals {
    mineral { name: "minerals/cobalt" display_name: "Cobalt" }
    bottleneck {
      key { subject: "minerals/cobalt" stage: STAGE_MINE method: METHOD_HHI }
      value: 5766 bounds { lower: 5766 upper: 5784 } top_country: "CD" top_share: 0.755 known_stages: 2
      reference_year: 2024 band: BAND_SEVERE completeness { state: STATE_INCOMPLETE reasons: "WITHHELD:US" }
    }
    supply_risk {
      key { method: METHOD_EU_SUPPLY_RISK_2017 } value: 2.75 bounds { lower: 2.75 upper: 2.75 }
      completeness { state: STATE_COMPLETE }
    }
  }
  minerals { mineral { name: "minerals/zinc" } }
  firing_alerts {
    name: "alerts/1" rule: "rules/hhi" state: ALERT_STATE_FIRING severity: SEVERITY_CRITICAL value: 5766
    subject { subject: "minerals/cobalt" stage: STAGE_MINE } fire_time { seconds: 1700000000 } summary: "Too much in one place"
  }
  registry { state: STATE_FRESH revision { number: 7 } }
  risk { state: STATE_STALE error: "behind" }
)";

TEST(OverviewText, RanksWithBoundsReasonsAndAlerts) {
  const std::string text = OverviewText(ParseProto<gateway::v1::Overview>(kOverview));
  EXPECT_EQ(text,
            "Critical list US_2025, registry revision 7\n"
            "\n"
            "RANK  MINERAL        BOTTLENECK       TOP       HHI                BAND    YEAR  STATUS                   "
            "EU SR  EU SR STATUS\n"
            "   1  Cobalt         mine of 2 known  CD 75.5%  5766 [5766, 5784]  severe  2024  INCOMPLETE: WITHHELD:US  "
            " 2.75  -\n"
            "   2  minerals/zinc  -                -            -               -          -  UNSET: no score          "
            "    -  -\n"
            "\n"
            "1 firing alerts:\n"
            "STATE   SEVERITY  SUBJECT      VALUE  RULE  SINCE                 SUMMARY\n"
            "FIRING  critical  cobalt mine   5766  hhi   2023-11-14T22:13:20Z  Too much in one place\n"
            "! risk is STALE: behind\n");
}

TEST(OverviewText, DoesNotCallAlertsThatCouldNotBeFetchedNone) {
  auto overview = ParseProto<gateway::v1::Overview>(kOverview);
  overview.clear_firing_alerts();
  EXPECT_THAT(OverviewText(overview), HasSubstr("No firing alerts."));
  overview.mutable_alerting()->set_state(gateway::v1::SectionStatus::STATE_UNAVAILABLE);
  EXPECT_THAT(OverviewText(overview), Not(HasSubstr("No firing alerts.")));
  EXPECT_THAT(OverviewText(overview), HasSubstr("! alerting is UNAVAILABLE"));
}

TEST(BriefText, ShowsTheMineralItsScoresAndWhatIsMissing) {
  const std::string text = BriefText(ParseProto<gateway::v1::MineralBrief>(R"(
    mineral { name: "minerals/rare-earths" kind: KIND_BASKET members: "minerals/cerium" critical_lists: "EU_2023" }
    scores { key { subject: "minerals/rare-earths" stage: STAGE_MINE method: METHOD_HHI } value: 4900 bottleneck: true
             known_stages: 1 completeness { state: STATE_COMPLETE } }
    alerting { state: STATE_DENIED error: "not yours" })"));
  EXPECT_THAT(text, HasSubstr("minerals/rare-earths (minerals/rare-earths, basket)"));
  EXPECT_THAT(text, HasSubstr("Lists: EU_2023"));
  EXPECT_THAT(text, HasSubstr("of 1 known"));
  EXPECT_THAT(text, HasSubstr("! alerting is DENIED: not yours"));
}

TEST(ScoreValueText, ShowsBoundsOnlyWhereTheyDiffer) {
  auto score = ParseProto<risk::v1::Score>("key { method: METHOD_HHI } value: 5766 bounds { lower: 5766 upper: 5766 }");
  EXPECT_EQ(ScoreValueText(score), "5766");
  score.mutable_bounds()->clear_upper();
  EXPECT_EQ(ScoreValueText(score), "5766 [5766, ?]");
  score.clear_value();
  EXPECT_EQ(ScoreValueText(score), "");
}

TEST(CompletenessText, NeverReadsAnUnknownStateAsComplete) {
  EXPECT_EQ(CompletenessText(risk::v1::Score()), "UNSET");
  EXPECT_EQ(CompletenessText(ParseProto<risk::v1::Score>("completeness { state: STATE_COMPLETE }")), "");
}

TEST(ExplanationText, ListsTheFormulaAndEachInputWithItsSource) {
  const std::string text = ExplanationText(ParseProto<risk::v1::ScoreExplanation>(R"(
    score { key { subject: "minerals/zinc" stage: STAGE_MINE method: METHOD_HHI } value: 1500 }
    formula: "sum of squares" reference: "Hirschman"
    inputs { role: "production" country: "CN" quantity { tonnes: 4000000 } contribution: 1089 year: 2024
             provenance { source: "USGS" } }
    inputs { role: "production" country: "US" quantity { withheld: true } })"));
  EXPECT_THAT(text, HasSubstr("hhi of zinc, stage mine"));
  EXPECT_THAT(text, HasSubstr("sum of squares"));
  EXPECT_THAT(text, HasSubstr("4000000 t"));
  EXPECT_THAT(text, HasSubstr("USGS"));
  EXPECT_THAT(text, HasSubstr("withheld"));
}

TEST(TableText, AlignsNumbersRightAndCountsCharactersNotBytes) {
  const Table table{{"NAME", "N"}, {{"Côte", "5"}, {"x", "120"}, {"", ""}}};
  EXPECT_EQ(TableText(table), "NAME    N\nCôte    5\nx     120\n-       -\n");
  EXPECT_EQ(TableCsv(table), "NAME,N\nCôte,5\nx,120\n,\n");
}

TEST(PathText, ReadsThroughGroups) {
  const auto facility = ParseProto<registry::v1::Facility>(
      R"(name: "suppliers/a/facilities/b" country: "countries/AU" outputs { mineral: "minerals/zinc" stage: STAGE_MINE }
         outputs { mineral: "minerals/lead" })");
  EXPECT_EQ(PathText(facility, "outputs.mineral"), "zinc,lead");
  EXPECT_EQ(PathText(facility, "country"), "AU");
  EXPECT_EQ(PathText(facility, "name"), "suppliers/a/facilities/b");
  EXPECT_EQ(PathText(facility, "latitude"), "");
}

TEST(ImportText, NamesEachRejectedRowAndCounts) {
  EXPECT_EQ(ImportText(ParseProto<registry::v1::ImportResponse>(R"(
              created: 2 unchanged: 1 rejected: 4 revision { number: 9 }
              rejections { file: "a.csv" line: 3 field: "year" reason: "bad" }
              rejections { file: "b.csv" reason: "unknown" })")),
            "a.csv:3: year: bad\nb.csv: unknown\nand 2 more rejected rows\n"
            "created 2, updated 0, unchanged 1, rejected 4 (revision 9)\n");
}

// A report of findings in which only file, line and reason differ, and of one row that the registry refused.
std::string Reported(Format format, const std::vector<Finding>& findings) {
  std::ostringstream out;
  const auto report = NewImportReport(format, /*validate_only=*/false, out);
  for (const Finding& finding : findings) {
    report->Add(finding);
  }
  const auto response = ParseProto<registry::v1::ImportResponse>(
      R"(created: 2 rejected: 3 revision { number: 9 } rejections { file: "a.csv" line: 7 reason: "unknown" })");
  report->Finish(&response);
  EXPECT_EQ(report->rejected(), 4);
  EXPECT_EQ(report->left_out(), 2);
  return out.str();
}

const std::vector<Finding>& SomeFindings() {
  static const auto* const findings =
      new std::vector<Finding>{{Outcome::kLeftOut, "a.csv", 2, "Unit", "no mass"},
                               {Outcome::kRejected, "a.csv", 3, "Value", "no \"number\""},
                               {Outcome::kLeftOut, "a.csv", 4, "Unit", "no mass"}};
  return *findings;
}

TEST(ImportReport, CountsRowsByReasonInATable) {
  EXPECT_EQ(Reported(Format::kTable, SomeFindings()),
            "a.csv:3: Value: no \"number\"\n"
            "a.csv:7: unknown\n"
            "a.csv:2: left out: Unit: no mass (and 1 more rows)\n"
            "created 2, updated 0, unchanged 0, rejected 4, left out 2 (revision 9)\n");
}

TEST(ImportReport, ListsEachRowAsCsvAndJson) {
  EXPECT_EQ(Reported(Format::kCsv, SomeFindings()),
            "file,line,field,reason,outcome\n"
            "a.csv,2,Unit,no mass,left-out\n"
            "a.csv,3,Value,\"no \"\"number\"\"\",rejected\n"
            "a.csv,4,Unit,no mass,left-out\n"
            "a.csv,7,,unknown,rejected\n");
  EXPECT_EQ(Reported(Format::kJson, SomeFindings()),
            R"({"rejections":[
{"file":"a.csv","line":"2","field":"Unit","reason":"no mass","outcome":"left-out"},
{"file":"a.csv","line":"3","field":"Value","reason":"no \"number\"","outcome":"rejected"},
{"file":"a.csv","line":"4","field":"Unit","reason":"no mass","outcome":"left-out"},
{"file":"a.csv","line":"7","field":"","reason":"unknown","outcome":"rejected"}
],
"rejected":"4","leftOut":"2","created":"2","updated":"0","unchanged":"0","revision":{"number":"9"}}
)");
}

TEST(ImportReport, IsAResponseWithCommentsAsTextproto) {
  const std::string text = Reported(Format::kTextproto, SomeFindings());
  EXPECT_THAT(text, HasSubstr("# left out: file: \"a.csv\" line: 2 field: \"Unit\" reason: \"no mass\"\n"));
  EXPECT_EQ(ParseProto<registry::v1::ImportResponse>(text).rejections_size(), 2);
}

TEST(ImportReport, KeepsABoundedNumberOfReasons) {
  std::ostringstream out;
  const auto report = NewImportReport(Format::kTable, /*validate_only=*/true, out);
  for (int i = 0; i < 5000; ++i) {
    report->Add({Outcome::kRejected, "a.csv", i, "Value", std::to_string(i)});
  }
  report->Finish(nullptr);
  EXPECT_THAT(out.str(), StartsWith("checked only"));
  EXPECT_THAT(out.str(), EndsWith("and 4000 more rows for other reasons\n"));
}

TEST(ErrorText, ShowsCodeReasonAndEachField) {
  FieldViolations violations;
  violations.Add("mineral.kind", "must be set");
  violations.Add("mineral_id", "is too long");
  const std::string text = ErrorText(violations.ToStatus());
  EXPECT_THAT(text, HasSubstr("error: INVALID_ARGUMENT INVALID_FIELD: "));
  EXPECT_THAT(text, HasSubstr("\n  mineral.kind: must be set\n  mineral_id: is too long\n"));
}

TEST(ParseFormat, TakesTheFourFormats) {
  EXPECT_EQ(*ParseFormat("json"), Format::kJson);
  EXPECT_THAT(ParseFormat("yaml"), testing::HasError(absl::StatusCode::kInvalidArgument, "USAGE"));
}

TEST(TransitionText, IsOneLine) {
  const std::string text = TransitionText(ParseProto<alerting::v1::WatchAlertsResponse>(R"(
    alert { severity: SEVERITY_WARNING summary: "s" subject { subject: "countries/CN" } }
    transition { from: ALERT_STATE_PENDING to: ALERT_STATE_FIRING sequence: 4 reason: "HELD" time { seconds: 0 } })"));
  EXPECT_EQ(text, "4  1970-01-01T00:00:00Z  PENDING -> FIRING  warning  CN  HELD  s\n");
}

}  // namespace
}  // namespace orewatch::ctl
