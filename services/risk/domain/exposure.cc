#include "services/risk/domain/exposure.h"

#include <algorithm>
#include <map>
#include <set>

#include "services/risk/domain/parallel.h"
#include "services/risk/domain/tier_sum.h"

namespace orewatch::risk {
namespace {

bool Same(const TierView& a, const TierView& b) {
  return a.own == b.own && a.unknown == b.unknown &&
         std::equal(a.countries.begin(), a.countries.end(), b.countries.begin(), b.countries.end());
}

// Ascending, without repeats.
void SortUnique(std::vector<NodeIndex>& nodes) {
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

// Those whose row may differ if the rows of `below` do.
std::vector<NodeIndex> Reached(const SupplyGraph& graph, const std::vector<NodeIndex>& below,
                               const std::vector<NodeIndex>& rewired) {
  std::vector<NodeIndex> reached = rewired;
  for (const NodeIndex node : below) {
    const std::vector<NodeIndex>& buyers = graph.Buyers(node);
    reached.insert(reached.end(), buyers.begin(), buyers.end());
  }
  SortUnique(reached);
  return reached;
}

}  // namespace

TierView TierZero(const NodeFacts& facts) {
  using Countries = std::array<CountryShare, kCountryCodes>;
  // Of a known place, and of a seat.
  static const auto* whole = [] {
    auto* shares = new std::array<Countries, 2>();
    for (CountryIndex i = 0; i < kCountryCodes; ++i) {
      shares->front()[i] = {1, 0, i};
      shares->back()[i] = {0, 1, i};
    }
    return shares;
  }();
  if (facts.country >= kCountryCodes) {
    return {{}, 0, 1};
  }
  const Countries& shares = facts.seat_only ? whole->back() : whole->front();
  return {std::span(&shares[facts.country], 1), 0, 0};
}

// Never moved: its rows point into its shares.
struct Exposure::Chunk {
  // Rows lie one after the other in `all`, each with the size that it has in `sized`.
  Chunk(const std::array<TierView, kChunkRows>& sized, std::span<const CountryShare> all)
      : shares(all.begin(), all.end()), rows(sized) {
    size_t begin = 0;
    for (TierView& row : rows) {
      row.countries = std::span(shares).subspan(begin, row.countries.size());
      begin += row.countries.size();
    }
  }

  const std::vector<CountryShare> shares;
  std::array<TierView, kChunkRows> rows;
};

// The chunks of one tier over those of the tier below.
class Exposure::Builder {
 public:
  Builder(const SupplyGraph& graph, const Chunks* below) : graph_(graph), below_(below) {}

  // `computed`: ascending, those of the chunk's rows that are computed; the others are `before`'s.
  std::shared_ptr<const Chunk> Build(size_t chunk, std::span<const NodeIndex> computed, const Chunk* before) const {
    thread_local std::vector<CountryShare> shares;
    thread_local TierSum sum;
    shares.clear();
    std::array<TierView, kChunkRows> rows = {};
    size_t next = 0;
    for (size_t i = 0; i < kChunkRows; ++i) {
      const size_t begin = shares.size();
      if (next < computed.size() && computed[next] == chunk * kChunkRows + i) {
        Compute(computed[next++], sum, shares, rows[i]);
      } else if (before != nullptr) {
        rows[i] = before->rows[i];
        shares.insert(shares.end(), rows[i].countries.begin(), rows[i].countries.end());
      }
      rows[i].countries = std::span(shares).subspan(begin);
    }
    return std::make_shared<Chunk>(rows, shares);
  }

 private:
  void Compute(NodeIndex node, TierSum& sum, std::vector<CountryShare>& shares, TierView& row) const {
    const InputRow& inputs = graph_.Inputs(node);
    if (below_ == nullptr) {
      const auto zero = [this](NodeIndex from) { return TierZero(graph_.Facts(from)); };
      return sum.Sum(inputs, zero, shares, row.own, row.unknown);
    }
    const auto below = [this](NodeIndex from) { return (*below_)[from / kChunkRows]->rows[from % kChunkRows]; };
    sum.Sum(inputs, below, shares, row.own, row.unknown);
  }

  const SupplyGraph& graph_;
  const Chunks* below_;
};

Exposure Exposure::Of(const SupplyGraph& graph, int threads) {
  Exposure exposure;
  std::vector<NodeIndex> all(graph.node_count());
  for (size_t i = 0; i < all.size(); ++i) {
    all[i] = static_cast<NodeIndex>(i);
  }
  const size_t chunk_count = (all.size() + kChunkRows - 1) / kChunkRows;
  const Chunks* below = nullptr;
  for (auto& tier : exposure.tiers_) {
    auto chunks = std::make_shared<Chunks>(chunk_count);
    const Builder builder(graph, below);
    ParallelFor(chunk_count, threads, [&](size_t i) {
      const size_t first = i * kChunkRows;
      const std::span<const NodeIndex> rows = std::span(all).subspan(first, std::min(kChunkRows, all.size() - first));
      (*chunks)[i] = builder.Build(i, rows, nullptr);
    });
    below = chunks.get();
    tier = std::move(chunks);
    exposure.computed_rows_ += all.size();
  }
  return exposure;
}

Exposure Exposure::Updated(const SupplyGraph& graph, const GraphDelta& delta, int threads) const {
  Exposure updated = *this;
  updated.computed_rows_ = 0;
  const size_t chunk_count = (graph.node_count() + kChunkRows - 1) / kChunkRows;
  const Chunks* below = nullptr;
  std::vector<NodeIndex> changed = delta.moved;
  for (auto& tier : updated.tiers_) {
    const std::vector<NodeIndex> reached = Reached(graph, changed, delta.rewired);
    updated.computed_rows_ += reached.size();
    std::vector<std::span<const NodeIndex>> by_chunk;
    for (size_t i = 0; i < reached.size();) {
      size_t end = i;
      while (end < reached.size() && reached[end] / kChunkRows == reached[i] / kChunkRows) {
        ++end;
      }
      by_chunk.push_back(std::span(reached).subspan(i, end - i));
      i = end;
    }
    const Chunks& before = *tier;
    if (reached.empty() && before.size() == chunk_count) {
      changed.clear();
      below = tier.get();
      continue;
    }
    auto chunks = std::make_shared<Chunks>(before);
    chunks->resize(chunk_count);
    const Builder builder(graph, below);
    std::vector<std::vector<NodeIndex>> changed_by_chunk(by_chunk.size());
    ParallelFor(by_chunk.size(), threads, [&](size_t i) {
      const size_t chunk = by_chunk[i].front() / kChunkRows;
      const Chunk* old = chunk < before.size() ? before[chunk].get() : nullptr;
      std::shared_ptr<const Chunk> built = builder.Build(chunk, by_chunk[i], old);
      for (const NodeIndex node : by_chunk[i]) {
        if (old == nullptr || !Same(old->rows[node % kChunkRows], built->rows[node % kChunkRows])) {
          changed_by_chunk[i].push_back(node);
        }
      }
      if (!changed_by_chunk[i].empty()) {
        (*chunks)[chunk] = std::move(built);
      }
    });
    changed.clear();
    for (const std::vector<NodeIndex>& nodes : changed_by_chunk) {
      changed.insert(changed.end(), nodes.begin(), nodes.end());
    }
    below = chunks.get();
    tier = std::move(chunks);
  }
  return updated;
}

TierView Exposure::Tier(NodeIndex node, int tier) const {
  return (*tiers_[static_cast<size_t>(tier - 1)])[node / kChunkRows]->rows[node % kChunkRows];
}

size_t Exposure::bytes() const {
  size_t bytes = 0;
  for (const auto& tier : tiers_) {
    for (const auto& chunk : *tier) {
      bytes += sizeof(Chunk) + chunk->shares.size() * sizeof(CountryShare);
    }
  }
  return bytes;
}

std::array<TierShares, kMaxTier> ExposureOfNode(const SupplyGraph& graph, NodeIndex node) {
  // By the fewest links between: what lies d links up is needed to tier kMaxTier - d.
  std::array<std::vector<NodeIndex>, kMaxTier> at;
  std::set<NodeIndex> seen = {node};
  at[0] = {node};
  for (size_t distance = 1; distance < at.size(); ++distance) {
    for (const NodeIndex buyer : at[distance - 1]) {
      for (const Edge& edge : graph.Inputs(buyer).edges) {
        if (seen.insert(edge.from).second) {
          at[distance].push_back(edge.from);
        }
      }
    }
  }
  std::array<TierShares, kMaxTier> tiers;
  std::map<NodeIndex, TierShares> below;
  TierSum sum;
  for (size_t tier = 1; tier <= kMaxTier; ++tier) {
    std::map<NodeIndex, TierShares> rows;
    const auto row_below = [&](NodeIndex from) {
      return tier == 1 ? TierZero(graph.Facts(from)) : below.at(from).view();
    };
    for (size_t distance = 0; distance + tier <= kMaxTier; ++distance) {
      for (const NodeIndex each : at[distance]) {
        TierShares& row = rows[each];
        sum.Sum(graph.Inputs(each), row_below, row.countries, row.own, row.unknown);
      }
    }
    tiers[tier - 1] = rows.at(node);
    below = std::move(rows);
  }
  return tiers;
}

std::array<TierShares, kMaxTier> ExposureOfProduct(const SupplyGraph& graph, const Exposure& exposure, NodeIndex node,
                                                   const std::string& product) {
  NodeFacts facts = graph.Facts(node);
  std::erase_if(facts.needs, [&](const Need& need) { return need.product != product; });
  std::vector<Link> links = graph.Links(node);
  std::erase_if(links, [&](const Link& link) { return link.product != product; });
  const InputRow inputs = InputRowOf(facts, links);
  std::array<TierShares, kMaxTier> tiers;
  TierSum sum;
  for (int tier = 1; tier <= kMaxTier; ++tier) {
    const auto below = [&](NodeIndex from) {
      return tier == 1 ? TierZero(graph.Facts(from)) : exposure.Tier(from, tier - 1);
    };
    TierShares& row = tiers[static_cast<size_t>(tier - 1)];
    sum.Sum(inputs, below, row.countries, row.own, row.unknown);
  }
  return tiers;
}

}  // namespace orewatch::risk
