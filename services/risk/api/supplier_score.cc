#include "services/risk/api/supplier_score.h"

#include <utility>

#include "common/status/status.h"
#include "services/risk/api/chain_subject.h"
#include "services/risk/api/score_query.h"
#include "services/risk/domain/supplier_risk.h"

namespace orewatch::risk {
bool IsOfSuppliers(v1::Method method) { return method == v1::METHOD_OREWATCH_SUPPLIER_2026; }

absl::StatusOr<Score> SupplierScoreOf(const v1::ScoreKey& key, const v1::ScoreOptions& options,
                                      const Snapshot& snapshot, const Asker& asker) {
  OREWATCH_ASSIGN_OR_RETURN(const ScoreQuery query, QueryOf(key, options, snapshot.model->parameters()));
  const std::string& name = query.key.subject;
  if (!IsFacility(name) && !IsSupplier(name)) {
    return InvalidField("key.subject", "must be the name of a supplier or facility");
  }
  const ChainView view(snapshot.chain, asker.principal);
  if (!view.Knows(name)) {
    return NoSuchName(name);
  }
  LinkBudget budget = asker.budget();
  auto score = SupplierRisk(view, *snapshot.model, name, snapshot.model->parameters().supplier_risk, budget);
  if (!score.has_value()) {
    return ChainTooLarge(asker.max_links);
  }
  score->changed_revision = snapshot.model->revision();
  return *std::move(score);
}

}  // namespace orewatch::risk
