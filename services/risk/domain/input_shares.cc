#include "services/risk/domain/input_shares.h"

#include <algorithm>
#include <map>

namespace orewatch::risk {
namespace {

struct Product {
  std::optional<double> use;
  std::vector<size_t> links;
};

std::map<std::string, Product> ProductsOf(const std::vector<Need>& needs, const std::vector<InputLink>& links) {
  std::map<std::string, Product> products;
  for (const Need& need : needs) {
    std::optional<double>& use = products[need.product].use;
    use = use.has_value() ? use : need.use_tonnes_per_year;
  }
  for (size_t i = 0; i < links.size(); ++i) {
    products[links[i].product].links.push_back(i);
  }
  return products;
}

// Gives each link of the product its part of the product; returns their sum, at most 1.
double ShareProduct(const Product& product, const std::vector<InputLink>& links, InputShares& shares) {
  const bool divides = product.use.has_value() && *product.use > 0;
  double sum = 0;
  for (const size_t i : product.links) {
    const InputLink& link = links[i];
    if (link.share.has_value()) {
      shares.weights[i] = *link.share;
    } else if (divides && link.tonnes_per_year.has_value()) {
      shares.weights[i] = *link.tonnes_per_year / *product.use;
    } else {
      shares.flags |= kLinkWithoutShare;
    }
    sum += shares.weights[i];
  }
  constexpr double kRounding = 1e-9;
  if (sum <= 1) {
    return sum;
  }
  if (sum > 1 + kRounding) {
    shares.flags |= kSharesExceedOne;
  }
  for (const size_t i : product.links) {
    shares.weights[i] /= sum;
  }
  return 1;
}

// The sum of all uses; nothing if one is unknown.
std::optional<double> TotalUse(const std::map<std::string, Product>& products) {
  double total = 0;
  for (const auto& [name, product] : products) {
    if (!product.use.has_value()) {
      return std::nullopt;
    }
    total += *product.use;
  }
  return total > 0 ? std::optional<double>(total) : std::nullopt;
}

}  // namespace

InputShares InputSharesOf(const std::vector<Need>& needs, const std::vector<InputLink>& links) {
  InputShares shares;
  shares.weights.assign(links.size(), 0);
  const std::map<std::string, Product> products = ProductsOf(needs, links);
  if (products.empty()) {
    return shares;
  }
  const std::optional<double> total_use = products.size() > 1 ? TotalUse(products) : std::nullopt;
  if (products.size() > 1 && !total_use.has_value()) {
    shares.flags |= kProductsWeighedEqually;
  }
  shares.unknown = 0;
  for (const auto& [name, product] : products) {
    const double weight =
        total_use.has_value() ? *product.use / *total_use : 1.0 / static_cast<double>(products.size());
    shares.unknown += weight * (1 - ShareProduct(product, links, shares));
    for (const size_t i : product.links) {
      shares.weights[i] *= weight;
    }
  }
  return shares;
}

}  // namespace orewatch::risk
