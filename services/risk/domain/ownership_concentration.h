// How concentrated output is by the country of those who own it in the end.
#pragma once

#include <cstddef>
#include <memory>

#include "services/risk/domain/chain.h"
#include "services/risk/domain/patience.h"
#include "services/risk/domain/series_view.h"

namespace orewatch::risk {

// Sum of squared shares on 0 to kFullConcentration, where `other` is the share of unknown owners. Value and lower
// bound: they are infinitely split. Upper: all of them are of the largest country that is named. With countries of
// unknown amount no bound but 0 is known. NO_OWNERS where nothing is named.
Estimate OwnedHerfindahl(const Shares& owned);

// So many facilities are listed as inputs, those with the largest parts.
inline constexpr size_t kMaxListedFacilities = 1000;

// METHOD_HHI_OWNERSHIP, as docs/methods/hhi.md defines it, of what everybody may read of the chain: whoever asks, the
// answer is the same. Of no use once `patience` has ended.
Score OwnershipConcentration(const SeriesView& view, const std::shared_ptr<const Chain>& chain,
                             const Patience& patience = nullptr);

}  // namespace orewatch::risk
