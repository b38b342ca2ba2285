#include "services/risk/domain/partners.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "services/risk/domain/model.h"

namespace orewatch::risk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr BasisNumber kContained = 2;
constexpr StageNumber kMine = 1;
constexpr StageNumber kRefine = 3;
constexpr char kCobalt[] = "minerals/cobalt";
constexpr char kNickel[] = "minerals/nickel";

// Japan buys all its mined cobalt of CD (the worst governance) and AU (the best).
class RankPartnersTest : public ::testing::Test {
 protected:
  RankPartnersTest() {
    changes_.today = "2026-01-01";
    changes_.minerals = {{kCobalt, true}, {kNickel, true}};
    for (const char* country : {"JP", "CD", "AU", "CL", "CA", "VN"}) {
      changes_.countries[absl::StrCat("countries/", country)] = true;
    }
    Output(kMine, "CD", 80);
    Output(kMine, "AU", 20);
    Import("CD", 90);
    Import("AU", 10);
    Govern("CD", -2.5);
    Govern("AU", 2.5);
    Govern("CL", 0);
  }

  void Output(StageNumber stage, const std::string& country, std::optional<double> tonnes) {
    Figure figure;
    figure.amount = tonnes;
    figure.withheld = !tonnes.has_value();
    figure.provenance.source = "output";
    changes_.production[{{kCobalt, stage}, {"usgs-mcs-2026", "", kContained, "", 2024, country}}] = figure;
  }
  void Import(const std::string& country, double tonnes) {
    Figure figure;
    figure.amount = tonnes;
    changes_.trade[{{kCobalt, kMine}, {"cepii-baci-x", "", "260500", kContained, "", 2024, "JP", country}}] = figure;
  }
  void Govern(const std::string& country, double estimate) {
    GovernanceFact fact;
    fact.estimates.fill(estimate);
    changes_.governance[{country, 2024, "wgi"}] = fact;
  }
  void Spare(const std::string& country, double tonnes, const Readers& readers = {}, BasisNumber basis = kContained,
             const std::string& product = "") {
    const std::string facility = absl::StrCat("suppliers/s/facilities/f", changes_.projects.headrooms.size());
    changes_.projects.headrooms[{{kCobalt, kMine}, {facility, 0}}] =
        Headroom{country, product, tonnes, basis, {"plant", "", ""}, readers};
  }
  void Project(const std::string& name, const std::string& country, double capacity, ProjectStatus status,
               const Readers& readers = {}) {
    ProjectRecord project;
    project.country = country;
    project.mineral = kCobalt;
    project.stage = kMine;
    project.status = status;
    project.capacity_tonnes_per_year = capacity;
    project.basis = kContained;
    project.readers = readers;
    changes_.projects.projects[name] = project;
  }

  PartnerRanking Rank(const std::string& principal = "", StageNumber stage = kMine) {
    PartnerQuery query = query_;
    query.series = {kCobalt, stage};
    query.importer = "countries/JP";
    query.horizon_year = 2030;
    query.principal = principal;
    return RankPartners(Model(Parameters()).Apply(changes_, 1)->world(), query);
  }
  static const Partner* Find(const PartnerRanking& ranking, const std::string& country) {
    for (const Partner& partner : ranking.partners) {
      if (partner.ranked.country == country) {
        return &partner;
      }
    }
    return nullptr;
  }
  static PartnerFactorFinding Factor(const PartnerRanking& ranking, const std::string& country, PartnerFactor factor) {
    const Partner* partner = Find(ranking, country);
    EXPECT_NE(partner, nullptr) << country;
    for (const PartnerFactorFinding& finding : partner->factors) {
      if (finding.factor == factor) {
        return finding;
      }
    }
    ADD_FAILURE() << "no such factor";
    return partner->factors.front();
  }

  Changes changes_;
  PartnerQuery query_ = [] {
    PartnerQuery query;
    query.weights = PartnerParameters().weights;
    return query;
  }();
};

TEST_F(RankPartnersTest, RanksThoseWithAnyFactAndNeverTheImporter) {
  Output(kRefine, "JP", 5);
  Output(kRefine, "CA", 5);
  const PartnerRanking ranking = Rank("", kRefine);
  EXPECT_THAT(ranking.partners, SizeIs(3));
  EXPECT_EQ(Find(ranking, "JP"), nullptr);
  EXPECT_NE(Find(ranking, "CD"), nullptr) << "the neighbouring stage makes a candidate";
  EXPECT_EQ(Find(ranking, "VN"), nullptr) << "nothing is known of it";
}

TEST_F(RankPartnersTest, MeasuresEachFactorByItsFigure) {
  const PartnerRanking ranking = Rank();
  EXPECT_DOUBLE_EQ(*Factor(ranking, "CD", PartnerFactor::kOutput).value, 0.8);
  EXPECT_EQ(Factor(ranking, "CD", PartnerFactor::kOutput).year, 2024);
  EXPECT_EQ(Factor(ranking, "CD", PartnerFactor::kOutput).provenances[0].source, "output");
  EXPECT_DOUBLE_EQ(*Factor(ranking, "AU", PartnerFactor::kGovernance).value, 2.5);
  EXPECT_DOUBLE_EQ(Factor(ranking, "AU", PartnerFactor::kGovernance).scaled.value, 1);
  EXPECT_DOUBLE_EQ(Factor(ranking, "CD", PartnerFactor::kGovernance).scaled.value, 0);
  EXPECT_DOUBLE_EQ(*Factor(ranking, "AU", PartnerFactor::kAgreements).value, 1);
  EXPECT_DOUBLE_EQ(*ranking.risk, 0.81) << "the share of CD, squared, at the worst governance";
  EXPECT_DOUBLE_EQ(*ranking.imports_tonnes, 100);
}

TEST_F(RankPartnersTest, KnowsThatWhoIsNotNamedHasNoneWhereNobodyElseHas) {
  Spare("CA", 1);
  EXPECT_EQ(Factor(Rank(), "CA", PartnerFactor::kOutput).value, 0);
  Output(kMine, "ZZ", 1);
  const PartnerFactorFinding among_others = Factor(Rank(), "CA", PartnerFactor::kOutput);
  EXPECT_FALSE(among_others.value.has_value());
  EXPECT_THAT(among_others.reasons, ElementsAre("AMONG_OTHERS"));
}

TEST_F(RankPartnersTest, GivesNoBenefitWithoutHeadroomData) {
  const PartnerFactorFinding free = Factor(Rank(), "AU", PartnerFactor::kFreeTonnes);
  EXPECT_FALSE(free.value.has_value());
  EXPECT_THAT(free.reasons, ElementsAre("NO_HEADROOM_DATA"));
  const PartnerRanking ranking = Rank();
  const PartnerFactorFinding fall = Factor(ranking, "AU", PartnerFactor::kRiskFall);
  EXPECT_EQ(fall.scaled.value, 0);
  EXPECT_EQ(fall.scaled.upper, 1) << "unknown is not none";
  EXPECT_THAT(fall.reasons, ElementsAre("NO_HEADROOM_DATA"));
}

TEST_F(RankPartnersTest, RanksOnNoFactorThatIsKnownOfNobodyAndKeepsItsWeight) {
  Output(kMine, "CL", 10);
  const PartnerRanking ranking = Rank();
  EXPECT_THAT(ranking.not_ranked_on,
              ElementsAre(PartnerFactor::kEndowment, PartnerFactor::kFreeTonnes, PartnerFactor::kRiskFall));
  for (const Partner& partner : ranking.partners) {
    EXPECT_EQ(partner.ranked.best_rank, partner.ranked.rank) << "all that is ranked on is known";
    EXPECT_EQ(partner.ranked.worst_rank, partner.ranked.rank);
    EXPECT_EQ(partner.at_most.best_rank, 1);
    EXPECT_EQ(partner.at_most.worst_rank, 3);
    EXPECT_NEAR(partner.at_most.upper - partner.at_most.lower, 3.0 / 7, 1e-12) << "it is still unknown";
    EXPECT_LE(partner.ranked.score, 4.0 / 7) << "nothing is renormalised away";
  }
}

TEST_F(RankPartnersTest, WidensNoRankByWhatAnotherCandidateShows) {
  Output(kMine, "CL", 10);
  Spare("AU", 9);
  const PartnerRanking ranking = Rank();
  EXPECT_THAT(ranking.not_ranked_on, ElementsAre(PartnerFactor::kEndowment));
  for (const Partner& partner : ranking.partners) {
    EXPECT_EQ(partner.ranked.best_rank, partner.ranked.rank);
    EXPECT_EQ(partner.ranked.worst_rank, partner.ranked.rank);
  }
  EXPECT_EQ(Factor(ranking, "CL", PartnerFactor::kFreeTonnes).ranked.upper, 0) << "no headroom data, no benefit";
  EXPECT_EQ(Factor(ranking, "CL", PartnerFactor::kFreeTonnes).scaled.upper, 1);
}

TEST_F(RankPartnersTest, BoundsAFallAmongUnknownSourcesByWhatIsFree) {
  changes_.trade[{{kCobalt, kMine}, {"cepii-baci-x", "", "260500", kContained, "", 2024, "JP", "VN"}}] = Figure();
  Spare("AU", 9);
  const PartnerFactorFinding fall = Factor(Rank(), "AU", PartnerFactor::kRiskFall);
  EXPECT_EQ(fall.scaled.lower, 0);
  EXPECT_NEAR(fall.scaled.upper, 1 - 0.9 * 0.9, 1e-12) << "9 tonnes take the place of a tenth of the other 90";
}

TEST_F(RankPartnersTest, AddsNoGrossTonnesOfUnlikeProducts) {
  constexpr BasisNumber kGross = 1;
  for (auto& [at, figure] : std::exchange(changes_.trade, {})) {
    auto key = at.second;
    key.basis = kGross;
    key.product = "cobalt-ore";
    changes_.trade[{at.first, key}] = figure;
  }
  Spare("AU", 9, {}, kGross, "cobalt-ore");
  Spare("AU", 5, {}, kGross, "cobalt-hydroxide");
  Spare("AU", 7, {}, kGross);
  const PartnerFactorFinding free = Factor(Rank(), "AU", PartnerFactor::kFreeTonnes);
  EXPECT_EQ(free.value, 9);
  EXPECT_THAT(free.reasons,
              ElementsAre("PRODUCT_MISMATCH:suppliers/s/facilities/f1", "PRODUCT_UNKNOWN:suppliers/s/facilities/f2"));
  changes_.trade.clear();
  const PartnerFactorFinding unlike = Factor(Rank(), "AU", PartnerFactor::kFreeTonnes);
  EXPECT_FALSE(unlike.value.has_value()) << "nothing says which of them are wanted";
  EXPECT_THAT(unlike.reasons, Contains("UNLIKE_TONNES"));
}

TEST_F(RankPartnersTest, GivesNoTonnesThatABanHoldsBack) {
  Spare("AU", 9);
  Project("projects/p", "AU", 1000, ProjectStatus::kConstruction);
  changes_.restrictions["measures/ban"] = {"AU", TradeRelation::kBan, kCobalt, "", 0, {}, {}, "2020", "", "", "", {}};
  const PartnerRanking ranking = Rank();
  const PartnerFactorFinding free = Factor(ranking, "AU", PartnerFactor::kFreeTonnes);
  EXPECT_EQ(free.value, 0);
  EXPECT_EQ(free.scaled.upper, 0);
  EXPECT_THAT(free.reasons, ElementsAre("EXPORT_BAN:measures/ban"));
  EXPECT_EQ(Factor(ranking, "AU", PartnerFactor::kRiskFall).value, 0);
  EXPECT_EQ(Find(ranking, "AU")->years.back().free_tonnes, 0);
}

TEST_F(RankPartnersTest, JudgesABanAtTheEndOfEachYear) {
  Spare("AU", 9);
  changes_.restrictions["measures/ends"] = {"AU", TradeRelation::kBan, kCobalt, "", 0, {}, {}, "2020", "",
                                            "",   "2027-06",           {}};
  changes_.restrictions["measures/later"] = {"AU", TradeRelation::kBan, kCobalt, "", 0,  {},
                                             {},   "2029-01-01",        "",      "", "", {}};
  const PartnerRanking ranking = Rank();
  const std::vector<PartnerYearFinding>& years = Find(ranking, "AU")->years;
  const auto free_in = [&](int year) { return years.at(static_cast<size_t>(year - 2026)).free_tonnes; };
  EXPECT_EQ(free_in(2026), 0);
  EXPECT_EQ(free_in(2028), 9);
  EXPECT_EQ(free_in(2030), 0);
  EXPECT_THAT(Factor(ranking, "AU", PartnerFactor::kFreeTonnes).reasons, ElementsAre("EXPORT_BAN:measures/later"));
  EXPECT_THAT(Find(ranking, "AU")->other_resources, Contains("measures/later"));
}

TEST_F(RankPartnersTest, CountsOnNoTonnesThatAQuotaMayHoldBack) {
  Spare("AU", 9);
  changes_.restrictions["measures/q"] = {"AU", TradeRelation::kQuota, kCobalt, "", 0, {}, {}, "2020", "", "", "", {}};
  const PartnerFactorFinding free = Factor(Rank(), "AU", PartnerFactor::kFreeTonnes);
  EXPECT_EQ(free.value, 9);
  EXPECT_EQ(free.scaled.lower, 0);
  EXPECT_THAT(free.reasons, ElementsAre("EXPORT_LIMIT:measures/q"));
  EXPECT_EQ(Factor(Rank(), "AU", PartnerFactor::kRiskFall).scaled.lower, 0);
}

TEST_F(RankPartnersTest, NamesNobodyForAMineWhoOnlyRefines) {
  Output(kRefine, "VN", 50);
  EXPECT_EQ(Find(Rank(), "VN"), nullptr);
  EXPECT_NE(Find(Rank("", kRefine), "CD"), nullptr) << "who digs may come to refine";
}

TEST_F(RankPartnersTest, AMeasureOnATechnologyHoldsNoOreBack) {
  changes_.trade.clear();
  changes_.restrictions["measures/t"] = {
      "AU", TradeRelation::kBan, kCobalt, "refining-technology", 0, {}, {}, "2020", "", "", "", {}};
  const PartnerFactorFinding agreements = Factor(Rank(), "AU", PartnerFactor::kAgreements);
  EXPECT_EQ(agreements.value, 1);
  EXPECT_THAT(agreements.reasons, ElementsAre("OTHER_PRODUCT:measures/t"));
}

TEST_F(RankPartnersTest, NamesWhatElseIsInForce) {
  Restriction tax{"AU", TradeRelation::kExportTax, kCobalt, "", 0, {}, {}, "2020", "", "", "", {}};
  changes_.restrictions["measures/a-tax"] = tax;
  tax.ended = "2022";
  changes_.restrictions["measures/b-ended"] = tax;
  tax = {"AU", TradeRelation::kBan, kCobalt, "", 0, {}, {}, "2020", "", "", "", {}};
  changes_.restrictions["measures/c-ban"] = tax;
  changes_.agreements["agreements/public"] = TradeAgreement{{"JP", "AU"}, {}, "2020", ""};
  changes_.projects.agreements["agreements/mou"] = AgreementRecord{false, {{"JP", "AU"}, {}, "", ""}, {}};
  changes_.projects.agreements["agreements/past"] = AgreementRecord{false, {{"JP", "AU"}, {}, "", "2021"}, {}};
  changes_.projects.agreements["agreements/nickel"] = AgreementRecord{false, {{"JP", "AU"}, {kNickel}, "", ""}, {}};
  const PartnerRanking ranking = Rank();
  EXPECT_THAT(Factor(ranking, "AU", PartnerFactor::kAgreements).resources, ElementsAre("measures/c-ban"));
  EXPECT_THAT(Find(ranking, "AU")->other_resources,
              ElementsAre("measures/a-tax", "agreements/public", "agreements/mou"));
  EXPECT_THAT(Find(ranking, "CD")->other_resources, ElementsAre());
}

TEST_F(RankPartnersTest, MovesNoMoreThanIsFree) {
  Spare("AU", 9);
  const PartnerRanking ranking = Rank();
  EXPECT_DOUBLE_EQ(*Factor(ranking, "AU", PartnerFactor::kFreeTonnes).value, 9);
  EXPECT_DOUBLE_EQ(Factor(ranking, "AU", PartnerFactor::kFreeTonnes).scaled.value, 0.09);
  const double after = 0.81 * 0.81;
  EXPECT_NEAR(*Factor(ranking, "AU", PartnerFactor::kRiskFall).value, 1 - after / 0.81, 1e-12);
  const PartnerYearFinding& last = Find(ranking, "AU")->years.back();
  EXPECT_EQ(last.year, 2030);
  EXPECT_DOUBLE_EQ(*last.moved_share, 0.09);
}

TEST_F(RankPartnersTest, CountsAProjectByItsChanceAndOnlyMinesHaveOne) {
  Project("projects/p", "CL", 1000, ProjectStatus::kConstruction);
  const PartnerRanking ranking = Rank();
  const Partner& chile = *Find(ranking, "CL");
  EXPECT_LT(*chile.years.front().risked_project_tonnes, *chile.years.back().risked_project_tonnes);
  EXPECT_LT(*chile.years.back().risked_project_tonnes, 450) << "no more than the rate of discoveries";
  EXPECT_GT(*chile.years.back().risked_project_tonnes, 400) << "construction takes few years";
  EXPECT_THAT(Factor(ranking, "CL", PartnerFactor::kFreeTonnes).resources, ElementsAre("projects/p"));
  changes_.projects.projects["projects/p"]->stage = kRefine;
  const PartnerRanking refining = Rank("", kRefine);
  EXPECT_THAT(Factor(refining, "CL", PartnerFactor::kFreeTonnes).reasons,
              ElementsAre("NO_BASE_RATE:projects/p", "NO_HEADROOM_DATA"));
}

TEST_F(RankPartnersTest, CountsNothingOfAProjectThatOthersHaveBought) {
  Project("projects/p", "CL", 1000, ProjectStatus::kConstruction);
  const auto tonnes = [&] { return Factor(Rank(), "CL", PartnerFactor::kFreeTonnes).value; };
  const double all = *tonnes();
  auto& commitments = changes_.projects.projects["projects/p"]->commitments;
  commitments = {{"JP", "", "", true, 600}, {"US", "", "2025", true, 600}};
  EXPECT_EQ(tonnes(), all) << "the importer's own, and one that has lapsed";
  commitments.push_back({"KR", "", "", true, 400});
  EXPECT_NEAR(*tonnes(), 0.6 * all, 1e-9);
  commitments.push_back({"DE", "", "", false, std::nullopt});
  EXPECT_NEAR(*tonnes(), 0.6 * all, 1e-9) << "a loan takes no tonnes";
  commitments.push_back({"US", "", "", true, 900});
  EXPECT_EQ(tonnes(), 0) << "not less than none";
  commitments.push_back({"FR", "", "", true, std::nullopt});
  EXPECT_FALSE(tonnes().has_value());
  EXPECT_THAT(Factor(Rank(), "CL", PartnerFactor::kFreeTonnes).reasons, Contains("OFFTAKE_UNKNOWN:projects/p"));
}

TEST_F(RankPartnersTest, LeavesTonnesOfAnotherBasisOut) {
  Spare("AU", 9, {}, 1);
  const PartnerRanking ranking = Rank();
  EXPECT_FALSE(Factor(ranking, "AU", PartnerFactor::kFreeTonnes).value.has_value());
  EXPECT_THAT(Factor(ranking, "AU", PartnerFactor::kFreeTonnes).reasons,
              Contains(StartsWith("BASIS_MISMATCH:suppliers/s/facilities/")));
}

TEST_F(RankPartnersTest, ShowsHiddenCapacityToItsReadersAlone) {
  const PartnerRanking never = Rank();
  Spare("VN", 50, Readers{false, {"jogmec", "meti"}});
  Project("projects/p", "CA", 1000, ProjectStatus::kConstruction, Readers{false, {"komir"}});
  const PartnerRanking anonymous = Rank("anonymous");
  ASSERT_EQ(anonymous.partners.size(), never.partners.size());
  EXPECT_EQ(Find(anonymous, "VN"), nullptr);
  EXPECT_NE(Find(Rank("meti"), "VN"), nullptr);
  EXPECT_EQ(Find(Rank("meti"), "CA"), nullptr);
  EXPECT_NE(Find(Rank("komir"), "CA"), nullptr);
}

TEST_F(RankPartnersTest, SeesAgreementsThatItsCallerMayRead) {
  TradeAgreement agreement{{"JP", "AU"}, {}, "2020", ""};
  changes_.projects.agreements["agreements/secret"] = AgreementRecord{true, agreement, Readers{false, {"meti"}}};
  changes_.projects.agreements["agreements/mou"] = AgreementRecord{false, agreement, {}};
  EXPECT_DOUBLE_EQ(*Factor(Rank("komir"), "AU", PartnerFactor::kAgreements).value, 1);
  const PartnerRanking meti = Rank("meti");
  EXPECT_DOUBLE_EQ(*Factor(meti, "AU", PartnerFactor::kAgreements).value, 0.8);
  EXPECT_THAT(Factor(meti, "AU", PartnerFactor::kAgreements).resources, ElementsAre("agreements/secret"));
  EXPECT_THAT(Find(meti, "AU")->other_resources, ElementsAre("agreements/mou"));
}

TEST_F(RankPartnersTest, LeavesExcludedCountriesAndBlocsOut) {
  changes_.blocs["blocs/B"] = std::vector<Membership>{{"CD", "2000", ""}};
  query_.exclusions = {"blocs/B"};
  EXPECT_EQ(Find(Rank(), "CD"), nullptr);
  query_.exclusions = {"countries/AU"};
  EXPECT_EQ(Find(Rank(), "AU"), nullptr);
  EXPECT_NE(Find(Rank(), "CD"), nullptr);
}

TEST_F(RankPartnersTest, WidensTheIntervalsWhereOutputIsWithheld) {
  Output(kMine, "CL", std::nullopt);
  const PartnerRanking ranking = Rank();
  EXPECT_EQ(Factor(ranking, "CL", PartnerFactor::kOutput).scaled.upper, 1);
  EXPECT_EQ(Factor(ranking, "CD", PartnerFactor::kOutput).scaled.lower, 0);
  EXPECT_THAT(Factor(ranking, "CD", PartnerFactor::kOutput).reasons, ElementsAre("WORLD_TOTAL_UNKNOWN"));
}

TEST_F(RankPartnersTest, CountsReservesAtTheMineAlone) {
  Figure figure;
  figure.amount = 10;
  changes_.reserves[{kCobalt, "usgs-mcs-2026", "", kContained, "", 2024, "CL"}] = figure;
  Output(kRefine, "CD", 5);
  EXPECT_DOUBLE_EQ(*Factor(Rank(), "CL", PartnerFactor::kEndowment).value, 1);
  for (const Partner& partner : Rank("", kRefine).partners) {
    EXPECT_EQ(partner.factors.front().factor, PartnerFactor::kOutput);
  }
}

}  // namespace
}  // namespace orewatch::risk
