// Published and peer-computed concentration, imported into a scratch registry and asked of the risk service.
#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/oracle/reference.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

using ::testing::IsEmpty;

constexpr double kTolerance = 1e-6;

std::string IdOf(const std::string& material) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(material), {{" ", "-"}, {"(", ""}, {")", ""}, {"/", "-"}});
}

// One figure of a series in the given form: `tonnes: 3` or `share: 0.3`.
std::string Production(const std::string& material, const std::string& country, const std::string& figure) {
  return absl::StrCat("statistic { dataset: 'peer' year: 2024 production { mineral: 'minerals/", IdOf(material),
                      "' stage: STAGE_MINE country: '", country, "' } quantity { ", figure,
                      " basis: BASIS_CONTAINED } provenance { source: 'the reference data' } }");
}

class ConcentrationOracleTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(ReferenceDir())) {
      GTEST_SKIP() << "skipped: no reference data in " << ReferenceDir() << " (OREWATCH_ORACLE_DIR)";
    }
    suite_ = std::make_unique<EmbeddedSuite>();
  }
  void Add(const std::string& material, const std::string& country, const std::string& entry) {
    if (country != "ZZ" && countries_.insert(country).second) {
      resources_.push_back(CountryEntry(country));
    }
    if (!material.empty() && materials_.insert(IdOf(material)).second) {
      resources_.push_back(MineralEntry(IdOf(material)));
    }
    statistics_.push_back(entry);
  }
  void ImportAdded() {
    ImportAll(suite_->registry, resources_);
    revision_ = ImportAll(suite_->registry, statistics_);
  }
  risk::v1::Score ScoreOf(const std::string& material, risk::v1::Method method, int normalization_n = 0) {
    risk::v1::GetScoreRequest request;
    *request.mutable_key() = MineHhi(IdOf(material));
    request.mutable_key()->set_method(method);
    request.mutable_key()->set_normalization_n(normalization_n);
    request.set_min_revision(revision_);
    const auto score = Call(suite_->risk, &RiskStub::GetScore, request);
    EXPECT_TRUE(score.ok()) << score.status();
    return score.value_or(risk::v1::Score());
  }
  bool Holds(const std::string& material) const { return materials_.contains(IdOf(material)); }

  std::unique_ptr<EmbeddedSuite> suite_;

 private:
  std::set<std::string> countries_;
  std::set<std::string> materials_;
  std::vector<std::string> resources_;
  std::vector<std::string> statistics_;
  int64_t revision_ = 0;
};

TEST_F(ConcentrationOracleTest, NormalizedIndexOfThirtyEuMaterials) {
  const auto alpha2 = Alpha2ByAlpha3();
  // The publication counts `other countries` as one producer, and names two countries that the file gives no code.
  const std::map<std::string, std::string> kWithoutCode = {{"Korea, Dem. Rep.", "KP"}, {"Egypt, Arab Rep.", "EG"}};
  for (const ReferenceRow& row : ReadReference("eu_crm2020_global_producer_shares.csv")) {
    const auto named = kWithoutCode.find(row.at("country"));
    const std::string country = !row.at("iso3").empty()       ? alpha2.at(row.at("iso3"))
                                : named != kWithoutCode.end() ? named->second
                                                              : "XX";
    // As tonnes, so that the listed producers are the whole, as in the publication.
    Add(row.at("material"), country,
        Production(row.at("material"), country, absl::StrCat("tonnes: ", row.at("share_pct"))));
  }
  ImportAdded();
  int checked = 0;
  for (const ReferenceRow& row : ReadReference("oracle_dw_hhi_normalized_2020.csv")) {
    const int slots = static_cast<int>(NumberOf(row.at("n_slots")));
    EXPECT_EQ(slots, 10);
    EXPECT_NEAR(ScoreOf(row.at("material"), risk::v1::METHOD_HHI_NORMALIZED, slots).value(),
                NumberOf(row.at("hhi_normalized_published")), kTolerance)
        << row.at("material");
    ++checked;
  }
  EXPECT_EQ(checked, 30);
}

// Governance of the peer: the mean of six estimates, and 0.6 of risk where the World Bank has nothing, which is a mean
// of 2.5 - 5 * 0.6.
class GovernanceOracleTest : public ConcentrationOracleTest {
 protected:
  void AddGovernance(const std::set<std::string>& countries) {
    std::map<std::string, std::string> means;
    for (const ReferenceRow& row : ReadReference("oracle_atlas_wgi_mean6.csv")) {
      means[row.at("iso2")] = row.at("wgi_mean6");
    }
    for (const std::string& country : countries) {
      const std::string mean = means.contains(country) ? means.at(country) : "-0.5";
      Add("", country,
          absl::StrCat("statistic { dataset: 'wgi' year: 2023 governance { country: '", country,
                       "' voice_accountability: ", mean, " political_stability: ", mean,
                       " government_effectiveness: ", mean, " regulatory_quality: ", mean, " rule_of_law: ", mean,
                       " control_of_corruption: ", mean, " } provenance { source: 'the reference data' } }"));
    }
  }
  // Materials of the peer's table whose score differs from its column; each that it gives must be reached.
  std::vector<std::string> Differing(risk::v1::Method method, const std::string& column) {
    std::vector<std::string> differing;
    int checked = 0;
    for (const ReferenceRow& row : ReadReference("oracle_atlas_eu_style_sr_2024.csv")) {
      if (row.at(column).empty()) {
        continue;
      }
      if (!Holds(row.at("label"))) {
        differing.push_back(absl::StrCat(row.at("label"), ": no shares in the reference data"));
        continue;
      }
      ++checked;
      constexpr double kFullConcentration = 10'000;
      const double value = ScoreOf(row.at("label"), method).value() / kFullConcentration;
      if (std::abs(value - NumberOf(row.at(column))) > kTolerance) {
        differing.push_back(absl::StrCat(row.at("label"), ": ", value, " instead of ", row.at(column)));
      }
    }
    EXPECT_GE(checked, 16);
    return differing;
  }
};

// Lithium's shares add up to 1.02, which its score says; nothing is renormalised, as in the peer.
TEST_F(GovernanceOracleTest, GovernanceWeightedIndexOfMining) {
  std::set<std::string> countries;
  for (const ReferenceRow& row : ReadReference("atlas_mine_refine_reserve_shares.csv")) {
    if (row.at("layer") == "mined") {
      const double share = NumberOf(row.at("share_pct")) / 100;
      countries.insert(row.at("iso2"));
      Add(row.at("label"), row.at("iso2"), Production(row.at("label"), row.at("iso2"), absl::StrCat("share: ", share)));
    }
  }
  AddGovernance(countries);
  ImportAdded();
  EXPECT_THAT(Differing(risk::v1::METHOD_HHI_GOVERNANCE, "hhi_wgi_mine_recomputed"), IsEmpty());
  EXPECT_THAT(ScoreOf("lithium", risk::v1::METHOD_HHI_GOVERNANCE).completeness().reasons(),
              ::testing::Contains("SHARES_EXCEED_ONE"));
}

TEST_F(GovernanceOracleTest, GovernanceWeightedIndexOfExports) {
  std::set<std::string> countries;
  for (const ReferenceRow& row : ReadReference("oracle_atlas_export_shares_2024.csv")) {
    countries.insert(row.at("exporter_iso2"));
    Add(row.at("label"), row.at("exporter_iso2"),
        absl::StrCat("statistic { dataset: 'peer' year: 2024 trade { mineral: 'minerals/", IdOf(row.at("label")),
                     "' stage: STAGE_MINE hs6: '260500' exporter: '", row.at("exporter_iso2"),
                     "' importer: 'ZZ' } quantity { tonnes: ", row.at("share"),
                     " basis: BASIS_GROSS } provenance { source: 'the reference data' } }"));
  }
  AddGovernance(countries);
  ImportAdded();
  EXPECT_THAT(Differing(risk::v1::METHOD_HHI_GOVERNANCE_EXPORTS, "hhi_wgi_trade_recomputed"), IsEmpty());
}

}  // namespace
}  // namespace orewatch::testing
