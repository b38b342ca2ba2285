#include "services/risk/domain/base_rates.h"

namespace orewatch::risk {
namespace {

BaseRate Schodde(double value, const char* metric) {
  return {value, metric, "significant non-bulk discoveries since 1950 (2,120 of 4,676 became mines)",
          "Schodde, MinEx Consulting, September 2017", "http://minexconsulting.com/publications/sep2017b.html"};
}

BaseRate Started(double years, const char* metric) {
  return {years, metric, "127 precious and base-metal mines started 2002-2023",
          "S&P Global Market Intelligence, 2023-06-06",
          "https://spglobal.com/marketintelligence/en/news-insights/research/"
          "discovery-to-production-averages-15-7-years-for-127-mines"};
}

BaseRate Largest(double years, const char* metric) {
  return {years, metric, "35 largest mines of 2010-2019", "S&P Global, quoted by MDO Resorting",
          "https://mdoresorting.com/the-average-time-required-for-the-worlds-top-mines-from-discovery-to-production-is-"
          "169-years"};
}

}  // namespace

BaseRates DefaultBaseRates() {
  return {Schodde(0.45, "discovery becomes mine, nominal"),
          Schodde(0.7, "discovery becomes mine, trend-adjusted, high"),
          Started(15.7, "discovery to production, mean years"),
          Started(6, "discovery to production, least years"),
          Started(32, "discovery to production, most years"),
          Largest(16.9, "discovery to production, mean years"),
          Largest(12.5, "exploration and studies, mean years"),
          Largest(1.8, "feasibility study to start of construction, mean years")};
}

}  // namespace orewatch::risk
