// What is asked of whom for each answer. All questions leave at once, except those that depend on an answer.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "orewatch/gateway/v1/gateway.pb.h"
#include "services/gateway/aggregate/search.h"
#include "services/gateway/client/neighbours.h"

namespace orewatch::gateway {

// `current`: it may be told again until a neighbour moves on.
template <typename T>
using Whole = std::function<void(absl::StatusOr<T> answer, bool current)>;

// Where a request names none.
struct OverviewDefaults {
  std::string critical_list;
  std::string importer;
};

// Each calls back once, on any thread; requests have been checked. The neighbours outlive the call.
void AskForOverview(const v1::GetOverviewRequest& request, const OverviewDefaults& defaults, const Terms& terms,
                    Neighbours& neighbours, Whole<v1::Overview> whole);
void AskForMineral(const v1::GetMineralBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                   Whole<v1::MineralBrief> whole);
void AskForCountry(const v1::GetCountryBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                   Whole<v1::CountryBrief> whole);
void AskForSupplier(const v1::GetSupplierBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                    Whole<v1::SupplierBrief> whole);
void AskForProject(const v1::GetProjectBriefRequest& request, const Terms& terms, Neighbours& neighbours,
                   Whole<v1::ProjectBrief> whole);
void AskForMatches(const v1::SearchRequest& request, const v1::SearchPosition& position, const Terms& terms,
                   Neighbours& neighbours, Whole<SearchPage> whole);

// 20 by default, at most 100.
int PageSizeOf(const v1::SearchRequest& request);

}  // namespace orewatch::gateway
