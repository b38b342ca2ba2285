// Commands of the registry, of alerting and of the gateway, and how commands are misused.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/ctl/cli/args.h"
#include "services/ctl/cli/flags.h"
#include "services/ctl/client/documents.h"
#include "services/ctl/client/importer.h"
#include "services/ctl/client/progress.h"
#include "services/ctl/commands/commands_fixture.h"
#include "services/ctl/import/enum_text.h"

namespace orewatch::ctl {
namespace {

using ::testing::ElementsAre;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using testing::ParseProto;
using ::testing::SizeIs;

TEST_F(CommandsTest, GetTakesANameOrAKindAndAnId) {
  EXPECT_EQ(Ctl({"get", "minerals/zinc"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("name: \"minerals/zinc\""));
  EXPECT_EQ(Ctl({"get", "mineral", "zinc", "-o", "json"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("\"name\": \"minerals/zinc\""));
}

TEST_F(CommandsTest, GetOfWhatIsNotThereFails) {
  EXPECT_EQ(Ctl({"get", "minerals/gold"}), kExitFailed);
  EXPECT_EQ(err_.str(), "error: NOT_FOUND: no such mineral\n");
}

TEST_F(CommandsTest, ListReadsEveryPage) {
  EXPECT_EQ(Ctl({"list", "minerals"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("minerals/cobalt"));
  EXPECT_THAT(out_.str(), HasSubstr("minerals/zinc"));
}

TEST_F(CommandsTest, ListAsCsvIsWhatImportReads) {
  EXPECT_EQ(Ctl({"list", "production", "-ocsv"}), kExitDone);
  EXPECT_EQ(registry_.last_statistics.kind(), registry::v1::STATISTIC_KIND_PRODUCTION);
  const std::string file = WriteFile("production.csv", out_.str());
  EXPECT_EQ(Ctl({"import", file}), kExitDone);
  EXPECT_EQ(registry_.import_messages.back().rows(0).entry().statistic().quantity().tonnes(), 4000000);
}

TEST_F(CommandsTest, ApplyUpdatesOrCreatesAndCanBeRepeatedSafely) {
  const std::string file = WriteFile("gold.textproto", "mineral { name: \"minerals/gold\" display_name: \"Gold\" }");
  EXPECT_EQ(Ctl({"apply", "-f", file}), kExitDone);
  EXPECT_EQ(out_.str(), "minerals/gold applied\n");
  EXPECT_TRUE(registry_.last_update.allow_missing());
  EXPECT_FALSE(registry_.last_update.request_id().empty());
}

TEST_F(CommandsTest, ApplyTakesWhatGetAndExportPrint) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"get", "minerals/zinc"},
                                                                 {"get", "minerals/zinc", "-o", "json"},
                                                                 {"export"},
                                                                 {"export", "-o", "json"},
                                                                 {"list", "minerals", "-o", "textproto"}}) {
    ASSERT_EQ(Ctl(words), kExitDone);
    const std::string file = WriteFile("again.txt", out_.str());
    registry_.last_update.Clear();
    EXPECT_EQ(Ctl({"apply", "-f", file}), kExitDone) << words.back() << err_.str();
    EXPECT_EQ(registry_.last_update.mineral().name(), "minerals/zinc");
  }
}

TEST_F(CommandsTest, ApplyTakesRules) {
  const std::string file =
      WriteFile("rule.json", R"({"rules": [{"name": "rules/hhi", "threshold": {"raise": 2500}}]})");
  EXPECT_EQ(Ctl({"apply", "-f", file}), kExitDone) << err_.str();
  EXPECT_EQ(alerting_.last_rule.threshold().raise(), 2500);
}

TEST_F(CommandsTest, ApplySaysWhereAFileIsMalformed) {
  EXPECT_EQ(Ctl({"apply", "-f", WriteFile("bad.textproto", "entries {\n  mineral { nam: 1 }\n}")}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("line 2"));
  EXPECT_EQ(Ctl({"apply", "-f", WriteFile("empty.textproto", "# nothing\n")}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("holds no resource"));
  EXPECT_EQ(Ctl({"apply", "-f", "/no/such/file"}), kExitFailed);
  EXPECT_EQ(Ctl({"apply"}), kExitUsage);
}

TEST_F(CommandsTest, DeleteTakesSeveralNames) {
  EXPECT_EQ(Ctl({"delete", "minerals/zinc", "minerals/cobalt"}), kExitDone);
  EXPECT_THAT(registry_.minerals, IsEmpty());
  EXPECT_EQ(Ctl({"delete", "alerts/a"}), kExitUsage);
}

TEST_F(CommandsTest, UndeleteBringsBackAndListShowsTheDeletedWhenAsked) {
  ASSERT_EQ(Ctl({"delete", "minerals/zinc"}), kExitDone);
  EXPECT_EQ(Ctl({"undelete", "minerals/zinc"}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.minerals.count("minerals/zinc"), 1U);
  EXPECT_EQ(Ctl({"get", "minerals", "--show-deleted"}), kExitDone) << err_.str();
  EXPECT_TRUE(registry_.last_list.show_deleted());
}

TEST_F(CommandsTest, HistoryReadsEveryPageInTheNameOfItsCaller) {
  EXPECT_EQ(Ctl({"history", "minerals/zinc", "--principal=alice"}), kExitDone) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("alice"));
  EXPECT_THAT(out_.str(), HasSubstr(" 1  1970"));
}

TEST_F(CommandsTest, SearchPassesItsWordsAndKinds) {
  EXPECT_EQ(Ctl({"search", "zinc", "ore", "--kinds=minerals,projects"}), kExitDone) << err_.str();
  EXPECT_EQ(gateway_.last_search.query(), "zinc ore");
  EXPECT_THAT(gateway_.last_search.kinds(), ElementsAre("minerals", "projects"));
  EXPECT_THAT(out_.str(), HasSubstr("minerals/zinc"));
}

TEST_F(CommandsTest, ImportMergesWhatBothSidesReject) {
  const std::string file = WriteFile("countries.csv", "country,display_name,source\nQQ,Nowhere,s\nJP,Japan,s\n");
  EXPECT_EQ(Ctl({"import", file}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr(":2: country: \"QQ\" is no ISO"));
  EXPECT_THAT(out_.str(), HasSubstr(":3: country: not wanted\n"));
  EXPECT_THAT(out_.str(), HasSubstr("rejected 2"));
  EXPECT_THAT(err_.str(), HasSubstr("ROWS_REJECTED"));
}

TEST_F(CommandsTest, AnAtomicImportWithABadRowSendsNothing) {
  const std::string file =
      WriteFile("minerals.csv", "mineral,display_name,kind,source\ngold,Gold,METAL,s\ntin,Tin,,s\n");
  EXPECT_EQ(Ctl({"import", "--atomic", file}), kExitFailed);
  EXPECT_THAT(registry_.import_messages, IsEmpty());
  EXPECT_EQ(Ctl({"import", file, "--validate-only"}), kExitFailed);
  ASSERT_THAT(registry_.import_messages, SizeIs(1));
  EXPECT_TRUE(registry_.import_messages[0].validate_only());
  EXPECT_THAT(out_.str(), HasSubstr("nothing was changed"));
}

TEST_F(CommandsTest, AnImportThatTheRegistryEndsSaysWhy) {
  registry_.import_refusal = {grpc::StatusCode::INVALID_ARGUMENT, "rows: too many of them"};
  std::string rows = "dataset,mineral,stage,country,year,quantity_tonnes,basis,source\n";
  for (int i = 0; i < 100'000; ++i) {
    absl::StrAppend(&rows, "d", i, ",zinc,mine,AU,2024,1,gross,s\n");
  }
  const std::string file = WriteFile("production.csv", rows);
  for (const char* mode : {"--atomic", "--validate-only", "--timeout=60s"}) {
    err_.str("");
    EXPECT_EQ(Ctl({"import", mode, file}), kExitFailed);
    EXPECT_THAT(err_.str(), HasSubstr("too many of them")) << mode;
  }
}

TEST_F(CommandsTest, ImportOfNothingFails) {
  const std::string folder = InFolder("nothing-to-import");
  std::filesystem::create_directories(folder);
  EXPECT_EQ(Ctl({"import", folder}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("NO_ROWS"));
  EXPECT_EQ(Ctl({"import", WriteFile("minerals.csv", "mineral,display_name,kind,source\n")}), kExitFailed);
  EXPECT_THAT(registry_.import_messages, IsEmpty());
}

TEST_F(CommandsTest, ImportSendsTheBundledDataInBatches) {
  EXPECT_EQ(Ctl({"import", "data"}), kExitFailed);  // The fake wants no countries.
  ASSERT_GT(registry_.import_messages.size(), 10U);
  for (const auto& message : registry_.import_messages) {
    EXPECT_LE(message.rows_size(), 500);
    EXPECT_LT(message.ByteSizeLong(), size_t{1} << 20);
  }
}

TEST_F(CommandsTest, ImportTakesOfficialFilesAndMakesOnlyTheMineralsThatAreMissing) {
  const std::string file = WriteFile("BACI_HS17_Y2024_V202601.csv",
                                     "t,i,j,k,v,q\n2024,152,392,790111,1.5,2\n2024,152,392,283691,1.5,NA\n"
                                     "2024,152,842,283691,1.5,4\n2024,152,842,010121,1,1\n");
  EXPECT_EQ(Ctl({"import", file}), kExitDone) << out_.str() << err_.str();
  ASSERT_THAT(registry_.import_messages, SizeIs(1));
  const auto& rows = registry_.import_messages[0].rows();
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_EQ(rows[0].entry().statistic().trade().mineral(), "minerals/zinc");  // Known to the registry.
  EXPECT_EQ(rows[1].entry().mineral().name(), "minerals/lithium");
  EXPECT_THAT(out_.str(), HasSubstr(":5: left out: k: the code is of no mineral in hs6.csv\n"));
  EXPECT_THAT(out_.str(), HasSubstr("created 4, updated 0, unchanged 0, rejected 0, left out 1"));
  EXPECT_EQ(Ctl({"import", file, "-ocsv"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr(",5,k,the code is of no mineral in hs6.csv,left-out\n"));
}

TEST_F(CommandsTest, AnAtomicImportThatMeetsABadRowLateIsGivenUp) {
  std::string text = "mineral,stage,country,year,quantity_tonnes,basis,dataset,source\n";
  for (int i = 0; i < 1200; ++i) {
    text += "zinc,mine,JP,2024,1,gross,d,s\n";
  }
  const std::string file = WriteFile("production.csv", text + "zinc,mine,JP,soon,1,gross,d,s\n");
  EXPECT_EQ(Ctl({"import", "--atomic", file}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr(":1202: year: \"soon\""));
  EXPECT_THAT(out_.str(), HasSubstr("created 0"));
  EXPECT_THAT(err_.str(), HasSubstr("nothing was changed"));
}

TEST_F(CommandsTest, ADryRunIsOneCallThatSaysWhatIsAskedFor) {
  std::string text = "mineral,stage,country,year,quantity_tonnes,basis,dataset,source\n";
  for (int i = 0; i < 1200; ++i) {
    text += "zinc,mine,JP,2024,1,gross,d,s\n";
  }
  const std::string file = WriteFile("production.csv", text);
  EXPECT_EQ(Ctl({"import", "--validate_only", file}), kExitDone) << err_.str();
  EXPECT_EQ(Ctl({"import", "--validate_only", "--atomic", file}), kExitDone) << err_.str();
  EXPECT_EQ(registry_.import_calls, 2);
  ASSERT_THAT(registry_.import_messages, SizeIs(6));
  for (size_t i = 0; i < registry_.import_messages.size(); ++i) {
    EXPECT_TRUE(registry_.import_messages[i].validate_only());
    EXPECT_EQ(registry_.import_messages[i].atomic(), i >= 3);
  }
}

TEST_F(CommandsTest, ExportWritesAWholeFileOrNone) {
  const std::string file = InFolder("all.textproto");
  std::remove(file.c_str());
  registry_.export_is_whole = false;
  EXPECT_EQ(Ctl({"export", "-f", file}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("EXPORT_CUT_SHORT"));
  EXPECT_EQ(TextIn(file), "");
  registry_.export_is_whole = true;
  EXPECT_EQ(Ctl({"export", "-f", file}), kExitDone);
  EXPECT_THAT(TextIn(file), HasSubstr("minerals/zinc"));
  EXPECT_EQ(err_.str(), "exported 2 entries at revision 5\n");
}

TEST_F(CommandsTest, ExportAsCsvIsAFolderThatImportReads) {
  const std::string folder = InFolder("exported");
  EXPECT_EQ(Ctl({"export", "-o", "csv", "-f", folder}), kExitDone);
  EXPECT_EQ(Ctl({"import", folder}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("created 2"));
  EXPECT_EQ(Ctl({"export", "-o", "csv"}), kExitUsage);
}

TEST_F(CommandsTest, ExportIntoAFolderIsCsv) {
  const std::string folder = InFolder("exported-folder");
  std::filesystem::remove_all(folder);
  EXPECT_EQ(Ctl({"export", "-f", folder + "/"}), kExitDone) << err_.str();
  EXPECT_THAT(TextIn(folder + "/minerals.csv"), HasSubstr("zinc"));
  WriteFile("exported-folder/projects.csv", "project,display_name\ngone,Gone\n");
  EXPECT_EQ(Ctl({"export", "-f", folder}), kExitDone) << err_.str();
  EXPECT_THAT(TextIn(folder + "/projects.csv"), Not(HasSubstr("gone")));
  EXPECT_EQ(Ctl({"import", folder}), kExitDone) << err_.str();
  EXPECT_EQ(Ctl({"export", "-o", "json", "-f", folder}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("is a folder, which takes -o csv"));
}

TEST_F(CommandsTest, WatchPrintsChangesAndEndsWithTheStreamsError) {
  EXPECT_EQ(Ctl({"watch", "--after=41"}), kExitFailed);
  EXPECT_THAT(out_.str(), HasSubstr("42  1970-01-01T00:00:00Z  update  minerals/zinc  ann"));
  EXPECT_EQ(err_.str(), "error: OUT_OF_RANGE: compacted\n");
  EXPECT_EQ(Ctl({"watch", "colours"}), kExitUsage);
}

TEST_F(CommandsTest, AWatchOfAlertsBeginsNowUnlessToldOtherwise) {
  EXPECT_EQ(Ctl({"watch", "alerts"}), kExitFailed);
  EXPECT_EQ(alerting_.watched_after, 111);
  EXPECT_EQ(Ctl({"watch", "alerts", "--after=7"}), kExitFailed);
  EXPECT_EQ(alerting_.watched_after, 7);
  EXPECT_EQ(Ctl({"watch", "alerts", "--all"}), kExitFailed);
  EXPECT_EQ(alerting_.watched_after, 0);
}

TEST_F(CommandsTest, ListAsksForWhatMatchesInAnOrder) {
  EXPECT_EQ(Ctl({"list", "minerals", "--filter=kind = element", "--order_by=display_name desc"}), kExitDone);
  EXPECT_EQ(registry_.last_list.filter(), "kind = element");
  EXPECT_EQ(registry_.last_list.order_by(), "display_name desc");
  EXPECT_EQ(Ctl({"list", "alerts", "--order_by=name"}), kExitUsage);
}

TEST_F(CommandsTest, AlertsAreThoseFiringUnlessAskedOtherwise) {
  EXPECT_EQ(Ctl({"alerts"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_FIRING);
  EXPECT_EQ(Ctl({"alerts", "--state=all"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_UNSPECIFIED);
  EXPECT_EQ(Ctl({"alerts", "--state=loud"}), kExitUsage);
}

TEST_F(CommandsTest, ListOfAlertsTakesAState) {
  EXPECT_EQ(Ctl({"list", "alerts", "--state=resolved"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_RESOLVED);
  EXPECT_EQ(Ctl({"list", "alerts"}), kExitDone);
  EXPECT_EQ(alerting_.last_state, alerting::v1::ALERT_STATE_UNSPECIFIED);
  EXPECT_EQ(Ctl({"list", "alerts", "--state=loud"}), kExitUsage);
}

TEST_F(CommandsTest, HelpListsEveryMethod) {
  EXPECT_EQ(Ctl({"help", "explain"}), kExitDone);
  for (int number = 1; number < risk::v1::Method_ARRAYSIZE; ++number) {
    EXPECT_THAT(out_.str(), HasSubstr(EnumText(*risk::v1::Method_descriptor(), number)));
  }
}

TEST_F(CommandsTest, OverviewPassesItsListAndImporter) {
  EXPECT_EQ(Ctl({"--critical_list", "US_2025", "overview", "--importer", "EU"}), kExitDone);
  EXPECT_THAT(out_.str(), HasSubstr("Critical list US_2025 for blocs/EU"));
}

TEST_F(CommandsTest, APartialOverviewIsPrintedAndToldByTheExitCode) {
  gateway_.risk_state = gateway::v1::SectionStatus::STATE_UNAVAILABLE;
  EXPECT_EQ(Ctl({"overview"}), kExitPartial);
  EXPECT_THAT(out_.str(), HasSubstr("! risk is UNAVAILABLE"));
  EXPECT_EQ(err_.str(), "error: UNAVAILABLE PARTIAL_ANSWER: not all of the answer came: risk\n");
}

TEST_F(CommandsTest, MisuseIsToldFromFailure) {
  EXPECT_EQ(Ctl({}), kExitUsage);
  EXPECT_EQ(Ctl({"frobnicate"}), kExitUsage);
  EXPECT_EQ(Ctl({"get"}), kExitUsage);
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--loud"}), kExitUsage);
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--atomic"}), kExitUsage);
  EXPECT_THAT(err_.str(), HasSubstr("--atomic means nothing to this command"));
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "-o", "yaml"}), kExitUsage);
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--timeout=soon"}), kExitUsage);
  EXPECT_EQ(Ctl({"list", "colours"}), kExitUsage);
  EXPECT_EQ(Ctl({"help"}), kExitDone);
  EXPECT_EQ(Ctl({"import", "--help"}), kExitDone);
  EXPECT_EQ(Ctl({"version"}), kExitDone);
}

TEST_F(CommandsTest, AServerThatIsAwayIsAFailureWithinTheTimeout) {
  server_->Shutdown();
  EXPECT_EQ(Ctl({"get", "minerals/zinc", "--timeout=2s"}), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("error: "));
}

absl::optional<bool> Switches(absl::string_view name) {
  if (name == "atomic" || name == "help") {
    return true;
  }
  return name == "output" || name == "file" || name == "critical_list" ? absl::make_optional(false) : absl::nullopt;
}

TEST(ParseArgs, TakesFlagsAnywhereInEveryForm) {
  const auto args = ParseArgs({"-o", "json", "import", "--atomic", "a.csv", "--critical-list=X", "-fout", "--noatomic",
                               "-", "--", "--not-a-flag"},
                              Switches);
  ASSERT_TRUE(args.ok()) << args.status();
  EXPECT_THAT(args->words, ElementsAre("import", "a.csv", "-", "--not-a-flag"));
  EXPECT_THAT(args->flags, ElementsAre(Pair("output", "json"), Pair("atomic", "true"), Pair("critical_list", "X"),
                                       Pair("file", "out"), Pair("atomic", "false")));
}

TEST(ParseArgs, RefusesUnknownFlagsAndMissingValues) {
  for (const auto& words : std::vector<std::vector<std::string>>{{"--loud"}, {"-x"}, {"-o"}, {"--notoutput"}}) {
    EXPECT_TRUE(IsUsageError(ParseArgs(words, Switches).status())) << words.front();
  }
}

TEST(ProgressText, HasABarOnlyWhereTheTotalIsKnown) {
  EXPECT_EQ(ProgressText("importing", 1'000'000, 2'000'000, Progress::Unit::kBytes),
            "importing [###############...............]  50% 1.0/2.0 MB");
  EXPECT_EQ(ProgressText("exporting", 7, 0, Progress::Unit::kRows), "exporting 7 rows");
}

}  // namespace
}  // namespace orewatch::ctl
