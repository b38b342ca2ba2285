#include "services/risk/domain/supply_graph.h"

#include "services/risk/domain/shares.h"

namespace orewatch::risk {
namespace {

constexpr int kLetters = 26;

bool IsLetter(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

CountryIndex CountryIndexOf(const std::string& alpha2) {
  if (alpha2.size() != 2 || !IsLetter(alpha2[0]) || !IsLetter(alpha2[1]) || alpha2 == kOtherCountries) {
    return kUnknownCountry;
  }
  return static_cast<CountryIndex>((alpha2[0] - 'A') * kLetters + (alpha2[1] - 'A'));
}

std::string CountryCodeOf(CountryIndex country) {
  if (country >= kCountryCodes) {
    return kOtherCountries;
  }
  return {static_cast<char>('A' + country / kLetters), static_cast<char>('A' + country % kLetters)};
}

std::string SupplierOf(const std::string& name) { return name.substr(0, name.find("/facilities/")); }

InputRow InputRowOf(const NodeFacts& facts, const std::vector<Link>& links) {
  std::vector<InputLink> inputs;
  inputs.reserve(links.size());
  for (const Link& link : links) {
    inputs.push_back({link.product, link.tonnes_per_year, link.share});
  }
  const InputShares shares = InputSharesOf(facts.needs, inputs);
  const double bought = 1 - facts.own_share;
  InputRow row{{}, facts.own_share, bought * shares.unknown, shares.flags};
  row.edges.reserve(links.size());
  for (size_t i = 0; i < links.size(); ++i) {
    row.edges.push_back({bought * shares.weights[i], links[i].from, links[i].verified});
  }
  return row;
}

size_t SupplyGraph::ChunksApartFrom(const SupplyGraph& other) const {
  return nodes_.ChunksApartFrom(other.nodes_) + links_.ChunksApartFrom(other.links_) +
         inputs_.ChunksApartFrom(other.inputs_) + buyers_.ChunksApartFrom(other.buyers_);
}

}  // namespace orewatch::risk
