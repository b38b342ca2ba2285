#include "services/risk/domain/exposure.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <set>

#include "services/risk/domain/parallel.h"
#include "services/risk/domain/row_chunk.h"
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

// The nodes of each chunk; `nodes` ascend.
std::vector<std::span<const NodeIndex>> ByChunk(const std::vector<NodeIndex>& nodes) {
  std::vector<std::span<const NodeIndex>> by_chunk;
  for (size_t begin = 0; begin < nodes.size();) {
    size_t end = begin;
    while (end < nodes.size() && nodes[end] / RowChunk::kRows == nodes[begin] / RowChunk::kRows) {
      ++end;
    }
    by_chunk.push_back(std::span(nodes).subspan(begin, end - begin));
    begin = end;
  }
  return by_chunk;
}

TierView RowOf(const ChunkTable<RowChunk>& chunks, NodeIndex node) {
  return chunks[node / RowChunk::kRows]->Row(node % RowChunk::kRows);
}

// Those of the nodes whose rows are not as before; all, if there was no such chunk.
void AddChanged(std::span<const NodeIndex> nodes, const RowChunk* before, const RowChunk& after,
                std::vector<NodeIndex>& changed) {
  for (const NodeIndex node : nodes) {
    const size_t row = node % RowChunk::kRows;
    if (before == nullptr || !Same(before->Row(row), after.Row(row))) {
      changed.push_back(node);
    }
  }
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

// The chunks of one tier over those of the tier below.
class Exposure::Builder {
 public:
  // Null: it is the first tier.
  Builder(const SupplyGraph& graph, const ChunkTable<RowChunk>* below) : graph_(graph), below_(below) {}

  // `computed`: ascending, those of the chunk's rows that are computed; the others are `before`'s.
  std::shared_ptr<const RowChunk> Build(std::span<const NodeIndex> computed, const RowChunk* before) const {
    thread_local std::vector<CountryShare> shares;
    thread_local TierSum sum;
    shares.clear();
    RowChunk::Views rows = {};
    for (size_t i = 0; before != nullptr && i < RowChunk::kRows; ++i) {
      rows[i] = before->Row(i);
    }
    std::array<size_t, RowChunk::kRows + 1> ends = {};
    for (size_t i = 0; i < computed.size(); ++i) {
      TierView& row = rows[computed[i] % RowChunk::kRows];
      Compute(computed[i], sum, shares, row);
      ends[i + 1] = shares.size();
    }
    for (size_t i = 0; i < computed.size(); ++i) {
      rows[computed[i] % RowChunk::kRows].countries = std::span(shares).subspan(ends[i], ends[i + 1] - ends[i]);
    }
    return RowChunk::Make(rows);
  }

 private:
  void Compute(NodeIndex node, TierSum& sum, std::vector<CountryShare>& shares, TierView& row) const {
    const InputRow& inputs = graph_.Inputs(node);
    if (below_ == nullptr) {
      const auto zero = [this](NodeIndex from) { return TierZero(graph_.Facts(from)); };
      return sum.Sum(inputs, zero, shares, row.own, row.unknown);
    }
    const auto below = [this](NodeIndex from) { return RowOf(*below_, from); };
    sum.Sum(inputs, below, shares, row.own, row.unknown);
  }

  const SupplyGraph& graph_;
  const ChunkTable<RowChunk>* below_;
};

Exposure Exposure::Of(const SupplyGraph& graph, int threads) {
  Exposure exposure;
  std::vector<NodeIndex> all(graph.node_count());
  std::iota(all.begin(), all.end(), 0);
  const std::vector<std::span<const NodeIndex>> by_chunk = ByChunk(all);
  const ChunkTable<RowChunk>* below = nullptr;
  for (auto& tier : exposure.tiers_) {
    const Builder builder(graph, below);
    std::vector<std::shared_ptr<const RowChunk>> chunks(by_chunk.size());
    ParallelFor(chunks.size(), threads, [&](size_t i) { chunks[i] = builder.Build(by_chunk[i], nullptr); });
    ChunkTable<RowChunk>::Writer writer(tier);
    writer.Resize(chunks.size());
    for (size_t i = 0; i < chunks.size(); ++i) {
      writer.Put(i, std::move(chunks[i]));
    }
    tier = std::move(writer).Finish();
    below = &tier;
    exposure.computed_rows_ += all.size();
  }
  return exposure;
}

Exposure Exposure::Updated(const SupplyGraph& graph, const GraphDelta& delta, int threads) const {
  Exposure updated = *this;
  updated.computed_rows_ = 0;
  const ChunkTable<RowChunk>* below = nullptr;
  std::vector<NodeIndex> changed = delta.moved;
  for (auto& tier : updated.tiers_) {
    const std::vector<NodeIndex> reached = Reached(graph, changed, delta.rewired);
    updated.computed_rows_ += reached.size();
    changed.clear();
    const std::vector<std::span<const NodeIndex>> by_chunk = ByChunk(reached);
    const Builder builder(graph, below);
    std::vector<std::shared_ptr<const RowChunk>> chunks(by_chunk.size());
    const auto before = [&](NodeIndex node) {
      const size_t chunk = node / RowChunk::kRows;
      return chunk < tier.size() ? tier[chunk] : nullptr;
    };
    ParallelFor(chunks.size(), threads,
                [&](size_t i) { chunks[i] = builder.Build(by_chunk[i], before(by_chunk[i].front())); });
    ChunkTable<RowChunk>::Writer writer(tier);
    writer.Resize((graph.node_count() + RowChunk::kRows - 1) / RowChunk::kRows);
    for (size_t i = 0; i < chunks.size(); ++i) {
      const size_t known = changed.size();
      AddChanged(by_chunk[i], before(by_chunk[i].front()), *chunks[i], changed);
      if (changed.size() > known) {
        writer.Put(by_chunk[i].front() / RowChunk::kRows, std::move(chunks[i]));
      }
    }
    tier = std::move(writer).Finish();
    below = &tier;
  }
  return updated;
}

TierView Exposure::Tier(NodeIndex node, int tier) const { return RowOf(tiers_[static_cast<size_t>(tier - 1)], node); }

size_t Exposure::bytes() const {
  size_t bytes = 0;
  for (const auto& tier : tiers_) {
    for (size_t chunk = 0; chunk < tier.size(); ++chunk) {
      bytes += tier[chunk]->bytes();
    }
  }
  return bytes;
}

std::array<TierShares, kMaxTier> ExposureOfNode(const SupplyGraph& graph, NodeIndex node, const KeptRows& kept) {
  // By the fewest links between: what lies d links up is needed to tier kMaxTier - d.
  std::array<std::vector<NodeIndex>, kMaxTier> at;
  std::set<NodeIndex> seen = {node};
  at[0] = {node};
  for (size_t distance = 1; distance < at.size(); ++distance) {
    for (const NodeIndex buyer : at[distance - 1]) {
      for (const Edge& edge : graph.Inputs(buyer).edges) {
        if (!kept.has(edge.from) && seen.insert(edge.from).second) {
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
      if (tier == 1) {
        return TierZero(graph.Facts(from));
      }
      return kept.has(from) ? kept.exposure->Tier(from, static_cast<int>(tier - 1)) : below.at(from).view();
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

InputRow InputsOfProduct(const SupplyGraph& graph, NodeIndex node, const std::string& product) {
  std::vector<Link> links = graph.Links(node);
  std::erase_if(links, [&](const Link& link) { return link.product != product; });
  return InputsOfProduct(graph.Facts(node), product, links);
}

InputRow InputsOfProduct(const NodeFacts& facts, const std::string& product, const std::vector<Link>& links) {
  NodeFacts of_product;
  of_product.own_share = facts.own_share;
  std::copy_if(facts.needs.begin(), facts.needs.end(), std::back_inserter(of_product.needs),
               [&](const Need& need) { return need.product == product; });
  return InputRowOf(of_product, links);
}

std::array<TierShares, kMaxTier> ExposureOfProduct(const SupplyGraph& graph, const Exposure& exposure, NodeIndex node,
                                                   const std::string& product) {
  const InputRow inputs = InputsOfProduct(graph, node, product);
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
