#include "services/risk/domain/audit.h"

#include <memory>

#include "gmock/gmock.h"

namespace orewatch::risk {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

constexpr StageNumber kMine = 1;
constexpr StageNumber kRefine = 3;

// Tin at two stages, of which one is the bottleneck, and the governance of a producer.
std::shared_ptr<const Model> Tin(std::optional<double> mined) {
  Changes changes;
  changes.minerals["minerals/tin"] = true;
  changes.countries["countries/ID"] = true;
  const auto produce = [&](StageNumber stage, const std::string& country, std::optional<double> tonnes) {
    Figure figure;
    figure.amount = tonnes;
    changes.production[{{"minerals/tin", stage}, {"usgs-mcs-2026", "", 2, "", 2024, country}}] = figure;
  };
  produce(kMine, "ID", mined);
  produce(kMine, "PE", 5);
  produce(kRefine, "ID", 10);
  GovernanceFact governance;
  governance.estimates.fill(-0.5);
  changes.governance[{"ID", 2024, "wgi"}] = governance;
  return Model(Parameters()).Apply(changes, 1);
}

TEST(AuditTest, FindsWhatIsKeptOtherwiseThanTheFactsGive) {
  const Model::Scores kept = Tin(5)->Recomputed("minerals/tin");
  const Model::Scores computed = Tin(6)->Recomputed("minerals/tin");
  EXPECT_THAT(KeysThatDiffer(kept, kept), IsEmpty());
  EXPECT_THAT(KeysThatDiffer(kept, computed),
              ElementsAre(Field(&ScoreKey::method, Method::kHhi), Field(&ScoreKey::method, Method::kHhiGovernance),
                          Field(&ScoreKey::method, Method::kYale2015)));
}

TEST(AuditTest, FindsWhatIsKeptOrComputedAlone) {
  const Model::Scores all = Tin(5)->Recomputed("minerals/tin");
  ASSERT_FALSE(all.empty());
  Model::Scores fewer = all;
  const ScoreKey missing = fewer.begin()->first;
  fewer.erase(fewer.begin());
  EXPECT_THAT(KeysThatDiffer(all, fewer), ElementsAre(missing));
  EXPECT_THAT(KeysThatDiffer(fewer, all), ElementsAre(missing));
}

TEST(AuditTest, LooksAtEachSubjectInTurn) {
  const auto model = Tin(5);
  EXPECT_EQ(model->SubjectAfter(""), "countries/ID");
  EXPECT_EQ(model->SubjectAfter("countries/ID"), "minerals/tin");
  EXPECT_EQ(model->SubjectAfter("minerals/tin"), "countries/ID");
  EXPECT_EQ(Model(Parameters()).SubjectAfter(""), "");
  for (const char* subject : {"countries/ID", "minerals/tin"}) {
    const Audit audit = AuditOf(*model, subject);
    EXPECT_GT(audit.scores, 0U) << subject;
    EXPECT_THAT(audit.mismatches, IsEmpty()) << subject;
  }
}

}  // namespace
}  // namespace orewatch::risk
