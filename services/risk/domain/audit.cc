#include "services/risk/domain/audit.h"

namespace orewatch::risk {
namespace {

Model::Scores KeptOf(const Model& model, const std::string& subject) {
  Model::Scores kept;
  for (auto it = model.scores().lower_bound({subject, 0, "", Method::kHhi});
       it != model.scores().end() && it->first.subject == subject; ++it) {
    kept.insert(*it);
  }
  return kept;
}

}  // namespace

std::vector<ScoreKey> KeysThatDiffer(const Model::Scores& kept, const Model::Scores& computed) {
  std::vector<ScoreKey> keys;
  for (const auto& [key, score] : kept) {
    const auto other = computed.find(key);
    if (other == computed.end() || !SameContent(*score, *other->second)) {
      keys.push_back(key);
    }
  }
  for (const auto& [key, score] : computed) {
    if (kept.count(key) == 0) {
      keys.push_back(key);
    }
  }
  return keys;
}

Audit AuditOf(const Model& model, const std::string& subject) {
  const Model::Scores kept = KeptOf(model, subject);
  return {subject, kept.size(), KeysThatDiffer(kept, model.Recomputed(subject))};
}

}  // namespace orewatch::risk
