#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/ctl/csv/csv_writer.h"
#include "services/ctl/import/collecting_sink.h"
#include "services/ctl/import/countries.h"
#include "services/ctl/import/entries.h"
#include "services/ctl/import/enum_text.h"
#include "services/ctl/import/loader.h"
#include "services/ctl/import/names.h"
#include "services/ctl/import/row_batch.h"
#include "services/ctl/import/row_writer.h"
#include "services/ctl/import/values.h"

namespace orewatch::ctl {
namespace {

using registry::v1::Entry;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using testing::EqualsProto;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ParseProto;
using ::testing::SizeIs;

std::string WriteFile(const std::string& name, const std::string& text) {
  std::string path = absl::StrCat(::testing::TempDir(), "/", name);
  std::ofstream(path) << text;
  return path;
}

CollectingSink Load(const std::vector<std::string>& paths, const KnownNames& known = {}) {
  CollectingSink sink;
  const auto files = FindFiles(paths);
  EXPECT_TRUE(files.ok()) << files.status();
  if (files.ok()) {
    const absl::Status status = LoadFiles(*files, known, sink);
    EXPECT_TRUE(status.ok()) << status;
  }
  return sink;
}

CollectingSink Read(const std::string& file, const std::string& text) { return Load({WriteFile(file, text)}); }

// Problems as `line field: reason`.
std::vector<std::string> ProblemsOf(const std::string& file, const std::string& text) {
  return CollectingSink::TextOf(Read(file, text).rejected);
}

// A file whose rows must become one entry, and the entry, in text format.
struct Fixture {
  std::string file;
  std::string text;
  std::string entry;
};

const std::vector<Fixture>& Fixtures() {
  static const auto* const fixtures = new std::vector<Fixture>{
      {"minerals.csv",
       "mineral,display_name,kind,members,critical_lists,as_of,licence,source\n"
       "rare-earths,Rare earths,BASKET,cerium;yttrium,US_2025; EU_2023,2026,facts,USGS\n",
       R"(mineral { name: "minerals/rare-earths" display_name: "Rare earths" kind: KIND_BASKET
          members: "minerals/cerium" members: "minerals/yttrium"
          critical_lists: "US_2025" critical_lists: "EU_2023"
          provenance { source: "USGS" as_of: "2026" licence: "facts" } })"},
      {"countries.csv", "country,display_name,iso3,source\nAUS,Australia,AUS,ISO\n",
       R"(country { name: "countries/AU" display_name: "Australia" alpha3: "AUS" provenance { source: "ISO" } })"},
      {"blocs.csv",
       "bloc,display_name,country,from,to,source\n"
       "EU,European Union,DE,1958-01-01,,dates\nEU,European Union,GB,1973-01-01,2020-01-31,dates\n",
       R"(bloc { name: "blocs/EU" display_name: "European Union"
          memberships { country: "countries/DE" from { year: 1958 month: 1 day: 1 } }
          memberships { country: "countries/GB" from { year: 1973 month: 1 day: 1 } to { year: 2020 month: 1 day: 31 } }
          provenance { source: "dates" } })"},
      {"suppliers.csv",
       "supplier,display_name,legal_name,aliases,country,lei,ticker,owner,owner_country,state_owned,source\n"
       "acme,Acme,Acme Ltd,AC;Acme Co,AU,,ASX:ACM,State Fund,CN,true,report\n",
       R"(supplier { name: "suppliers/acme" display_name: "Acme" legal_name: "Acme Ltd" aliases: "AC" aliases: "Acme Co"
          country: "countries/AU" identifiers { key: "ticker" value: "ASX:ACM" }
          owners { display_name: "State Fund" country: "countries/CN" state: true }
          provenance { source: "report" } })"},
      {"facilities.csv",
       "supplier,facility,display_name,country,latitude,longitude,status,stage,mineral,product,"
       "capacity_tonnes_per_year,basis,host_mineral,source\n"
       "acme,north,North,AU,-20.5,120,operating,mine,copper,copper-ore,1000,CONTAINED,,a\n"
       "acme,north,North,AU,,,,mine,cobalt,cobalt-ore,,CONTAINED,copper,b\n",
       R"(facility { name: "suppliers/acme/facilities/north" display_name: "North" country: "countries/AU"
          latitude: -20.5 longitude: 120 status: STATUS_OPERATING
          outputs { mineral: "minerals/copper" stage: STAGE_MINE product: "copper-ore" capacity_tonnes_per_year: 1000
                    basis: BASIS_CONTAINED }
          outputs { mineral: "minerals/cobalt" stage: STAGE_MINE product: "cobalt-ore" basis: BASIS_CONTAINED
                    host_mineral: "minerals/copper" }
          provenance { source: "a; b" } })"},
      {"links.csv",
       "link,from_facility,to,mineral,product,tonnes_per_year,share,verification,confidence,contract,contract_start,"
       "contract_tonnes_per_year,source\n"
       "l1,acme/north,beta,copper,copper-ore,,0.5,inferred,0.7,offtake 2024,2025-01,1200,news\n",
       R"(link { name: "links/l1" from: "suppliers/acme/facilities/north" to: "suppliers/beta" mineral: "minerals/copper"
          product: "copper-ore" share: 0.5 verification: VERIFICATION_INFERRED confidence: 0.7
          contract { title: "offtake 2024" start { year: 2025 month: 1 } tonnes_per_year: 1200 }
          provenance { source: "news" } })"},
      {"projects.csv",
       "project,display_name,country,mineral,stage,status,product,capacity_tonnes_per_year,basis,sponsors,agency,"
       "agency_country,instrument,amount_committed,currency,committed_on,offtake_tonnes_per_year,planned_start,"
       "actual_start,partners,source\n"
       "p1,P "
       "One,AU,cobalt,refine,construction,cobalt-metal,900,contained,Acme;Beta,JOGMEC,JP,equity,,USD,2023-03,300,2027,"
       ",Acme;Trader,x\n"
       "p1,P "
       "One,AU,cobalt,refine,construction,cobalt-metal,900,contained,Acme;Beta,KEXIM,KR,loan,5e6,USD,,,2027,,Trader,"
       "y\n",
       R"(project { name: "projects/p1" display_name: "P One" country: "countries/AU" mineral: "minerals/cobalt"
          stage: STAGE_REFINE status: STATUS_CONSTRUCTION product: "cobalt-metal" capacity_tonnes_per_year: 900
          basis: BASIS_CONTAINED sponsors { display_name: "Acme" } sponsors { display_name: "Beta" }
          commitments { agency: "JOGMEC" country: "countries/JP" instrument: INSTRUMENT_EQUITY currency: "USD"
                        committed { year: 2023 month: 3 } offtake_tonnes_per_year: 300 provenance { source: "x" } }
          commitments { agency: "KEXIM" country: "countries/KR" instrument: INSTRUMENT_LOAN amount_committed: 5e6
                        currency: "USD" provenance { source: "y" } }
          milestones { title: "start of production" planned { year: 2027 } }
          partners { display_name: "Acme" }
          partners { display_name: "Trader" }
          provenance { source: "x; y" } })"},
      {"events.csv",
       "event,display_name,kind,country,began,verification,subject,status,lost_share,visible_to_owner,source\n"
       "e1,Quake,earthquake,JP,2024-01-01,verified,suppliers/acme,confirmed,0.4,meti,news\n"
       "e1,Quake,earthquake,JP,2024-01-01,verified,minerals/cobalt,no-impact,,meti,news\n",
       R"(event { name: "events/e1" display_name: "Quake" kind: KIND_EARTHQUAKE country: "countries/JP"
          began { year: 2024 month: 1 day: 1 } verification: VERIFICATION_VERIFIED
          impacts { subject: "suppliers/acme" status: STATUS_CONFIRMED lost_share: 0.4 }
          impacts { subject: "minerals/cobalt" status: STATUS_NO_IMPACT }
          visibility { owner: "meti" } provenance { source: "news" } })"},
      {"reserves.csv",
       "mineral,classification,country,year,quantity_tonnes,basis,dataset,source\n"
       "cobalt,reserves,CD,2024,6e6,contained,usgs-mcs-2025,table\n",
       R"(statistic { dataset: "usgs-mcs-2025" year: 2024
          reserves { mineral: "minerals/cobalt" country: "CD" classification: CLASSIFICATION_RESERVES }
          quantity { tonnes: 6e6 basis: BASIS_CONTAINED } provenance { source: "table" } })"},
      {"agreements.csv",
       "agreement,display_name,kind,parties,signed,in_force,ended,minerals,source\n"
       "a1,A One,critical-minerals-agreement,bloc:EU;JP;countries/US,2023-03-28,,,lithium,text\n",
       R"(agreement { name: "agreements/a1" display_name: "A One" kind: KIND_CRITICAL_MINERALS_AGREEMENT
          parties: "blocs/EU" parties: "countries/JP" parties: "countries/US"
          signed { year: 2023 month: 3 day: 28 } minerals: "minerals/lithium" provenance { source: "text" } })"},
      {"measures.csv",
       "measure,display_name,imposer,kind,mineral,product,stage,hs6,destinations,announced,effective,suspended,ended,"
       "source\n"
       "m1,Gallium ban,CN,BAN,gallium,,process,811292;280000,US,2024-12-03,2024-12-03,2025-11-09,,MOFCOM\n",
       R"(measure { name: "measures/m1" display_name: "Gallium ban" imposer: "countries/CN" kind: KIND_BAN
          mineral: "minerals/gallium" stage: STAGE_PROCESS hs6: "811292" hs6: "280000" destinations: "countries/US"
          announced { year: 2024 month: 12 day: 3 } effective { year: 2024 month: 12 day: 3 }
          suspended { year: 2025 month: 11 day: 9 } provenance { source: "MOFCOM" } })"},
      {"stockpiles.csv",
       "stockpile,display_name,country,agency,mineral_class,minerals,target_days,held_days,denominator,source\n"
       "jp,Japan,JP,JOGMEC,rare metals,,60,,domestic consumption,METI\n",
       R"(stockpile { name: "stockpiles/jp" display_name: "Japan" country: "countries/JP" agency: "JOGMEC"
          mineral_class: "rare metals" target_days: 60 denominator: "domestic consumption"
          provenance { source: "METI" } })"},
      {"requirements.csv",
       "requirement,holder,mineral,product,year,quantity_tonnes,basis,source\n"
       "r1,JP,cobalt,cobalt-metal,2024,1200.5,contained,USGS\n",
       R"(requirement { name: "requirements/r1" holder: "countries/JP" mineral: "minerals/cobalt" product: "cobalt-metal"
          year: 2024 quantity { tonnes: 1200.5 basis: BASIS_CONTAINED } provenance { source: "USGS" } })"},
      {"production.csv",
       "mineral,stage,country,year,quantity_tonnes,share,withheld,estimated,basis,dataset,scope,product,source\n"
       "cobalt,mine,ZZ,2024,,0.25,false,true,CONTAINED,d,cobalt content,cobalt-ore,s\n",
       R"(statistic { dataset: "d" year: 2024
          production { mineral: "minerals/cobalt" stage: STAGE_MINE country: "ZZ" product: "cobalt-ore" }
          quantity { share: 0.25 basis: BASIS_CONTAINED scope: "cobalt content" estimated: true }
          provenance { source: "s" } })"},
      {"trade-2024.csv",
       "mineral,product,stage,hs6,exporter,importer,year,quantity_tonnes,value_usd,basis,dataset,source\n"
       "lithium,lithium-carbonate,process,283691,CHL,JP,2024,,5000,GROSS,baci,s\n",
       R"(statistic { dataset: "baci" year: 2024
          trade { mineral: "minerals/lithium" product: "lithium-carbonate" stage: STAGE_PROCESS hs6: "283691"
                  exporter: "CL" importer: "JP" value_usd: 5000 }
          quantity { basis: BASIS_GROSS } provenance { source: "s" } })"},
      {"governance.csv",
       "country,year,voice_accountability,political_stability,government_effectiveness,regulatory_quality,rule_of_law,"
       "control_of_corruption,source\nAI,2023,,1.11,1.2,0.93,0.68,-0.5,s\n",
       R"(statistic { dataset: "wgi" year: 2023
          governance { country: "AI" political_stability: 1.11 government_effectiveness: 1.2 regulatory_quality: 0.93
                       rule_of_law: 0.68 control_of_corruption: -0.5 }
          provenance { source: "s" } })"},
      {"indicators.csv",
       "subject,indicator,year,value,unit,region,dataset,source\n"
       "minerals/tungsten,eol-recycling-input-rate,2020,0.42,fraction,EU,eu,s\n",
       R"(statistic { dataset: "eu" year: 2020
          indicator { subject: "minerals/tungsten" indicator: "eol-recycling-input-rate" region: "EU" unit: "fraction"
                      value: 0.42 }
          provenance { source: "s" } })"},
  };
  return *fixtures;
}

class EveryKind : public ::testing::TestWithParam<size_t> {
 protected:
  const Fixture& fixture() const { return Fixtures().at(GetParam()); }
};

TEST_P(EveryKind, BecomesOneEntry) {
  const CollectingSink result = Read(fixture().file, fixture().text);
  EXPECT_THAT(result.rejected, IsEmpty());
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_THAT(result.rows[0].file(), EndsWith(fixture().file));
  EXPECT_EQ(result.rows[0].line(), 2);
  EXPECT_THAT(result.rows[0].entry(), EqualsProto(ParseProto<Entry>(fixture().entry)));
}

TEST_P(EveryKind, IsWrittenAsItIsRead) {
  const auto entry = ParseProto<Entry>(fixture().entry);
  const FileKind* kind = FileKindOf(entry);
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind, FileKindOf(fixture().file));
  std::string text = CsvRecord(HeaderOf(*kind));
  for (const auto& row : RowsOf(*kind, entry)) {
    text += CsvRecord(row);
  }
  const CollectingSink again = Read(fixture().file, text);
  EXPECT_THAT(again.rejected, IsEmpty());
  ASSERT_THAT(again.rows, SizeIs(1));
  EXPECT_THAT(again.rows[0].entry(), EqualsProto(entry));
}

INSTANTIATE_TEST_SUITE_P(Import, EveryKind, ::testing::Range<size_t>(0, 17), [](const auto& test) {
  return std::string(FileKindOf(Fixtures().at(test.param).file)->name);
});

TEST(RowReader, AddsAnInputAndAnOwnerOfAFacilityARow) {
  const CollectingSink result =
      Read("facilities.csv",
           "supplier,facility,display_name,country,mineral,stage,input_mineral,use_tonnes_per_day,essential,"
           "qualified_alternates,owner,owner_share,source\n"
           "acme,plant,Plant,JP,,,cobalt,2.5,true,beta/west,,,x\n"
           "acme,plant,Plant,JP,,,,,,,Beta,0.5,x\n");
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_THAT(result.rows[0].entry(), EqualsProto(ParseProto<Entry>(R"(
                facility { name: "suppliers/acme/facilities/plant" display_name: "Plant" country: "countries/JP"
                  inputs { mineral: "minerals/cobalt" use_tonnes_per_day: 2.5 essential: true
                           qualified_alternates: "suppliers/beta/facilities/west" }
                  owners { display_name: "Beta" share: 0.5 } provenance { source: "x" } })")));
}

// The entry after it has been written and read, which is the same one.
void ExpectSameAgain(const Entry& entry) {
  const FileKind* kind = FileKindOf(entry);
  ASSERT_NE(kind, nullptr);
  std::string text = CsvRecord(HeaderOf(*kind));
  for (const auto& row : RowsOf(*kind, entry)) {
    text += CsvRecord(row);
  }
  const CollectingSink again = Read(absl::StrCat(kind->name, ".csv"), text);
  EXPECT_THAT(again.rejected, IsEmpty()) << text;
  ASSERT_THAT(again.rows, SizeIs(1)) << text;
  EXPECT_THAT(again.rows[0].entry(), EqualsProto(entry)) << text;
}

constexpr const char* kOddTexts[] = {
    ";",  "a;b",     ",",    "\"",   "\"\"", "\"\"\"", "\"a\"",   "\"a\" b",  "a \"b\"",  "\"a;b\"",      " a",
    "a ", " ",       "\t",   "a\tb", "a\nb", "a\r\nb", "\na",     "a\r\n",    "銅; 鉱山", "\xEF\xBB\xBF", "1234.5",
    "W",  "2024-07", "=1+1", "-",    "true", "0",      "\" a \"", "\";\";\"", "''",       "suppliers/a",  "countries/",
    "#",  "\\;"};

TEST(RowWriter, KeepsOddTextAsItIs) {
  Entry all;
  all.mutable_supplier()->set_name("suppliers/acme");
  for (const char* text : kOddTexts) {
    Entry entry;
    auto& supplier = *entry.mutable_supplier();
    supplier.set_name("suppliers/acme");
    supplier.set_display_name(text);
    supplier.add_aliases(text);
    (*supplier.mutable_identifiers())["lei"] = text;
    (*supplier.mutable_identifiers())["duns"] = text;
    supplier.add_owners()->set_display_name(text);
    supplier.mutable_provenance()->set_source(text);
    ExpectSameAgain(entry);
    all.mutable_supplier()->add_aliases(text);

    Entry project;
    project.mutable_project()->set_name("projects/p");
    project.mutable_project()->add_sponsors()->set_display_name(text);
    project.mutable_project()->add_sponsors()->set_supplier("suppliers/acme");
    project.mutable_project()->add_milestones()->set_title(text);
    ExpectSameAgain(project);
  }
  all.mutable_supplier()->add_aliases("");
  ExpectSameAgain(all);
}

TEST(RowWriter, KeepsWhatIsUnsetApartFromWhatIsEmptyOrZero) {
  for (const char* entry : {
           "supplier { name: 'suppliers/a' owners { } owners { state: false } owners { share: 0 } findings { } }",
           "supplier { name: 'suppliers/a' findings { provenance { } } identifiers { key: 'lei' value: '' } }",
           "facility { name: 'suppliers/a/facilities/b' latitude: 0 outputs { capacity_tonnes_per_year: 0 } "
           "inputs { } inputs { essential: false } inputs { stock_tonnes: 0 } }",
           "project { name: 'projects/p' milestones { } milestones { planned { year: 2027 } } commitments { } "
           "commitments { amount_committed: 0 } engagements { provenance { source: 's' } } }",
           "bloc { name: 'blocs/X' memberships { } memberships { to { year: 2020 } } }",
           "mineral { name: 'minerals/m' traded_forms { } traded_forms { main: true } traded_forms { contained_share: "
           "0 } }",
           "link { name: 'links/l' contract { } }",
           "link { name: 'links/l' contract { provenance { } } }",
           "event { name: 'events/e' impacts { } impacts { lost_share: 0 } longitude: 0 }",
           "measure { name: 'measures/m' }",
           "stockpile { name: 'stockpiles/s' target_days: 0 }",
           "requirement { name: 'requirements/r' quantity { } }",
           "requirement { name: 'requirements/r' quantity { tonnes: 0 } }",
           "requirement { name: 'requirements/r' quantity { withheld: true } }",
       }) {
    ExpectSameAgain(ParseProto<Entry>(entry));
  }
}

TEST(RowWriter, KeepsTheSourceOfAResourceApartFromThoseOfItsParts) {
  ExpectSameAgain(ParseProto<Entry>(R"(project { name: "projects/p" provenance { source: "P" as_of: "2020" }
      commitments { agency: "A" committed { year: 2020 } provenance { source: "a" as_of: "2021" } }
      commitments { agency: "A" committed { year: 2021 } provenance { source: "b" licence: "facts" } }
      commitments { agency: "B" } })"));
}

TEST(RowWriter, LeavesOutAVisibilityThatIsTakenOver) {
  auto entry = ParseProto<Entry>("facility { name: 'suppliers/a/facilities/b' provenance { source: 's' } }");
  Entry stored = entry;
  *stored.mutable_facility()->mutable_visibility() =
      ParseProto<type::v1::Visibility>("owner: 'alice' readers: 'bob' inherited: true");
  EXPECT_EQ(RowsOf(*FileKindOf(stored), stored), RowsOf(*FileKindOf(entry), entry));
}

TEST(RowWriter, KeepsCodesThatNoListHas) {
  ExpectSameAgain(ParseProto<Entry>("country { name: 'countries/QQ' }"));
  ExpectSameAgain(
      ParseProto<Entry>("measure { name: 'measures/m' imposer: 'countries/QQ' destinations: 'countries/QX' "
                        "destinations: 'blocs/EU' }"));
  ExpectSameAgain(ParseProto<Entry>(R"(statistic { dataset: "d" year: 2024 quantity { share: 0 basis: BASIS_GROSS }
      production { mineral: "minerals/tin" stage: STAGE_MINE country: "QQ" } provenance { source: "s" } })"));
}

TEST(RowReader, RejectsIdentifiersThatDisagree) {
  const std::string header = "supplier,display_name,country,lei,other_identifiers,source\n";
  EXPECT_THAT(ProblemsOf("suppliers.csv", header + "a,A,JP,1,,s\na,A,JP,2,,s\n"),
              ElementsAre("3 identifiers: differs from line 2, which has the same name"));
  EXPECT_THAT(ProblemsOf("suppliers.csv", header + "a,A,JP,,duns,s\n"),
              ElementsAre("2 other_identifiers: \"duns\" is not of the form scheme=value"));
}

TEST(RowReader, TakesALongList) {
  std::string aliases;
  for (int i = 0; i < 10'000; ++i) {
    absl::StrAppend(&aliases, "alias number ", i, ";");
  }
  const CollectingSink result =
      Read("suppliers.csv", "supplier,display_name,country,aliases,source\na,A,JP," + aliases + ",s\n");
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_EQ(result.rows[0].entry().supplier().aliases_size(), 10'000);
}

TEST(RowReader, HasAFixtureForEveryKind) { EXPECT_EQ(Fixtures().size(), FileKinds().size()); }

TEST(RowReader, KeepsUnknownApartFromZeroAndFromWithheld) {
  const std::string header = "mineral,stage,country,year,quantity_tonnes,share,withheld,basis,dataset,source\n";
  const CollectingSink result = Read("production.csv", header +
                                                           "zinc,mine,US,2024,0,,false,GROSS,d,s\n"
                                                           "zinc,mine,CA,2024,,,false,GROSS,d,s\n"
                                                           "zinc,mine,CN,2024,,,true,GROSS,d,s\n");
  ASSERT_THAT(result.rows, SizeIs(3));
  EXPECT_THAT(result.rows[0].entry().statistic().quantity(),
              EqualsProto(ParseProto<type::v1::Quantity>("tonnes: 0 basis: BASIS_GROSS")));
  EXPECT_THAT(result.rows[1].entry().statistic().quantity(),
              EqualsProto(ParseProto<type::v1::Quantity>("basis: BASIS_GROSS")));
  EXPECT_THAT(result.rows[2].entry().statistic().quantity(),
              EqualsProto(ParseProto<type::v1::Quantity>("withheld: true basis: BASIS_GROSS")));
}

TEST(RowReader, TakesColumnsInAnyOrder) {
  const CollectingSink result = Read("countries.csv", "source,display_name,country\nISO,Japan,JP\n");
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_EQ(result.rows[0].entry().country().name(), "countries/JP");
}

TEST(RowReader, NamesMissingUnknownAndRepeatedColumns) {
  EXPECT_THAT(ProblemsOf("countries.csv", "country,colour,country\nJP,red,JP\n"),
              ElementsAre("1 colour: unknown column of countries.csv", "1 country: the column stands twice",
                          "1 display_name: the column is missing", "1 source: the column is missing"));
  EXPECT_THAT(ProblemsOf("countries.csv", ""), ElementsAre(HasSubstr("the file is empty")));
}

TEST(RowReader, ReportsEveryBadCellWithItsLine) {
  const std::string header = "mineral,stage,country,year,quantity_tonnes,share,withheld,basis,dataset,source\n";
  EXPECT_THAT(ProblemsOf("production.csv", header + "zinc,dig,XX,soon,\"1,000\",,perhaps,GROSS,d,s\n"
                                                    "zinc,mine,US,2024,5,0.5,,GROSS,d,s\n"
                                                    "zinc,mine,,2024,nan,,,GROSS,,s\n"
                                                    "zinc,mine\n"),
              ElementsAre("2 stage: \"dig\" is not one of mine, smelt, refine, process",
                          HasSubstr("2 country: \"XX\" is no ISO 3166-1"), HasSubstr("2 year: \"soon\""),
                          HasSubstr("2 quantity_tonnes: \"1,000\" is not a number"),
                          HasSubstr("2 withheld: \"perhaps\""), "3 share: cannot stand beside tonnes in one row",
                          "4 country: must not be blank", HasSubstr("4 quantity_tonnes: \"nan\""),
                          "4 dataset: must not be blank", "5 : the row has 2 fields, the header 10"));
}

TEST(RowReader, LeavesOutAResourceOneOfWhoseRowsIsBad) {
  const CollectingSink result = Read("blocs.csv",
                                     "bloc,display_name,country,from,source\n"
                                     "EU,European Union,DE,1958,s\nEU,European Union,QQ,1958,s\nX,X,JP,,s\n");
  EXPECT_THAT(result.rejected, SizeIs(1));
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_EQ(result.rows[0].entry().bloc().name(), "blocs/X");
}

TEST(RowReader, ReportsRowsOfOneNameThatDisagree) {
  EXPECT_THAT(ProblemsOf("countries.csv", "country,display_name,source\nJP,Japan,s\nJP,Nippon,s\n"),
              ElementsAre("3 display_name: differs from line 2, which has the same name"));
}

TEST(RowReader, ReportsMalformedCsvByLine) {
  EXPECT_THAT(ProblemsOf("countries.csv", "country,display_name,source\nJP,\"Japan,s\n"),
              ElementsAre("2 : the record on line 2 has a quote that is never closed; nothing of the file was taken"));
}

TEST(RowReader, TakesNoResourceOfWhichARowWasNotRead) {
  const std::string blocs = "bloc,display_name,country,from,source\nEU,Union,DE,1958,s\n";
  EXPECT_THAT(Read("blocs.csv", blocs + "EU,Union,FR\n").rows, IsEmpty());
  EXPECT_THAT(Read("blocs.csv", blocs + "EU,Union,\"FR,1958,s\n").rows, IsEmpty());
  const CollectingSink figures = Read("production.csv",
                                      "mineral,stage,country,year,quantity_tonnes,basis,dataset,source\n"
                                      "zinc,mine,US,2024,1,gross,d,s\nzinc,mine,\"US,2025,1,gross,d,s\n");
  EXPECT_THAT(figures.rows, SizeIs(1));
  EXPECT_THAT(CollectingSink::TextOf(figures.rejected), ElementsAre(EndsWith("what follows was not read")));
}

TEST(RowReader, TakesNoResourceToWhichANamelessRowMayBelong) {
  const std::string suppliers = "supplier,display_name,country,owner,owner_share,source\nzzz,Zed,JP,Alpha,0.5,s\n";
  for (const char* nameless : {",Zed,JP,Beta,0.5,s\n", "Zed,JP,Beta,0.5,s\n"}) {
    const CollectingSink result = Read("suppliers.csv", suppliers + nameless);
    EXPECT_THAT(result.rows, IsEmpty()) << nameless;
    EXPECT_THAT(CollectingSink::TextOf(result.rejected),
                ElementsAre(HasSubstr("3 "), HasSubstr("line 3 may be of the same resource")))
        << nameless;
  }
}

TEST(Merge, JoinsSourcesThatAreBeginningsOfOthers) {
  const CollectingSink result =
      Read("blocs.csv",
           "bloc,display_name,country,from,source\n"
           "EU,Union,DE,1958,Report 20\nEU,Union,FR,1958,Report 2\nEU,Union,IT,1958,Report 20\n");
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_EQ(result.rows[0].entry().bloc().provenance().source(), "Report 20; Report 2");
}

TEST(RowReader, NamesNoOwnerForASupplierThatIsNotOwnedByAState) {
  const std::string header = "supplier,display_name,country,owner,state_owned,source\n";
  const CollectingSink result =
      Read("suppliers.csv", header + "a,A,AU,,false,s\nb,B,AU,Fund,false,s\nc,C,AU,,true,s\n");
  ASSERT_THAT(result.rows, SizeIs(3));
  EXPECT_THAT(result.rows[0].entry().supplier().owners(), IsEmpty());
  ASSERT_THAT(result.rows[1].entry().supplier().owners(), SizeIs(1));
  EXPECT_TRUE(result.rows[1].entry().supplier().owners(0).has_state());
  ASSERT_THAT(result.rows[2].entry().supplier().owners(), SizeIs(1));
}

TEST(Columns, AreAllDocumented) {
  const std::string text = *ReadFile("docs/data.md");
  for (const FileKind& kind : FileKinds()) {
    const size_t begin = text.find(absl::StrCat("### ", kind.name, ".csv"));
    ASSERT_NE(begin, std::string::npos) << kind.name;
    const std::string section = text.substr(begin, text.find("\n##", begin + 1) - begin);
    for (const std::string& header : HeaderOf(kind)) {
      const bool everywhere =
          header == "source" || header == "as_of" || header == "licence" || absl::StartsWith(header, "visible_to_");
      EXPECT_THAT(everywhere ? text : section, HasSubstr(absl::StrCat("`", header, "`"))) << kind.name;
    }
  }
}

TEST(Countries, AreTakenByEitherCodeInAnyCase) {
  EXPECT_EQ(*CountryAlpha2("AUS"), "AU");
  EXPECT_EQ(*CountryAlpha2("cd"), "CD");
  EXPECT_FALSE(CountryAlpha2("ZZ").ok());
  EXPECT_FALSE(CountryAlpha2("").ok());
}

TEST(Names, AreCompleted) {
  EXPECT_EQ(*Canonical(Cell::kCountryCode, "ZZ"), "ZZ");
  EXPECT_FALSE(Canonical(Cell::kCountry, "ZZ").ok());
  EXPECT_EQ(*Canonical(Cell::kHolder, "JP"), "countries/JP");
  EXPECT_EQ(*Canonical(Cell::kHolder, "acme"), "suppliers/acme");
  EXPECT_EQ(*Canonical(Cell::kHolder, "acme/north"), "suppliers/acme/facilities/north");
  EXPECT_FALSE(Canonical(Cell::kHs6, "28369").ok());
  EXPECT_FALSE(Canonical(Cell::kId, "a/b").ok());
}

TEST(EnumText, ReadsAndWritesWhatPeopleWrite) {
  const auto& kind = *registry::v1::Agreement::Kind_descriptor();
  EXPECT_EQ(*ParseEnum(kind, "Free Trade Agreement"), registry::v1::Agreement::KIND_FREE_TRADE_AGREEMENT);
  EXPECT_EQ(*ParseEnum(kind, "KIND_PARTNERSHIP"), registry::v1::Agreement::KIND_PARTNERSHIP);
  EXPECT_FALSE(ParseEnum(kind, "unspecified").ok());
  EXPECT_EQ(EnumText(kind, registry::v1::Agreement::KIND_FREE_TRADE_AGREEMENT), "free-trade-agreement");
  EXPECT_EQ(EnumText(kind, 0), "");
}

TEST(Values, AreExactBothWays) {
  EXPECT_EQ(NumberText(100000), "100000");
  EXPECT_EQ(NumberText(0.1), "0.1");
  EXPECT_EQ(NumberText(-20.5), "-20.5");
  EXPECT_EQ(NumberText(1e300), "1e+300");
  EXPECT_EQ(DateText(*ParseDate("2024-02-29")), "2024-02-29");
  EXPECT_EQ(DateText(*ParseDate("2024")), "2024");
  for (const char* bad : {"2023-02-29", "24", "2024-13", "2024-1", "2024-01-00", "2024-01-01-01", "soon"}) {
    EXPECT_FALSE(ParseDate(bad).ok()) << bad;
  }
}

TEST(Values, HaveYearsThatTheRegistryKeeps) {
  EXPECT_EQ(*ParseYear("2024"), 2024);
  for (const char* bad : {"1899", "2201", "2147483647", "2021–24", ""}) {
    EXPECT_FALSE(ParseYear(bad).ok()) << bad;
  }
}

TEST(Values, AreNotTakenForZero) {
  EXPECT_EQ(*ParseNumber("0e-400"), 0);
  EXPECT_EQ(*ParseNumber("-0.0"), 0);
  EXPECT_FALSE(ParseNumber("1e-400").ok());
  EXPECT_FALSE(ParseNumber("-0.1e-400").ok());
}

TEST(Values, AreScaledExactly) {
  EXPECT_EQ(*ParseScaled("0.564", 3), 564);
  EXPECT_EQ(*ParseScaled("1.1", -3), 0.0011);
  EXPECT_EQ(*ParseScaled("2.5e-3", 3), 2.5);
  EXPECT_EQ(*ParseScaled("0", -400), 0);
  for (const char* bad : {"", ".", "-1", "1,000", "1e", "1e9999", "1e-400", "nan", "0x10", " 1"}) {
    EXPECT_FALSE(ParseScaled(bad, 3).ok()) << bad;
  }
}

TEST(Loader, ReadsTheBundledDataWithoutAComplaint) {
  const CollectingSink result = Load({"data"});
  EXPECT_THAT(CollectingSink::TextOf(result.rejected), IsEmpty());
  EXPECT_THAT(CollectingSink::TextOf(result.left_out), IsEmpty());
  EXPECT_TRUE(result.rows.front().entry().has_mineral());
  EXPECT_TRUE(result.rows.back().entry().statistic().has_indicator());
}

TEST(Loader, TellsOurKindsByTheirHeaderToo) {
  const CollectingSink result = Load({WriteFile("output of 2024.txt",
                                                "country,mineral,stage,year,quantity_tonnes,basis,dataset,source\n"
                                                "JP,zinc,mine,2024,1,gross,d,s\n")});
  EXPECT_THAT(result.rejected, IsEmpty());
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_TRUE(result.rows[0].entry().statistic().has_production());
}

TEST(Loader, ReadsReferencesBeforeWhatRefersToThem) {
  const std::string trade = WriteFile("BACI_HS17_Y2024_V202601.csv", "t,i,j,k,v,q\n2024,842,392,283691,1,1\n");
  const std::string minerals =
      WriteFile("minerals.csv", "mineral,display_name,kind,source\nlithium,Lithium,element,s\n");
  const CollectingSink result = Load({trade, minerals}, {"countries/JP", "countries/US"});
  ASSERT_THAT(result.rows, SizeIs(2));
  // The file's mineral, not one that the trade needs made.
  EXPECT_EQ(result.rows[0].entry().mineral().display_name(), "Lithium");
  EXPECT_TRUE(result.rows[1].entry().statistic().has_trade());
}

TEST(Loader, TakesATableAmongTheFilesForTheBuiltInOne) {
  const std::string trade = WriteFile("flows.csv", "t,i,j,k,v,q\n2024,842,392,999999,1,1\n");
  const std::string table = WriteFile("codes.csv",
                                      "hs6,mineral,product,stage,basis,scope,source\n"
                                      "999999,zinc,odd-zinc,refine,gross,odd,s\n");
  EXPECT_THAT(Load({trade}).rows, IsEmpty());
  const CollectingSink result = Load({trade, table}, {"countries/JP", "countries/US", "minerals/zinc"});
  ASSERT_THAT(result.rows, SizeIs(1));
  EXPECT_EQ(result.rows[0].entry().statistic().trade().product(), "odd-zinc");
}

TEST(Loader, NamesTheLineOfAMalformedTable) {
  const std::string header = "hs6,mineral,product,stage,basis,scope\n";
  for (const auto& [text, problem] : std::vector<std::pair<std::string, std::string>>{
           {"28369,zinc,,refine,gross,\n", "line 2: \"28369\" is not a code of six digits"},
           {"283691,zinc,,dig,gross,\n", "line 2: \"dig\" is not one of"},
           {"283691,,,mine,gross,\n", "line 2: names no mineral"},
           {"283691,zinc,,mine,gross,\n283691,tin,,mine,gross,\n", "line 3: the code 283691 stands twice"},
           {"283691,zinc\n", "line 2: has 2 fields, the header 6"}}) {
    CollectingSink sink;
    const auto files = FindFiles({WriteFile("hs6.csv", header + text)});
    ASSERT_TRUE(files.ok());
    const absl::Status status = LoadFiles(*files, {}, sink);
    EXPECT_THAT(status, testing::HasError(absl::StatusCode::kInvalidArgument, "TABLE_MALFORMED"));
    EXPECT_THAT(std::string(status.message()), HasSubstr(problem));
  }
}

TEST(Loader, TellsOfEveryByteOfAFile) {
  const std::string row = "zinc,mine,JP,2024,1,gross,d,s\n";
  std::string text = "mineral,stage,country,year,quantity_tonnes,basis,dataset,source\n";
  for (int i = 0; i < 10'000; ++i) {
    text += row;
  }
  const CollectingSink result = Read("production.csv", text);
  EXPECT_THAT(result.rows, SizeIs(10'000));
  EXPECT_EQ(result.bytes, static_cast<int64_t>(text.size()));
}

TEST(Loader, ReportsAFileOfNoKindAndAPathThatIsNotThere) {
  const CollectingSink result = Read("colours.csv", "a\n");
  ASSERT_THAT(result.rejected, SizeIs(1));
  EXPECT_THAT(result.rejected[0].reason, HasSubstr("minerals.csv"));
  EXPECT_THAT(FindFiles({"/no/such/path"}), testing::HasError(absl::StatusCode::kNotFound, "NO_SUCH_FILE"));
}

TEST(Loader, EndsWithTheErrorOfTheSink) {
  struct FullSink : public CollectingSink {
    absl::Status Add(registry::v1::ImportRequest::Row /*row*/) override { return absl::CancelledError("full"); }
  };
  FullSink full;
  const auto files = FindFiles({"data"});
  ASSERT_TRUE(files.ok());
  EXPECT_EQ(LoadFiles(*files, {}, full).code(), absl::StatusCode::kCancelled);
}

TEST(RowBatch, IsBoundedInRowsAndBytes) {
  RowBatch batch;
  registry::v1::ImportRequest::Row row;
  for (int i = 0; i < 500; ++i) {
    EXPECT_TRUE(batch.Fits(row));
    batch.Add(row);
  }
  EXPECT_FALSE(batch.Fits(row));
  EXPECT_EQ(batch.Take().rows_size(), 500);
  EXPECT_TRUE(batch.empty());
  row.mutable_entry()->mutable_mineral()->set_display_name(std::string(2'000'000, 'x'));
  EXPECT_TRUE(batch.Fits(row));
  batch.Add(row);
  EXPECT_FALSE(batch.Fits({}));
}

}  // namespace
}  // namespace orewatch::ctl
