#include "services/alerting/feed/fact_converter.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/testing/matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "orewatch/alerting/v1/happening.pb.h"
#include "services/alerting/feed/fact_concerns.h"
#include "services/alerting/feed/fact_spells.h"

namespace orewatch::alerting {
namespace {

using ::orewatch::testing::ParseProto;
using registry::v1::Change;
using registry::v1::Entry;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using v1::Happening;

constexpr absl::Time kNever = absl::InfiniteFuture();

absl::Time On(int year, int month = 1, int day = 1) {
  return absl::FromCivil(absl::CivilDay(year, month, day), absl::UTCTimeZone());
}

std::string Date(int year, int month = 0, int day = 0) {
  return absl::StrCat("{ year: ", year, " month: ", month, " day: ", day, " }");
}

Entry EntryOf(const std::string& text) { return ParseProto<Entry>(text); }

Fact FactFrom(const std::string& text) {
  const std::optional<Fact> fact = FactOf(EntryOf(text));
  EXPECT_TRUE(fact.has_value()) << text;
  return fact.value_or(Fact());
}

Spell Observed(int state) { return {.state = state}; }
Spell During(int state, absl::Time from, absl::Time until = kNever) {
  return {.state = state, .from = from, .until = until};
}
Spell About(const std::string& about, Spell spell) {
  spell.about = about;
  return spell;
}

struct Case {
  const char* what;
  std::string entry;
  std::vector<Spell> spells;
};

class SpellsTest : public ::testing::TestWithParam<Case> {};

TEST_P(SpellsTest, AreWhatTheEntrySays) { EXPECT_EQ(FactFrom(GetParam().entry).spells, GetParam().spells); }

std::string NameOf(const ::testing::TestParamInfo<Case>& test) { return test.param.what; }

std::string Facility(const std::string& rest) {
  return absl::StrCat("facility { name: 'suppliers/a/facilities/f' ", rest, " }");
}
std::string Supplier(const std::string& rest) { return absl::StrCat("supplier { name: 'suppliers/a' ", rest, " }"); }
std::string Project(const std::string& rest) { return absl::StrCat("project { name: 'projects/p' ", rest, " }"); }

INSTANTIATE_TEST_SUITE_P(
    Statuses, SpellsTest,
    ::testing::Values(
        Case{"FacilityInCare",
             Facility("status: STATUS_CARE_AND_MAINTENANCE"),
             {Observed(Happening::STATE_FACILITY_CARE_AND_MAINTENANCE)}},
        Case{"FacilityClosed", Facility("status: STATUS_CLOSED"), {Observed(Happening::STATE_FACILITY_CLOSED)}},
        Case{"FacilityOperating", Facility("status: STATUS_OPERATING"), {}}, Case{"FacilityUnknown", Facility(""), {}},
        Case{"ProjectSuspended", Project("status: STATUS_SUSPENDED"), {Observed(Happening::STATE_PROJECT_SUSPENDED)}},
        Case{"ProjectCancelled", Project("status: STATUS_CANCELLED"), {Observed(Happening::STATE_PROJECT_CANCELLED)}},
        Case{"ProjectInConstruction", Project("status: STATUS_CONSTRUCTION"), {}},
        Case{"ProjectUnknown", Project(""), {}}),
    NameOf);

std::string Finding(const std::string& kind, bool adverse, const std::string& date = "") {
  return absl::StrCat("findings { kind: KIND_", kind, " adverse: ", adverse ? "true" : "false",
                      date.empty() ? "" : " date ", date, " } ");
}

INSTANTIATE_TEST_SUITE_P(
    Findings, SpellsTest,
    ::testing::Values(
        Case{"FindingsBegin",
             Supplier(Finding("SANCTIONS", true, Date(2024, 6, 3)) + Finding("FORCED_LABOUR", true, Date(2024, 6)) +
                      Finding("FOREIGN_ENTITY_OF_CONCERN", true, Date(2024)) + Finding("RESPONSIBLE_SOURCING", true)),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024, 6, 3)),
              During(Happening::STATE_FINDING_FORCED_LABOUR, On(2024, 6)),
              During(Happening::STATE_FINDING_FOREIGN_ENTITY_OF_CONCERN, On(2024)),
              Observed(Happening::STATE_FINDING_RESPONSIBLE_SOURCING)}},
        Case{"FindingCleared",
             Supplier(Finding("SANCTIONS", false, Date(2025, 2, 1)) + Finding("SANCTIONS", true, Date(2024, 6, 3))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024, 6, 3), On(2025, 2, 1))}},
        Case{"FindingClearedInSomeMonth",
             Supplier(Finding("SANCTIONS", true, Date(2024)) + Finding("SANCTIONS", false, Date(2025, 2))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024), On(2025, 3))}},
        Case{"FindingClearedByTheFirstThatIsLater",
             Supplier(Finding("SANCTIONS", true, Date(2024)) + Finding("SANCTIONS", false, Date(2025)) +
                      Finding("SANCTIONS", false, Date(2025, 5, 5)) + Finding("SANCTIONS", false, Date(2023, 5, 5))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024), On(2025, 5, 5))}},
        Case{"FindingAgain",
             Supplier(Finding("SANCTIONS", true, Date(2023)) + Finding("SANCTIONS", false, Date(2024, 2, 1)) +
                      Finding("SANCTIONS", true, Date(2025, 1, 1))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2023), On(2024, 2, 1)),
              During(Happening::STATE_FINDING_SANCTIONS, On(2025))}},
        Case{"FindingNotClearedByAnEarlierAssessment",
             Supplier(Finding("SANCTIONS", true, Date(2024, 6, 3)) + Finding("SANCTIONS", false, Date(2023, 2, 1))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024, 6, 3))}},
        Case{"FindingNotClearedByWhatMayBeEarlier",
             Supplier(Finding("SANCTIONS", true, Date(2024, 6, 3)) + Finding("SANCTIONS", false, Date(2024))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024, 6, 3))}},
        Case{"FindingNotClearedByAnotherKind",
             Supplier(Finding("SANCTIONS", true, Date(2024)) + Finding("FORCED_LABOUR", false, Date(2025))),
             {During(Happening::STATE_FINDING_SANCTIONS, On(2024))}},
        Case{"FindingNotClearedWithoutDates",
             Supplier(Finding("SANCTIONS", true) + Finding("SANCTIONS", false, Date(2025)) +
                      Finding("FORCED_LABOUR", true, Date(2024)) + Finding("FORCED_LABOUR", false)),
             {Observed(Happening::STATE_FINDING_SANCTIONS), During(Happening::STATE_FINDING_FORCED_LABOUR, On(2024))}},
        Case{"FindingsThatClear", Supplier(Finding("SANCTIONS", false, Date(2024))), {}},
        Case{"FindingOfNoKind", Supplier("findings { adverse: true date { year: 2024 } }"), {}}),
    NameOf);

struct MeasureDates {
  std::string announced = {};
  std::string effective = {};
  std::string suspended = {};
  std::string suspended_until = {};
  std::string ended = {};
};

std::string Measure(const MeasureDates& dates) {
  std::string text = "measure { name: 'measures/m' ";
  for (const auto& [field, date] :
       {std::pair("announced", dates.announced), std::pair("effective", dates.effective),
        std::pair("suspended", dates.suspended), std::pair("suspended_until", dates.suspended_until),
        std::pair("ended", dates.ended)}) {
    if (!date.empty()) {
      absl::StrAppend(&text, field, " ", date, " ");
    }
  }
  return text + "}";
}

constexpr int kAnnounced = Happening::STATE_MEASURE_ANNOUNCED;
constexpr int kInForce = Happening::STATE_MEASURE_IN_FORCE;

INSTANTIATE_TEST_SUITE_P(
    Measures, SpellsTest,
    ::testing::Values(
        Case{"MeasureAnnouncedAlone", Measure({.announced = Date(2025, 4, 4)}), {During(kAnnounced, On(2025, 4, 4))}},
        Case{"MeasureAnnouncedThenInForce",
             Measure({.announced = Date(2025, 4, 4), .effective = Date(2025, 12, 1)}),
             {During(kAnnounced, On(2025, 4, 4), On(2025, 12, 1)), During(kInForce, On(2025, 12, 1))}},
        Case{"MeasureOfSomeMonthBeginsWithIt",
             Measure({.announced = Date(2025), .effective = Date(2025, 12), .ended = Date(2026, 2)}),
             {During(kAnnounced, On(2025), On(2025, 12)), During(kInForce, On(2025, 12), On(2026, 3))}},
        Case{"MeasureEndsOnItsDay",
             Measure({.effective = Date(2025, 12, 1), .ended = Date(2026, 2, 10)}),
             {During(kInForce, On(2025, 12, 1), On(2026, 2, 10))}},
        Case{"MeasureWithdrawnBeforeItBegan",
             Measure({.announced = Date(2025, 4, 4), .effective = Date(2025, 12, 1), .ended = Date(2025, 6, 1)}),
             {During(kAnnounced, On(2025, 4, 4), On(2025, 6, 1))}},
        Case{
            "MeasureSuspendedIsAnnounced",
            Measure({.announced = Date(2025, 4, 4),
                     .effective = Date(2025, 5, 1),
                     .suspended = Date(2025, 11, 10),
                     .suspended_until = Date(2026, 11, 10)}),
            {During(kAnnounced, On(2025, 4, 4), On(2025, 5, 1)), During(kAnnounced, On(2025, 11, 10), On(2026, 11, 10)),
             During(kInForce, On(2025, 5, 1), On(2025, 11, 10)), During(kInForce, On(2026, 11, 10))}},
        Case{"MeasureSuspendedUntilFurtherNotice",
             Measure({.effective = Date(2025, 5, 1), .suspended = Date(2025, 11, 10)}),
             {During(kAnnounced, On(2025, 11, 10)), During(kInForce, On(2025, 5, 1), On(2025, 11, 10))}},
        Case{
            "MeasureSuspendedThenEnded",
            Measure({.effective = Date(2025, 5, 1),
                     .suspended = Date(2025, 11, 10),
                     .suspended_until = Date(2026, 11, 10),
                     .ended = Date(2026, 3, 1)}),
            {During(kAnnounced, On(2025, 11, 10), On(2026, 3, 1)), During(kInForce, On(2025, 5, 1), On(2025, 11, 10))}},
        Case{"MeasureSuspendedBeforeItBegan",
             Measure({.announced = Date(2025, 10, 9),
                      .effective = Date(2025, 12, 1),
                      .suspended = Date(2025, 11, 10),
                      .suspended_until = Date(2026, 11, 10)}),
             {During(kAnnounced, On(2025, 10, 9), On(2026, 11, 10)), During(kInForce, On(2026, 11, 10))}},
        Case{"MeasureSuspendedForNoTime",
             Measure({.effective = Date(2025, 5, 1), .suspended = Date(2025, 6), .suspended_until = Date(2025)}),
             {During(kInForce, On(2025, 5, 1))}},
        Case{"MeasureThatOnlyEnds", Measure({.ended = Date(2025, 5, 1)}), {}},
        Case{"MeasureThatIsOnlySuspended", Measure({.suspended = Date(2025, 5, 1)}), {}},
        Case{"MeasureWithoutDates", Measure({}), {}}),
    NameOf);

std::string Event(const std::string& rest) { return absl::StrCat("event { name: 'events/e' ", rest, " }"); }
std::string Impact(const std::string& subject, const std::string& status, const std::string& since = "") {
  return absl::StrCat("impacts { subject: '", subject, "' status: STATUS_", status, since.empty() ? "" : " since ",
                      since, " } ");
}

INSTANTIATE_TEST_SUITE_P(
    Events, SpellsTest,
    ::testing::Values(
        Case{"ImpactsSinceTheirOwnDateElseTheEvents",
             Event(absl::StrCat("began ", Date(2026, 1), Impact("projects/p", "POTENTIAL"),
                                Impact("links/l", "CONFIRMED", Date(2026, 1, 7)))),
             {About("projects/p", During(Happening::STATE_IMPACT_POTENTIAL, On(2026, 1))),
              About("links/l", During(Happening::STATE_IMPACT_CONFIRMED, On(2026, 1, 7)))}},
        Case{"ImpactWithoutADateWhenFirstSeen",
             Event(Impact("links/l", "CONFIRMED")),
             {About("links/l", Observed(Happening::STATE_IMPACT_CONFIRMED))}},
        Case{"APotentialImpactEndsAfterTheEventsLastDayAndAConfirmedOneDoesNot",
             Event(absl::StrCat("began ", Date(2026, 1, 5), " ended ", Date(2026, 1, 5), Impact("links/l", "POTENTIAL"),
                                Impact("links/m", "CONFIRMED"))),
             {About("links/l", During(Happening::STATE_IMPACT_POTENTIAL, On(2026, 1, 5), On(2026, 1, 6))),
              About("links/m", During(Happening::STATE_IMPACT_CONFIRMED, On(2026, 1, 5)))}},
        Case{
            "ImpactOfARefutedEvent", Event("verification: VERIFICATION_REFUTED " + Impact("links/l", "CONFIRMED")), {}},
        Case{"ImpactOfAReportedEvent",
             Event("verification: VERIFICATION_REPORTED " + Impact("links/l", "POTENTIAL")),
             {About("links/l", Observed(Happening::STATE_IMPACT_POTENTIAL))}},
        Case{"ImpactThatIsNone",
             Event(Impact("links/l", "NO_IMPACT", Date(2026)) + Impact("links/m", "RESTORED", Date(2026)) +
                   Impact("links/n", "UNSPECIFIED", Date(2026))),
             {}},
        Case{"EventWithoutImpacts", Event("began { year: 2026 }"), {}}),
    NameOf);

std::string Milestone(const std::string& title, const std::string& planned, const std::string& actual = "") {
  return absl::StrCat("milestones { title: '", title, "'", planned.empty() ? "" : " planned ", planned,
                      actual.empty() ? "" : " actual ", actual, " } ");
}
std::string Commitment(const std::string& agency, const std::string& lapse, const std::string& decision) {
  return absl::StrCat("commitments { agency: '", agency, "'", lapse.empty() ? "" : " lapse ", lapse,
                      decision.empty() ? "" : " next_decision ", decision, " } ");
}

INSTANTIATE_TEST_SUITE_P(
    Projects, SpellsTest,
    ::testing::Values(
        Case{"MilestonesSlipWhenTheirWholeDateIsPast",
             Project(Milestone("a", Date(2025, 3, 31)) + Milestone("b", Date(2025, 3)) + Milestone("c", Date(2025))),
             {About("a", During(Happening::STATE_MILESTONE_SLIPPED, On(2025, 4))),
              About("b", During(Happening::STATE_MILESTONE_SLIPPED, On(2025, 4))),
              About("c", During(Happening::STATE_MILESTONE_SLIPPED, On(2026)))}},
        Case{"NobodyWaitsForWhatIsCancelled",
             Project("status: STATUS_CANCELLED " + Milestone("a", Date(2025, 3, 31)) +
                     Commitment("JOGMEC", Date(2026, 3, 31), Date(2025, 9, 1))),
             {Observed(Happening::STATE_PROJECT_CANCELLED)}},
        Case{"MilestoneReachedLate",
             Project(Milestone("a", Date(2025, 3, 31), Date(2025, 8, 2))),
             {About("a", During(Happening::STATE_MILESTONE_SLIPPED, On(2025, 4), On(2025, 8, 2)))}},
        Case{"MilestoneReachedInTime",
             Project(Milestone("a", Date(2025, 3, 31), Date(2025, 3, 31)) +
                     Milestone("b", Date(2025, 3, 31), Date(2025)) + Milestone("c", Date(2025), Date(2024, 2))),
             {}},
        Case{"MilestoneWithoutAPlan", Project(Milestone("a", "") + Milestone("b", "", Date(2025))), {}},
        Case{"CommitmentLapsesAfterItsLastDay",
             Project(Commitment("JOGMEC", Date(2026, 3, 31), "") + Commitment("KOMIR", Date(2026), "")),
             {About("JOGMEC", During(Happening::STATE_COMMITMENT_LAPSED, On(2026, 4))),
              About("KOMIR", During(Happening::STATE_COMMITMENT_LAPSED, On(2027)))}},
        Case{"DecisionIsDueFromItsFirstDayUntilTheLapse",
             Project(Commitment("JOGMEC", Date(2026, 3, 31), Date(2026, 2)) + Commitment("KOMIR", "", Date(2026))),
             {About("JOGMEC", During(Happening::STATE_COMMITMENT_LAPSED, On(2026, 4))),
              About("JOGMEC", During(Happening::STATE_COMMITMENT_DECISION_DUE, On(2026, 2), On(2026, 4))),
              About("KOMIR", During(Happening::STATE_COMMITMENT_DECISION_DUE, On(2026)))}},
        Case{"CommitmentsOfOneAgencyStandApart",
             Project(Commitment("JOGMEC", Date(2026), "") + Commitment("JOGMEC", Date(2025), "") +
                     Commitment("JOGMEC", Date(2026), "")),
             {About("JOGMEC", During(Happening::STATE_COMMITMENT_LAPSED, On(2026))),
              About("JOGMEC", During(Happening::STATE_COMMITMENT_LAPSED, On(2027)))}},
        Case{"CommitmentWithoutDates", Project(Commitment("JOGMEC", "", "")), {}}),
    NameOf);

INSTANTIATE_TEST_SUITE_P(
    AgreementsAndStockpiles, SpellsTest,
    ::testing::Values(Case{"AgreementEndsOnItsDay",
                           "agreement { name: 'agreements/a' ended { year: 2026 month: 5 day: 1 } }",
                           {During(Happening::STATE_AGREEMENT_ENDED, On(2026, 5, 1))}},
                      Case{"AgreementEndsWithItsMonth",
                           "agreement { name: 'agreements/a' ended { year: 2026 month: 5 } }",
                           {During(Happening::STATE_AGREEMENT_ENDED, On(2026, 6))}},
                      Case{"AgreementWithoutAnEnd", "agreement { name: 'agreements/a' in_force { year: 2020 } }", {}},
                      Case{"StockpileUnderTarget",
                           "stockpile { name: 'stockpiles/s' target_days: 60 held_days: 59.5 }",
                           {Observed(Happening::STATE_STOCKPILE_UNDER_TARGET)}},
                      Case{"StockpileEmpty",
                           "stockpile { name: 'stockpiles/s' target_days: 60 held_days: 0 }",
                           {Observed(Happening::STATE_STOCKPILE_UNDER_TARGET)}},
                      Case{"StockpileOnTarget", "stockpile { name: 'stockpiles/s' target_days: 60 held_days: 60 }", {}},
                      Case{"StockpileHoldsNobodyKnowsWhat", "stockpile { name: 'stockpiles/s' target_days: 60 }", {}},
                      Case{"StockpileWithoutATarget", "stockpile { name: 'stockpiles/s' held_days: 1 }", {}}),
    NameOf);

TEST(FactConverterTest, WhatIsNeverInAStateIsNoFact) {
  for (const char* text : {"", "mineral { name: 'minerals/m' }", "country { name: 'countries/AU' }", "bloc {}",
                           "link {}", "requirement {}", "statistic {}", "today { date { year: 2026 } }"}) {
    EXPECT_THAT(FactOf(EntryOf(text)), Eq(std::nullopt)) << text;
  }
}

TEST(FactConverterTest, NothingThatIsUnsetCrashes) {
  for (const char* text :
       {"supplier {}", "facility {}", "project {}", "agreement {}", "measure {}", "stockpile {}", "event {}",
        "supplier { findings {} }", "project { milestones {} commitments {} sponsors {} }", "event { impacts {} }",
        "facility { outputs {} owners {} }"}) {
    Fact fact = FactFrom(text);
    fact.unknown.clear();
    EXPECT_EQ(fact, Fact()) << text;
  }
}

TEST(FactConverterTest, WhatIsNoLongerSaidIsUnknown) {
  EXPECT_THAT(FactFrom(Facility("")).unknown, ElementsAre(HundredOf(Happening::STATE_FACILITY_CLOSED)));
  EXPECT_THAT(FactFrom(Facility("status: STATUS_OPERATING")).unknown, IsEmpty());
  EXPECT_THAT(FactFrom(Project("")).unknown, ElementsAre(HundredOf(Happening::STATE_PROJECT_CANCELLED)));
  EXPECT_THAT(FactFrom("stockpile { name: 'stockpiles/s' target_days: 60 }").unknown,
              ElementsAre(HundredOf(Happening::STATE_STOCKPILE_UNDER_TARGET)));
  EXPECT_THAT(FactFrom("stockpile { name: 'stockpiles/s' target_days: 60 held_days: 61 }").unknown, IsEmpty());
}

TEST(FactConverterTest, DatesThatNoCalendarHasDoNotCrash) {
  for (const char* date :
       {"{ month: 5 day: 5 }", "{ year: -5 }", "{ year: 2147483647 month: 2147483647 day: 2147483647 }",
        "{ year: 2025 month: -2147483648 day: -2147483648 }"}) {
    FactFrom(Measure({date, date, date, date, date}));
    FactFrom(Project(Milestone("a", date, date) + Commitment("a", date, date)));
    FactFrom(Supplier(Finding("SANCTIONS", true, date) + Finding("SANCTIONS", false, date)));
  }
}

TEST(FactConverterTest, AFactSaysWhatItIsAndSinceWhichRevision) {
  const Fact fact = FactFrom("measure { name: 'measures/cn-gallium' metadata { revision { number: 7 } } }");
  EXPECT_EQ(fact.resource, "measures/cn-gallium");
  EXPECT_EQ(fact.revision, 7);
}

TEST(FactConverterTest, AFactIsForThoseWhoMayReadTheThing) {
  for (const char* kind : {"supplier", "facility", "project", "agreement", "stockpile", "event"}) {
    const Fact fact = FactFrom(
        absl::StrCat(kind, " { visibility { owner: 'alice' readers: 'bob' readers: 'carol' inherited: true } }"));
    EXPECT_EQ(fact.visibility, (Visibility{"alice", {"bob", "carol"}})) << kind;
    EXPECT_TRUE(FactFrom(absl::StrCat(kind, " {}")).visibility.Public()) << kind;
  }
}

TEST(FactConverterTest, UnknownNumbersOfOtherHundredsAreNoStates) {
  Entry facility = EntryOf(Facility(""));
  for (const int status : {7, 107, 201, 901, -99}) {
    facility.mutable_facility()->set_status(static_cast<registry::v1::Facility::Status>(status));
    EXPECT_THAT(FactOf(facility)->spells, IsEmpty()) << status;
  }
}

struct Concern {
  std::string entry;
  std::vector<std::string> names;
};

TEST(FactConverterTest, AFactConcernsWhatTheThingNames) {
  const std::vector<Concern> cases = {
      {Supplier("country: 'countries/AU' owners { supplier: 'suppliers/owner' country: 'countries/CN' }"),
       {"countries/AU"}},
      {Facility("country: 'countries/AU' operator: 'suppliers/b' outputs { mineral: 'minerals/indium' host_mineral: "
                "'minerals/zinc' } inputs { mineral: 'minerals/coal' } owners { supplier: 'suppliers/owner' }"),
       {"countries/AU", "minerals/indium", "minerals/zinc", "suppliers/a", "suppliers/b"}},
      {Project("country: 'countries/AU' mineral: 'minerals/tin' sponsors { supplier: 'suppliers/s' } sponsors { "
               "display_name: 'who' } commitments { country: 'countries/JP' }"),
       {"countries/AU", "countries/JP", "minerals/tin", "suppliers/s"}},
      {"agreement { name: 'agreements/a' parties: 'countries/JP' parties: 'blocs/EU' minerals: 'minerals/tin' }",
       {"blocs/EU", "countries/JP", "minerals/tin"}},
      {"measure { name: 'measures/m' imposer: 'countries/CN' mineral: 'minerals/tin' destinations: 'countries/US' }",
       {"countries/CN", "countries/US", "minerals/tin"}},
      {"stockpile { name: 'stockpiles/s' country: 'countries/KR' minerals: 'minerals/tin' }",
       {"countries/KR", "minerals/tin"}},
      {Event("country: 'countries/CL' " + Impact("suppliers/a/facilities/f", "CONFIRMED") +
             Impact("events/e", "CONFIRMED") + Impact("links/spared", "NO_IMPACT") + Impact("links/again", "RESTORED")),
       {"countries/CL", "suppliers/a", "suppliers/a/facilities/f"}},
  };
  for (const Concern& one : cases) {
    EXPECT_EQ(FactFrom(one.entry).concerns, one.names) << one.entry;
  }
}

TEST(FactConverterTest, ConcernsAreBoundedAndTheFirstStay) {
  std::string text = "name: 'measures/m' imposer: 'countries/CN' mineral: 'minerals/z' ";
  for (size_t i = 0; i < 2 * kMaxConcerns; ++i) {
    absl::StrAppend(&text, "destinations: 'countries/", i, "' ");
  }
  const std::vector<std::string> concerns = FactFrom(absl::StrCat("measure { ", text, " }")).concerns;
  EXPECT_THAT(concerns, SizeIs(kMaxConcerns));
  EXPECT_THAT(concerns, ::testing::Contains("minerals/z"));
  EXPECT_TRUE(std::is_sorted(concerns.begin(), concerns.end()));
}

TEST(FactConverterTest, SpellsAreBoundedAndTheLongestStay) {
  std::string text;
  for (size_t i = 0; i < kMaxSpells; ++i) {
    text += Milestone(absl::StrCat("reached ", i), Date(2020), Date(2022));
    text += Milestone(absl::StrCat("open ", i), Date(2021));
  }
  const std::vector<Spell> spells = FactFrom(Project(text)).spells;
  EXPECT_THAT(spells, SizeIs(kMaxSpells));
  EXPECT_THAT(spells, Each(Field(&Spell::until, kNever)));
}

TEST(FactConverterTest, WhatIsInAStateIsToldInBoundedText) {
  const std::string title = std::string(kMaxAboutBytes - 1, 'a') + "ä and more";
  EXPECT_EQ(FactFrom(Project(Milestone(title, Date(2020)))).spells.at(0).about, std::string(kMaxAboutBytes - 1, 'a'));
}

Change ChangeOf(const std::string& before, const std::string& after) {
  Change change;
  *change.mutable_before() = EntryOf(before);
  *change.mutable_after() = EntryOf(after);
  return change;
}

std::vector<Spell> SpellsOfChange(const Change& change) {
  const std::optional<Fact> fact = FactOf(change, On(2026, 3, 3));
  return fact.has_value() ? fact->spells : std::vector<Spell>();
}

constexpr char kOwnedByB[] = "owners { supplier: 'suppliers/b' share: 0.6 } owners { display_name: 'c' } ";

TEST(OwnerChangeTest, OtherOwnersAreAChangeAtItsCommit) {
  const Spell changed = During(kOwnerChanged, On(2026, 3, 3));
  for (const char* now : {"owners { supplier: 'suppliers/d' share: 0.6 } owners { display_name: 'c' }",
                          "owners { supplier: 'suppliers/b' share: 0.7 } owners { display_name: 'c' }",
                          "owners { supplier: 'suppliers/b' share: 0.6 } owners { display_name: 'c' ultimate: true }",
                          "owners { supplier: 'suppliers/b' share: 0.6 }"}) {
    EXPECT_THAT(SpellsOfChange(ChangeOf(Supplier(kOwnedByB), Supplier(now))), ElementsAre(changed)) << now;
    EXPECT_THAT(SpellsOfChange(ChangeOf(Facility(kOwnedByB), Facility(now))), ElementsAre(changed)) << now;
  }
  EXPECT_THAT(SpellsOfChange(ChangeOf(Facility(""), Facility(kOwnedByB))), ElementsAre(changed));
}

TEST(OwnerChangeTest, TheSameOwnersAreNone) {
  for (const char* now :
       {kOwnedByB, "owners { display_name: 'c' } owners { supplier: 'suppliers/b' share: 0.6 }",
        "country: 'countries/AU' owners { supplier: 'suppliers/b' share: 0.6 country: 'countries/CN' } "
        "owners { display_name: 'c' state: true }"}) {
    EXPECT_THAT(SpellsOfChange(ChangeOf(Supplier(kOwnedByB), Supplier(now))), IsEmpty()) << now;
  }
}

TEST(OwnerChangeTest, OwnersThatWereNotKnownHaveNotChanged) {
  EXPECT_THAT(SpellsOfChange(ChangeOf(Supplier(""), Supplier(kOwnedByB))), IsEmpty());
  EXPECT_THAT(SpellsOfChange(ChangeOf(Supplier(kOwnedByB), Supplier(""))), IsEmpty());
  Change created;
  *created.mutable_after() = EntryOf(Facility(kOwnedByB));
  EXPECT_THAT(SpellsOfChange(created), IsEmpty());
  EXPECT_THAT(SpellsOfChange(ChangeOf("", Facility(kOwnedByB))), IsEmpty());
}

TEST(OwnerChangeTest, WhoCouldNotReadItBeforeLearnsOfNoChange) {
  const auto seen_by = [](const std::string& visibility) {
    return Supplier(absl::StrCat("owners { display_name: '", visibility, "' } ", visibility));
  };
  const std::string alices = "visibility { owner: \"alice\" }";
  const std::string shared = "visibility { owner: \"alice\" readers: \"bob\" }";
  EXPECT_THAT(SpellsOfChange(ChangeOf(seen_by(alices), seen_by(shared))), IsEmpty());
  EXPECT_THAT(SpellsOfChange(ChangeOf(seen_by(alices), seen_by(""))), IsEmpty());
  EXPECT_THAT(SpellsOfChange(ChangeOf(seen_by(shared), seen_by(alices))), SizeIs(1));
  EXPECT_THAT(SpellsOfChange(ChangeOf(seen_by(""), seen_by(alices))), SizeIs(1));
}

TEST(OwnerChangeTest, WhatElseItIsInStandsBeside) {
  const Change change = ChangeOf(Facility(""), Facility(absl::StrCat("status: STATUS_CLOSED ", kOwnedByB)));
  EXPECT_THAT(SpellsOfChange(change),
              ElementsAre(Observed(Happening::STATE_FACILITY_CLOSED), During(kOwnerChanged, On(2026, 3, 3))));
}

TEST(CreationTest, AStatusThatAThingComesWithIsNoNewsAndWhatHappenedToItIs) {
  const auto created = [](const std::string& text) {
    Change change;
    *change.mutable_after() = EntryOf(text);
    return SpellsOfChange(change);
  };
  EXPECT_THAT(created(Facility("status: STATUS_CLOSED")),
              ElementsAre(During(Happening::STATE_FACILITY_CLOSED, absl::InfinitePast())));
  EXPECT_THAT(created(Project("status: STATUS_SUSPENDED")),
              ElementsAre(During(Happening::STATE_PROJECT_SUSPENDED, absl::InfinitePast())));
  EXPECT_THAT(created(Event(Impact("links/l", "CONFIRMED"))),
              ElementsAre(About("links/l", Observed(Happening::STATE_IMPACT_CONFIRMED))));
}

TEST(OwnerChangeTest, WhatIsGoneIsNoFact) {
  Change deletion;
  *deletion.mutable_before() = EntryOf(Facility(kOwnedByB));
  EXPECT_THAT(FactOf(deletion, On(2026)), Eq(std::nullopt));
}

}  // namespace
}  // namespace orewatch::alerting
