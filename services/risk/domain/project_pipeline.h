// Projects that may come to produce: gates to pass, each with a chance and a time, by Monte Carlo.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace orewatch::risk {

// Years, of a given mean.
struct Duration {
  enum class Kind { kFixed, kExponential, kLognormal };
  Kind kind = Kind::kFixed;
  double mean_years = 0;
  // Standard deviation of the logarithm, of kLognormal.
  double sigma = 0;
};

struct Gate {
  double pass_probability = 1;
  Duration duration;
};

struct PipelineProject {
  // Resource name: with the seed it decides the project's fate, whatever other projects are simulated.
  std::string name;
  std::string country;
  std::vector<Gate> gates;
  double capacity_tonnes_per_year = 0;
  // From first production to capacity, in a straight line.
  double ramp_years = 0;
};

struct PipelineOptions {
  uint64_t seed = 1;
  uint32_t runs = 10'000;
  int threads = 1;
  // Chance that every project of a country fails at once; 0: they fail alone.
  double country_failure = 0;
};

// Years from now to first production, by run; infinite: never. The more a gate's chance, the fewer runs fail there, and
// none that passed before: plans are compared on the same draws.
std::vector<double> SimulateStarts(const PipelineProject& project, const PipelineOptions& options);

// What a project that starts after `start_years` has made by `horizon_years`.
double TonnesBy(const PipelineProject& project, double start_years, double horizon_years);

}  // namespace orewatch::risk
