#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/seal/page_token.h"
#include "common/status/status.h"
#include "services/risk/api/chain_answers.h"
#include "services/risk/api/chain_subject.h"
#include "services/risk/api/score_message.h"
#include "services/risk/domain/chain_view.h"
#include "services/risk/domain/ownership.h"

namespace orewatch::risk {
namespace {

constexpr int kMaxPageSize = 50;
constexpr size_t kMaxShares = 100;

// One tier, whatever its parts are summed by.
struct Tier {
  std::vector<SupplierShare> shares;
  double own = 0;
  double unknown = 0;
  double owner_unknown = 0;
};

std::string NameOf(CountryIndex country) { return absl::StrCat("countries/", CountryCodeOf(country)); }

std::vector<Tier> TiersOf(const std::array<TierShares, kMaxTier>& exposure) {
  std::vector<Tier> tiers;
  tiers.reserve(exposure.size());
  for (const TierShares& shares : exposure) {
    Tier tier{{}, shares.own, shares.unknown, 0};
    tier.shares.reserve(shares.countries.size());
    for (const CountryShare& share : shares.countries) {
      tier.shares.push_back({NameOf(share.country), share.verified, share.inferred});
    }
    tiers.push_back(std::move(tier));
  }
  return tiers;
}

std::vector<Tier> TiersOf(const std::array<SupplierTier, kMaxTier>& exposure) {
  std::vector<Tier> tiers;
  tiers.reserve(exposure.size());
  for (const SupplierTier& tier : exposure) {
    tiers.push_back({tier.suppliers, tier.own, tier.unknown, 0});
  }
  return tiers;
}

// By whose hands facilities are in, where the tier is by facility. `known` keeps what was found for the tiers before.
void GroupByOwner(const ChainView& view, std::map<std::string, UltimateOwners>& known, Tier& tier) {
  std::map<CountryIndex, SupplierShare> by_country;
  for (const SupplierShare& share : tier.shares) {
    const auto [place, added] = known.try_emplace(share.name);
    UltimateOwners& owners = place->second;
    if (added) {
      owners = UltimateOwnersOf(view, share.name);
    }
    for (const auto& [country, part] : owners.shares) {
      SupplierShare& sum = by_country[country];
      sum.name = NameOf(country);
      sum.verified += part * share.verified;
      sum.inferred += part * share.inferred;
    }
    tier.owner_unknown += owners.unknown * (share.verified + share.inferred);
  }
  tier.shares.clear();
  for (auto& [country, share] : by_country) {
    tier.shares.push_back(std::move(share));
  }
}

void FillTier(Tier tier, v1::ExposureTier& message) {
  std::stable_sort(tier.shares.begin(), tier.shares.end(), [](const SupplierShare& a, const SupplierShare& b) {
    return a.verified + a.inferred > b.verified + b.inferred;
  });
  message.set_own(tier.own);
  message.set_unknown(tier.unknown);
  message.set_owner_unknown(tier.owner_unknown);
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
  constexpr std::pair<InputFlag, const char*> kWords[] = {{kSharesExceedOne, "SHARES_EXCEED_ONE"},
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
  std::vector<Tier> tiers = TiersOf(SupplierShares(cone->graph, cone->root, group));
  if (group_by == v1::GROUP_BY_ULTIMATE_OWNER_COUNTRY) {
    std::map<std::string, UltimateOwners> known;
    for (Tier& tier : tiers) {
      GroupByOwner(view, known, tier);
    }
  }
  return MessageOf(key, product, std::move(tiers), cone->graph.Inputs(cone->root).flags);
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
  return absl::StrCat("exposures\n", principal, "\n", request.SerializeAsString());
}

std::string PositionAfter(const v1::Exposure& last) { return absl::StrCat(last.name(), "\n", last.mineral()); }

// The node after which a page begins.
NodeKey NodeOf(const std::string& position) {
  const std::pair<std::string, std::string> parts = absl::StrSplit(position, absl::MaxSplits('\n', 1));
  return {parts.first, parts.second};
}

// What a page shows, and what the token of the page before said.
struct Page {
  Snapshot snapshot;
  PageToken token;
};

// Every page of a listing shows the revision of its first, and what the asker could read then.
absl::StatusOr<Page> PageOf(const std::string& page_token, const std::string& query, const Snapshot& newest,
                            const Paging& paging) {
  if (page_token.empty()) {
    return Page{newest, {newest.lineage, newest.model->revision(), paging.now + kPageTokenLife, ""}};
  }
  OREWATCH_ASSIGN_OR_RETURN(PageToken token, DecodePageToken(page_token, query, paging.secret, paging.now));
  std::optional<Snapshot> kept = paging.kept(token.lineage, token.revision);
  return kept.has_value() ? absl::StatusOr<Page>({*std::move(kept), std::move(token)}) : PageTokenExpired();
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

absl::StatusOr<v1::ListExposuresResponse> Answer(const v1::ListExposuresRequest& request, const Snapshot& newest,
                                                 const Asker& asker, const Paging& paging) {
  const std::string query = QueryOf(request, asker.principal);
  OREWATCH_ASSIGN_OR_RETURN(Page page, PageOf(request.page_token(), query, newest, paging));
  const Snapshot& snapshot = page.snapshot;
  const ChainView view(snapshot.chain, asker.principal);
  OREWATCH_ASSIGN_OR_RETURN(const ChainSubject subject,
                            SubjectOf(view, request.subject(), request.mineral(), request.product()));
  OREWATCH_RETURN_IF_ERROR(Check(request, snapshot));
  std::vector<NodeKey> nodes = NodesOf(view, subject);
  nodes.erase(nodes.begin(), std::upper_bound(nodes.begin(), nodes.end(), NodeOf(page.token.position)));
  const int size = request.page_size() == 0 ? kMaxPageSize : std::min(request.page_size(), kMaxPageSize);
  LinkBudget budget{kMaxLinks, asker.patience};
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
      page.token.position = PositionAfter(*response.exposures().rbegin());
      response.set_next_page_token(EncodePageToken(page.token, query, paging.secret));
      break;
    }
    *response.add_exposures() = *std::move(exposure);
  }
  return response;
}

}  // namespace orewatch::risk
