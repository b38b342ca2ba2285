#include <sstream>
#include <string>
#include <vector>

#include "common/status/status.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/render/alert_text.h"
#include "services/ctl/render/change_text.h"
#include "services/ctl/render/error_text.h"
#include "services/ctl/render/format.h"
#include "services/ctl/render/gateway_text.h"
#include "services/ctl/render/import_report.h"
#include "services/ctl/render/import_text.h"
#include "services/ctl/render/path_text.h"
#include "services/ctl/render/score_history_text.h"
#include "services/ctl/render/score_picture.h"
#include "services/ctl/render/score_text.h"
#include "services/ctl/render/table.h"

namespace orewatch::ctl {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ParseProto;
using ::testing::StartsWith;
using ::testing::StrEq;

constexpr char kOverview[] = R"(
  critical_list: "US_2025"
  minerals {
    mineral { name: "minerals/lithium" display_name: "Lithium" }
    bottleneck {
      key { subject: "minerals/lithium" stage: STAGE_REFINE method: METHOD_HHI }
      value: 5381 bounds { lower: 5381 upper: 5385 } top_country: "CN" top_share: 0.702 known_stages: 2
      reference_year: 2024 band: BAND_SEVERE completeness { state: STATE_COMPLETE }
    }
    supply_risk {
      key { stage: STAGE_REFINE method: METHOD_EU_SUPPLY_RISK_2017 } value: 2.47 bounds { lower: 0 }
      completeness { state: STATE_INCOMPLETE reasons: "BASIS_MISMATCH" }
    }
    stages {
      key { subject: "minerals/lithium" stage: STAGE_MINE method: METHOD_HHI } value: 2152 bounds { lower: 2085 }
      completeness { state: STATE_INCOMPLETE reasons: "WITHHELD:US" reasons: "WITHHELD:AU" }
    }
    stages { key { subject: "minerals/lithium" stage: STAGE_REFINE method: METHOD_HHI } value: 5381 }
  }
  minerals { mineral { name: "minerals/zinc" } }
  firing_alerts {
    name: "alerts/1" rule: "rules/hhi" state: ALERT_STATE_FIRING severity: SEVERITY_CRITICAL value: 5766.05
    bounds { lower: 5700 } completeness { state: STATE_INCOMPLETE reasons: "UNKNOWN:US" }
    subject { subject: "minerals/cobalt" stage: STAGE_MINE method: METHOD_HHI }
    fire_time { seconds: 1700000000 nanos: 123 }
  }
  registry { state: STATE_FRESH revision { number: 7 } }
  risk { state: STATE_STALE error: "behind" }
)";

TEST(OverviewText, RanksByTheBottleneckAndShowsTheMineBesideIt) {
  const std::string text = OverviewText(ParseProto<gateway::v1::Overview>(kOverview));
  EXPECT_EQ(
      text,
      "Critical list US_2025, registry revision 7\n"
      "\n"
      "#  MINERAL  MINE HHI        BOTTLENECK   TOP       HHI                BAND    YEAR  EU SR                  "
      " STATUS\n"
      "1  Lithium  2152 [2085, ?]  refine of 2  CN 70.2%  5381 [5381, 5385]  severe  2024  refine 2.47* [0.00, ?]"
      "  mine INCOMPLETE: WITHHELD:US +1\n"
      "* INCOMPLETE: orewatchctl brief <mineral> gives the reasons\n"
      "\n"
      "Unknown, for want of data (1): minerals/zinc\n"
      "\n"
      "1 firing alerts (1 critical):\n"
      "STATE   SEVERITY  SUBJECT      METHOD  VALUE           STATUS                  RULE  SINCE\n"
      "FIRING  critical  cobalt mine  hhi     5766 [5700, ?]  INCOMPLETE: UNKNOWN:US  hhi   "
      "2023-11-14T22:13:20Z\n"
      "! risk is STALE: behind\n");
}

TEST(OverviewText, ShowsAMineThatIsTheBottleneckOnceInTheStatus) {
  auto overview = ParseProto<gateway::v1::Overview>(kOverview);
  auto& mineral = *overview.mutable_minerals(0);
  *mineral.mutable_bottleneck() = mineral.stages(0);
  const std::string text = OverviewText(overview);
  EXPECT_EQ(text.find("WITHHELD:US"), text.rfind("WITHHELD:US"));
  mineral.mutable_stages()->DeleteSubrange(0, 1);
  EXPECT_THAT(OverviewText(overview), HasSubstr("mine INCOMPLETE: WITHHELD:US +1\n"));
}

TEST(OverviewText, DoesNotCallAlertsThatCouldNotBeFetchedNone) {
  auto overview = ParseProto<gateway::v1::Overview>(kOverview);
  overview.clear_firing_alerts();
  EXPECT_THAT(OverviewText(overview), HasSubstr("No firing alerts."));
  overview.mutable_alerting()->set_state(gateway::v1::SectionStatus::STATE_UNAVAILABLE);
  EXPECT_THAT(OverviewText(overview), Not(HasSubstr("No firing alerts.")));
  EXPECT_THAT(OverviewText(overview), HasSubstr("! alerting is UNAVAILABLE"));
}

TEST(OverviewText, DoesNotCallScoresThatCouldNotBeFetchedUnknown) {
  auto overview = ParseProto<gateway::v1::Overview>(kOverview);
  for (auto& mineral : *overview.mutable_minerals()) {
    mineral.clear_bottleneck();
  }
  overview.mutable_risk()->set_state(gateway::v1::SectionStatus::STATE_UNAVAILABLE);
  const std::string text = OverviewText(overview);
  EXPECT_THAT(text, HasSubstr("No ranking: the scores of 2 minerals could not be fetched."));
  EXPECT_THAT(text, Not(HasSubstr("for want of data")));
  EXPECT_THAT(text, HasSubstr("! risk is UNAVAILABLE"));
  EXPECT_THAT(TableCsv(OverviewTable(overview)), Not(HasSubstr("UNSET")));
}

TEST(OverviewText, ShowsTheFirstOfManyAlertsAndCountsTheRest) {
  gateway::v1::Overview overview;
  for (int i = 0; i < 20; ++i) {
    overview.add_firing_alerts()->set_severity(i < 2 ? alerting::v1::SEVERITY_CRITICAL : alerting::v1::SEVERITY_INFO);
  }
  EXPECT_THAT(OverviewText(overview), HasSubstr("20 firing alerts (2 critical, 18 info):"));
  EXPECT_THAT(OverviewText(overview), HasSubstr("and 5 more: orewatchctl alerts\n"));
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
    score { key { subject: "minerals/zinc" stage: STAGE_MINE method: METHOD_HHI } value: 1500 edition: "hhi"
            notes: "GOVERNANCE_YEAR:2023" notes: "RECYCLING_YEAR:2020" }
    formula: "sum of squares" reference: "Hirschman" scale: "0 to 10000"
    assumptions: "Others add nothing." assumptions: "Nothing is recycled."
    inputs { role: "production" country: "CN" quantity { tonnes: 4000000 } contribution: 1089 year: 2024
             provenance { source: "USGS" } }
    inputs { role: "production" country: "US" quantity { withheld: true } }
    inputs { role: "facility" country: "PE" facility: "suppliers/s/facilities/pit" }
    inputs { role: "import" country: "PE" quantity { tonnes: 26.890000000000004 } })"));
  EXPECT_THAT(text, HasSubstr("hhi of zinc, stage mine"));
  EXPECT_THAT(text, HasSubstr("sum of squares"));
  EXPECT_THAT(text, HasSubstr("Edition:      hhi (0 to 10000)\n"));
  EXPECT_THAT(text, HasSubstr("Assumes:      Others add nothing.\nAssumes:      Nothing is recycled.\n"));
  EXPECT_THAT(text, HasSubstr("Notes:        GOVERNANCE_YEAR:2023, RECYCLING_YEAR:2020\n"));
  EXPECT_THAT(text, HasSubstr("4000000 t"));
  EXPECT_THAT(text, HasSubstr(" 26.89 t"));
  EXPECT_THAT(text, HasSubstr("USGS"));
  EXPECT_THAT(text, HasSubstr("withheld"));
  EXPECT_THAT(text, HasSubstr("suppliers/s/facilities/pit"));
}

TEST(HistoryTable, ShowsEachRecordAndWhatBecameOfIt) {
  const std::string text = TableText(HistoryTable(ParseProto<risk::v1::ListScoreHistoryResponse>(R"(
    records { score { key { method: METHOD_HHI } value: 6250 changed_revision { number: 12 } reference_year: 2024
                      change_cause: CHANGE_CAUSE_NEW_YEAR parameter_set: "default"
                      completeness { state: STATE_COMPLETE } }
              commit_time { seconds: 1700000000 } }
    records { score { changed_revision { number: 11 } completeness { state: STATE_COMPLETE } } superseded: true }
    records { score { changed_revision { number: 10 } } removed: true })")));
  EXPECT_THAT(text, HasSubstr("12  2023-11-14T22:13:20Z   6250"));
  EXPECT_THAT(text, HasSubstr("new-year"));
  EXPECT_THAT(text, HasSubstr("superseded"));
  EXPECT_THAT(text, HasSubstr("removed"));
}

// How often a text stands in another.
int Count(const std::string& text, const std::string& part) {
  int count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(ScorePicture, DrawsSharesAndWhatIsUnknownAndEscapesTexts) {
  const auto explanation = ParseProto<risk::v1::ScoreExplanation>(R"(
    score { key { subject: "minerals/a<b&c" stage: STAGE_MINE method: METHOD_HHI } value: 2600 }
    inputs { role: "production" country: "ZZ" value: 0.2 }
    inputs { role: "production" country: "PE" value: 0.1 }
    inputs { role: "production" country: "CN" value: 0.5 }
    inputs { role: "production" country: "US" quantity { withheld: true } }
    inputs { role: "governance" country: "CN" value: 0.7 })");
  const std::string picture =
      ScorePicture(explanation, absl::UnavailableError("no years & no luck"), risk::v1::ListScoreHistoryResponse());
  EXPECT_THAT(picture, HasSubstr("hhi of a&lt;b&amp;c, stage mine: 2600"));
  EXPECT_THAT(picture, HasSubstr("no years &amp; no luck"));
  EXPECT_THAT(picture, HasSubstr("nothing yet"));
  EXPECT_THAT(picture, HasSubstr("width=\"250.00\""));
  EXPECT_EQ(Count(picture, "<rect"), 5);
  EXPECT_LT(picture.find(">CN<"), picture.find(">PE<"));
  EXPECT_LT(picture.find(">PE<"), picture.find(">withheld<"));
  EXPECT_LT(picture.find(">withheld<"), picture.find(">other countries<"));
  EXPECT_LT(picture.find(">other countries<"), picture.find(">unknown<"));
}

TEST(ScorePicture, FoldsTheSmallestOfManyShares) {
  risk::v1::ScoreExplanation explanation;
  for (int i = 0; i < 20; ++i) {
    auto& input = *explanation.add_inputs();
    input.set_role("production");
    input.set_country(absl::StrCat("C", i));
    input.set_value(0.05);
  }
  const std::string picture = ScorePicture(explanation, risk::v1::ListScoreYearsResponse(), absl::UnavailableError(""));
  EXPECT_THAT(picture, HasSubstr("8 more"));
  EXPECT_THAT(picture, HasSubstr("Shares of production"));
  EXPECT_THAT(picture, HasSubstr("40.0 %"));
  EXPECT_THAT(picture, ::testing::Not(HasSubstr(">unknown<")));
}

TEST(HistoryPicture, BreaksTheLineWhereThereWasNoScoreAndShowsWhatNobodyKnows) {
  const std::string picture = HistoryPicture(ParseProto<risk::v1::ListScoreHistoryResponse>(R"(
    records { score { value: 400 } commit_time { seconds: 1710000000 } }
    records { removed: true commit_time { seconds: 1707000000 } }
    records { score { value: 300 bounds { lower: 250 } } commit_time { seconds: 1704000000 } }
    records { score { value: 100 bounds { lower: 100 upper: 200 } } commit_time { seconds: 1700000000 } })"));
  EXPECT_EQ(Count(picture, "<path"), 1);
  EXPECT_EQ(Count(picture, "<circle"), 3);
  EXPECT_EQ(Count(picture, "class=\"range\""), 1);
  EXPECT_EQ(Count(picture, "class=\"open\""), 1);
  EXPECT_THAT(picture, HasSubstr(">500<")) << "the axis ends at a round number";
  EXPECT_THAT(HistoryPicture({}), HasSubstr("nothing yet"));
}

TEST(YearsPicture, ShowsOneYearToo) {
  const std::string picture = YearsPicture(ParseProto<risk::v1::ListScoreYearsResponse>(
      "scores { key { method: METHOD_HHI subject: 'minerals/tin' } value: 0 reference_year: 2024 }"));
  EXPECT_THAT(picture, HasSubstr("by year of the data"));
  EXPECT_THAT(picture, HasSubstr(">2024<"));
  EXPECT_THAT(picture, ::testing::Not(HasSubstr("nan")));
}

TEST(ChangesText, SetsTheWholeAboveItsDriversAndSteps) {
  EXPECT_EQ(ChangesText(risk::v1::ScoreExplanation()), "");
  const std::string text = ChangesText(ParseProto<risk::v1::ScoreExplanation>(R"(
    changes {
      since_revision: 7
      begins { number: 8 }
      overall {
        before { score { key { method: METHOD_HHI } value: 5000 } }
        after { score { key { method: METHOD_HHI } value: 6250 } }
        cause: CHANGE_CAUSE_RESTATED effect: 1250
        inputs { before { role: "production" country: "CD" quantity { tonnes: 50 } year: 2024 }
                 after { role: "production" country: "CD" quantity { tonnes: 150 } year: 2024 }
                 effect: 3125 driver: true }
        inputs { before { role: "production" country: "AU" } after { role: "production" country: "AU" } effect: -1875 }
        omitted_inputs: 3 }
      steps { after { score { key { method: METHOD_HHI } value: 6250 changed_revision { number: 9 } } }
              cause: CHANGE_CAUSE_RESTATED effect: 1250 }
      omitted_steps: 2 })"));
  EXPECT_THAT(text, HasSubstr("Since revision 7: 5000 to 6250, +1250, restated\n"));
  EXPECT_THAT(text, HasSubstr("The history begins at revision 8.\n"));
  EXPECT_THAT(text, HasSubstr("driver  production  CD       50 t (2024)  150 t (2024)   +3125"));
  EXPECT_THAT(text, HasSubstr("moved"));
  EXPECT_THAT(text, HasSubstr("and 3 more inputs\n"));
  EXPECT_THAT(text, HasSubstr("and 2 more steps\n"));
}

TEST(TableText, AlignsNumbersRightAndCountsCharactersNotBytes) {
  const Table table{{"NAME", "N"}, {{"Côte", "5"}, {"x", "120"}, {"", ""}}};
  EXPECT_EQ(TableText(table), "NAME    N\nCôte    5\nx     120\n-       -\n");
  EXPECT_EQ(TableCsv(table), "NAME,N\nCôte,5\nx,120\n,\n");
}

TEST(TableText, ShowsControlCharactersInsteadOfObeyingThem) {
  const Table table{{"NAME"},
                    {{std::string("a\x1b[31m\n\0\x7f", 9)},
                     {"\xc2\x9b"
                      "2J"},
                     {"Côte\xc2\xa0"}}};
  EXPECT_EQ(TableText(table), "NAME\na\\x1b[31m\\x0a\\x00\\x7f\n\\xc2\\x9b2J\nCôte\xc2\xa0\n");
  EXPECT_EQ(
      AlertEventText(ParseProto<alerting::v1::WatchAlertsResponse>(R"(alert { summary: "a\007b" })")).find('\007'),
      std::string::npos);
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

TEST(ChangesText, SaysInWordsWhatChangedFromWhatToWhat) {
  EXPECT_EQ(ChangesText(ParseProto<registry::v1::ChangeSet>(R"(
              revision { number: 12 } commit_time { seconds: 0 } principal { subject: "ann" }
              changes {
                operation: OPERATION_UPDATE name: "usgs/minerals%2Fnickel/1/nickel-ore/1/nickel/2024/ID"
                before { statistic { dataset: "usgs" year: 2024 quantity { tonnes: 26.890000000000004 }
                  production { mineral: "minerals/nickel" stage: STAGE_MINE country: "ID" product: "nickel-ore" } } }
                after { statistic { dataset: "usgs" year: 2024 quantity { withheld: true }
                  production { mineral: "minerals/nickel" stage: STAGE_MINE country: "ID" product: "nickel-ore" } } }
              }
              changes {
                operation: OPERATION_CREATE name: "baci/..."
                after { statistic { dataset: "baci" year: 2023 quantity { tonnes: 5 }
                  trade { mineral: "minerals/tin" hs6: "800110" exporter: "CN" importer: "JP" } } }
              }
              changes {
                operation: OPERATION_DELETE name: "wgi/..."
                before { statistic { dataset: "wgi" year: 2023 governance { country: "CD" } } }
              }
              changes { operation: OPERATION_CREATE name: "minerals/zinc" after { mineral { name: "minerals/zinc" } } }
            )")),
            "12  1970-01-01T00:00:00Z  update  production nickel mine nickel-ore ID 2024 (usgs): 26.89 t -> withheld"
            "  ann\n"
            "12  1970-01-01T00:00:00Z  create  trade tin 800110 CN to JP 2023 (baci): 5 t  ann\n"
            "12  1970-01-01T00:00:00Z  delete  governance CD 2023 (wgi)  ann\n"
            "12  1970-01-01T00:00:00Z  create  minerals/zinc  ann\n");
}

TEST(ImportText, NamesEachRejectedRowAndCounts) {
  EXPECT_EQ(ImportText(ParseProto<registry::v1::ImportResponse>(R"(
              created: 2 unchanged: 1 rejected: 4 revision { number: 9 }
              rejections { file: "a.csv" line: 3 field: "year" reason: "bad" }
              rejections { file: "b.csv" reason: "unknown" })")),
            "a.csv:3: year: bad\nb.csv: unknown\nand 2 more rejected rows\n"
            "created 2, updated 0, unchanged 1, rejected 4 (revision 9)\n");
}

TEST(ImportText, NamesNoRevisionWhereNothingWasSent) {
  EXPECT_EQ(
      ImportText(ParseProto<registry::v1::ImportResponse>("rejected: 1 rejections { file: 'a.csv' reason: 'r' }")),
      "a.csv: r\ncreated 0, updated 0, unchanged 0, rejected 1\n");
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
            "and 2 more rejected rows, which the registry has counted and not named\n"
            "created 2, updated 0, unchanged 0, rejected 4, left out 2 (revision 9)\n");
}

TEST(ImportReport, ListsEachRowAsCsvAndJson) {
  EXPECT_EQ(Reported(Format::kCsv, SomeFindings()),
            "file,line,field,reason,outcome\n"
            "a.csv,2,Unit,no mass,left-out\n"
            "a.csv,3,Value,\"no \"\"number\"\"\",rejected\n"
            "a.csv,4,Unit,no mass,left-out\n"
            "a.csv,7,,unknown,rejected\n"
            ",,,\"and 2 more rejected rows, which the registry has counted and not named\",rejected\n");
  EXPECT_EQ(Reported(Format::kJson, SomeFindings()),
            R"({"rejections":[
{"file":"a.csv","line":"2","field":"Unit","reason":"no mass","outcome":"left-out"},
{"file":"a.csv","line":"3","field":"Value","reason":"no \"number\"","outcome":"rejected"},
{"file":"a.csv","line":"4","field":"Unit","reason":"no mass","outcome":"left-out"},
{"file":"a.csv","line":"7","field":"","reason":"unknown","outcome":"rejected"}
],
"rejected":"4","leftOut":"2","rejectedUnnamed":"2","created":"2","updated":"0","unchanged":"0","revision":{"number":"9"}}
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
  EXPECT_THAT(out.str(), StartsWith("checked only, and not to the end"));
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

TEST(AlertTable, SaysWhatHappenedAndHowManyConditionsAreMet) {
  alerting::v1::ListAlertsResponse response = ParseProto<alerting::v1::ListAlertsResponse>(R"(
    alerts { rule: "rules/r" subject { subject: "minerals/gallium" } value: 2
             happened { state: STATE_IMPACT_CONFIRMED about: "a\007b" start_time { seconds: 86400 } } }
    alerts { rule: "rules/r" subject { subject: "measures/m" } happened { state: STATE_MEASURE_IN_FORCE } })");
  const Table table = AlertTable(response.alerts());
  EXPECT_THAT(table.rows[0][4], StrEq("2 met"));
  EXPECT_THAT(table.rows[0][5],
              AllOf(StartsWith("impact-confirmed (a"), EndsWith(") from 1970-01-02"), Not(HasSubstr("\a"))));
  EXPECT_THAT(table.rows[1][4], StrEq(""));
  EXPECT_THAT(table.rows[1][5], StrEq("measure-in-force"));
}

TEST(AlertEventText, IsOneLine) {
  const std::string text = AlertEventText(ParseProto<alerting::v1::WatchAlertsResponse>(R"(
    alert { severity: SEVERITY_WARNING summary: "s" subject { subject: "countries/CN" } }
    event { kind: KIND_STATE_CHANGED from: ALERT_STATE_PENDING to: ALERT_STATE_FIRING sequence: 4 reason: "HELD" time { seconds: 0 } })"));
  EXPECT_EQ(text, "4  1970-01-01T00:00:00Z  PENDING -> FIRING  warning  CN  HELD  s\n");
}

}  // namespace
}  // namespace orewatch::ctl
