// Where countries stand as partners on the bundled data. Prints the order, and asserts only what must hold of any
// order: weights are never tuned to reach one. docs/methods/partners.md says what came out and why.
#include <algorithm>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "tests/testing/suite_processes.h"

namespace orewatch::testing {
namespace {

constexpr int kHorizon = 2035;

std::string FactorsText(const risk::v1::Partner& partner) {
  return absl::StrJoin(partner.factors(), " ", [](std::string* out, const risk::v1::PartnerFactorValue& factor) {
    const std::string value = factor.has_value() ? absl::StrFormat("%.3f", factor.value()) : "?";
    absl::StrAppend(out, risk::v1::PartnerFactor_Name(factor.factor()).substr(sizeof("PARTNER_FACTOR_") - 1), "=",
                    value, "(", absl::StrFormat("%.2f", factor.scaled()), ")");
  });
}

void ExpectSane(const risk::v1::RankPartnersResponse& ranking, const std::string& importer) {
  int last = 1;
  for (const risk::v1::Partner& partner : ranking.partners()) {
    EXPECT_NE(partner.country(), importer);
    EXPECT_GE(partner.rank(), last);
    last = partner.rank();
    EXPECT_LE(partner.best_possible_rank(), partner.best_rank());
    EXPECT_LE(partner.best_rank(), partner.rank());
    EXPECT_GE(partner.worst_rank(), partner.rank());
    EXPECT_GE(partner.worst_possible_rank(), partner.worst_rank());
    double sum = 0;
    for (const risk::v1::PartnerFactorValue& factor : partner.factors()) {
      sum += factor.contribution();
      EXPECT_LE(factor.scaled_bounds().lower(), factor.scaled());
      EXPECT_GE(factor.scaled_bounds().upper(), factor.scaled());
      EXPECT_TRUE(factor.has_value() || !factor.reasons().empty()) << "what is missing is named";
    }
    EXPECT_NEAR(sum, partner.score(), 1e-9);
  }
}

// A ranking of which every interval is total says nothing.
void ExpectTelling(const risk::v1::RankPartnersResponse& ranking) {
  const auto tells = [&](const risk::v1::Partner& partner) {
    return 2 * (partner.worst_rank() - partner.best_rank()) < ranking.partners_size();
  };
  EXPECT_GE(2 * std::count_if(ranking.partners().begin(), ranking.partners().end(), tells), ranking.partners_size());
}

TEST(PartnersTest, RankWhatTheBundledDataKnow) {
  EmbeddedSuite suite;
  suite.ImportBundledData();
  const int64_t head = Call(suite.registry, &RegistryStub::GetHead, {})->revision().number();
  for (const std::string importer : {"countries/JP", "countries/KR"}) {
    for (const std::string mineral :
         {"minerals/lithium", "minerals/rare-earths", "minerals/cobalt", "minerals/nickel"}) {
      for (const auto stage : {type::v1::STAGE_MINE, type::v1::STAGE_REFINE}) {
        risk::v1::RankPartnersRequest request;
        request.set_mineral(mineral);
        request.set_stage(stage);
        request.set_importer(importer);
        request.set_horizon_year(kHorizon);
        request.set_min_revision(head);
        const auto ranking = Call(suite.risk, &RiskStub::RankPartners, request);
        ASSERT_TRUE(ranking.ok()) << ranking.status();
        EXPECT_GE(ranking->partners_size(), 4);
        ExpectSane(*ranking, importer);
        ExpectTelling(*ranking);
        std::cout << importer << " " << mineral << " " << type::v1::Stage_Name(stage) << " not ranked on: "
                  << absl::StrJoin(ranking->not_ranked_on(), ", ",
                                   [](std::string* out, int factor) {
                                     absl::StrAppend(out, risk::v1::PartnerFactor_Name(factor));
                                   })
                  << "; missing for all: " << absl::StrJoin(ranking->reasons(), ", ") << "\n";
        for (const risk::v1::Partner& partner : ranking->partners()) {
          std::cout << absl::StrFormat("  %2d [%d, %d] possible [%d, %d] %s %.3f  ", partner.rank(),
                                       partner.best_rank(), partner.worst_rank(), partner.best_possible_rank(),
                                       partner.worst_possible_rank(), partner.country(), partner.score())
                    << FactorsText(partner) << "\n";
        }
      }
    }
  }
}

}  // namespace
}  // namespace orewatch::testing
