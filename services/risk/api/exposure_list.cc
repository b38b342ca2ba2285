#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status/status.h"
#include "services/risk/api/chain_answers.h"
#include "services/risk/api/chain_subject.h"
#include "services/risk/api/score_message.h"
#include "services/risk/domain/chain_view.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxPageSize = 50;
constexpr size_t kMaxShares = 100;

// One tier, whatever its parts are summed by.
struct Tier {
  std::vector<SupplierShare> shares;
  double own = 0;
  double unknown = 0;
};

std::vector<Tier> TiersOf(const std::array<TierShares, kMaxTier>& exposure) {
  std::vector<Tier> tiers;
  tiers.reserve(exposure.size());
  for (const TierShares& shares : exposure) {
    Tier tier{{}, shares.own, shares.unknown};
    tier.shares.reserve(shares.countries.size());
    for (const CountryShare& share : shares.countries) {
      tier.shares.push_back({absl::StrCat("countries/", CountryCodeOf(share.country)), share.verified, share.inferred});
    }
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

std::vector<Tier> TiersOf(const std::array<SupplierTier, kMaxTier>& exposure) {
  std::vector<Tier> tiers;
  tiers.reserve(exposure.size());
  for (const SupplierTier& tier : exposure) {
    tiers.push_back({tier.suppliers, tier.own, tier.unknown});
  }
  return tiers;
}

void FillTier(Tier tier, v1::ExposureTier& message) {
  std::stable_sort(tier.shares.begin(), tier.shares.end(), [](const SupplierShare& a, const SupplierShare& b) {
    return a.verified + a.inferred > b.verified + b.inferred;
  });
  message.set_own(tier.own);
  message.set_unknown(tier.unknown);
  for (size_t i = 0; i < tier.shares.size(); ++i) {
    const SupplierShare& share = tier.shares[i];
    if (i < kMaxShares) {
      auto& shown = *message.add_shares();
      shown.set_name(share.name);
      shown.set_verified(share.verified);
      shown.set_inferred(share.inferred);
    } else {
      message.set_rest_verified(message.rest_verified() + share.verified);
      message.set_rest_inferred(message.rest_inferred() + share.inferred);
      message.set_rest_count(message.rest_count() + 1);
    }
  }
}

void AddAssumptions(uint8_t flags, v1::Exposure& message) {
  constexpr std::pair<InputFlag, const char*> kWords[] = {{kUseTakenAsSum, "USE_TAKEN_AS_SUM"},
                                                          {kSharesExceedOne, "SHARES_EXCEED_ONE"},
                                                          {kProductsWeighedEqually, "PRODUCTS_WEIGHED_EQUALLY"},
                                                          {kLinkWithoutShare, "LINK_WITHOUT_SHARE"}};
  for (const auto& [flag, word] : kWords) {
    if ((flags & flag) != 0) {
      message.add_assumptions(word);
    }
  }
}

v1::Exposure MessageOf(const NodeKey& key, const std::string& product, std::vector<Tier> tiers, uint8_t flags) {
  v1::Exposure message;
  message.set_name(key.name);
  message.set_mineral(key.mineral);
  message.set_product(product);
  for (Tier& tier : tiers) {
    auto& filled = *message.add_tiers();
    filled.set_tier(message.tiers_size());
    FillTier(std::move(tier), filled);
  }
  AddAssumptions(flags, message);
  return message;
}

// Nothing: more lies upstream than is left of the budget.
std::optional<v1::Exposure> Compute(const ChainView& view, const NodeKey& key, const std::string& product,
                                    v1::GroupBy group_by, LinkBudget& budget) {
  if (group_by == v1::GROUP_BY_UNSPECIFIED || group_by == v1::GROUP_BY_COUNTRY) {
    const auto exposure = ExposureOf(view, key, product, budget);
    return exposure.has_value() ? std::optional(MessageOf(key, product, TiersOf(exposure->tiers), exposure->flags))
                                : std::nullopt;
  }
  const std::optional<Cone> cone = ConeOf(view, key, product, budget);
  if (!cone.has_value()) {
    return std::nullopt;
  }
  const GroupBy group = group_by == v1::GROUP_BY_SUPPLIER ? GroupBy::kSupplier : GroupBy::kFacility;
  return MessageOf(key, product, TiersOf(SupplierShares(cone->graph, cone->root, group)),
                   cone->graph.Inputs(cone->root).flags);
}

std::vector<NodeKey> NodesOf(const ChainView& view, const ChainSubject& subject) {
  std::vector<NodeKey> nodes;
  for (const std::string& name : subject.names) {
    for (const std::string& mineral : view.MineralsOf(name)) {
      if (subject.mineral.empty() || subject.mineral == mineral) {
        nodes.push_back({name, mineral});
      }
    }
  }
  return nodes;
}

// What a page token belongs to.
std::string QueryOf(v1::ListExposuresRequest request, const std::string& principal) {
  request.clear_page_size();
  request.clear_page_token();
  request.clear_min_revision();
  return absl::StrCat(principal, "\n", request.SerializeAsString());
}

std::string TokenAfter(const NodeKey& last, const std::string& query) {
  return absl::WebSafeBase64Escape(absl::StrCat(last.name, "\n", last.mineral, "\n", query));
}

// The node after which a page begins.
absl::StatusOr<NodeKey> AfterOf(const std::string& token, const std::string& query) {
  if (token.empty()) {
    return NodeKey();
  }
  std::string plain;
  if (!absl::WebSafeBase64Unescape(token, &plain)) {
    return InvalidField("page_token", "is no page token");
  }
  const std::vector<std::string> parts = absl::StrSplit(plain, absl::MaxSplits('\n', 2));
  if (parts.size() != 3 || parts[2] != query) {
    return InvalidField("page_token", "belongs to another query");
  }
  return NodeKey{parts[0], parts[1]};
}

absl::Status Check(const v1::ListExposuresRequest& request, const Snapshot& snapshot) {
  if (request.page_size() < 0) {
    return InvalidField("page_size", "must not be negative");
  }
  if (!v1::GroupBy_IsValid(request.group_by())) {
    return InvalidField("group_by", "is no grouping");
  }
  return request.mineral().empty() || snapshot.model->KnowsSubject(request.mineral()) ? absl::OkStatus()
                                                                                      : NoSuchName(request.mineral());
}

}  // namespace

absl::StatusOr<v1::ListExposuresResponse> Answer(const v1::ListExposuresRequest& request, const Snapshot& snapshot,
                                                 const std::string& principal) {
  const ChainView view(snapshot.chain, principal);
  OREWATCH_ASSIGN_OR_RETURN(const ChainSubject subject,
                            SubjectOf(view, request.subject(), request.mineral(), request.product()));
  OREWATCH_RETURN_IF_ERROR(Check(request, snapshot));
  const std::string query = QueryOf(request, principal);
  OREWATCH_ASSIGN_OR_RETURN(const NodeKey after, AfterOf(request.page_token(), query));
  const int size = request.page_size() == 0 ? kMaxPageSize : std::min(request.page_size(), kMaxPageSize);
  std::vector<NodeKey> nodes = NodesOf(view, subject);
  nodes.erase(nodes.begin(), std::upper_bound(nodes.begin(), nodes.end(), after));
  LinkBudget budget{kMaxLinks};
  v1::ListExposuresResponse response;
  *response.mutable_revision() = RevisionOf(snapshot, snapshot.model->revision());
  for (const NodeKey& node : nodes) {
    std::optional<v1::Exposure> exposure;
    if (response.exposures_size() < size) {
      exposure = Compute(view, node, subject.product, request.group_by(), budget);
    }
    if (!exposure.has_value()) {
      if (response.exposures().empty()) {
        return ChainTooLarge();
      }
      const v1::Exposure& last = *response.exposures().rbegin();
      response.set_next_page_token(TokenAfter({last.name(), last.mineral()}, query));
      break;
    }
    *response.add_exposures() = *std::move(exposure);
  }
  return response;
}

}  // namespace orewatch::risk
