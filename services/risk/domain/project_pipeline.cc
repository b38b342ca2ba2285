#include "services/risk/domain/project_pipeline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "services/risk/domain/parallel.h"
#include "services/risk/domain/philox.h"

namespace orewatch::risk {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr size_t kRunsPerPiece = 1024;

double YearsOf(const Duration& duration, const AddressedRandom& random, const Draw& draw) {
  switch (duration.kind) {
    case Duration::Kind::kFixed:
      return duration.mean_years;
    case Duration::Kind::kExponential:
      return -duration.mean_years * std::log(random.Uniforms(draw)[0]);
    case Duration::Kind::kLognormal:
      return duration.mean_years * std::exp(duration.sigma * random.Normal(draw) - duration.sigma * duration.sigma / 2);
  }
  return duration.mean_years;
}

double StartOf(const PipelineProject& project, const AddressedRandom& random, uint64_t stream, uint32_t run) {
  double years = 0;
  for (size_t i = 0; i < project.gates.size(); ++i) {
    const Gate& gate = project.gates[i];
    const auto index = static_cast<uint32_t>(2 * i);
    if (random.Uniforms({stream, run, index})[0] >= gate.pass_probability) {
      return kNever;
    }
    years += YearsOf(gate.duration, random, {stream, run, index + 1});
  }
  return years;
}

}  // namespace

std::vector<double> SimulateStarts(const PipelineProject& project, const PipelineOptions& options) {
  const AddressedRandom random(options.seed);
  const uint64_t stream = StreamOf(project.name);
  const uint64_t country = StreamOf(project.country);
  std::vector<double> starts(options.runs);
  ParallelFor((starts.size() + kRunsPerPiece - 1) / kRunsPerPiece, options.threads, [&](size_t piece) {
    const size_t end = std::min(starts.size(), (piece + 1) * kRunsPerPiece);
    for (size_t run = piece * kRunsPerPiece; run < end; ++run) {
      const auto number = static_cast<uint32_t>(run);
      const bool shut = random.Uniforms({country, number, 0})[0] < options.country_failure;
      starts[run] = shut ? kNever : StartOf(project, random, stream, number);
    }
  });
  return starts;
}

double TonnesBy(const PipelineProject& project, double start_years, double horizon_years) {
  const double age = horizon_years - start_years;
  if (!(age > 0)) {
    return 0;
  }
  const double ramp = std::min(age, project.ramp_years);
  const double ramped = project.ramp_years > 0 ? ramp * ramp / (2 * project.ramp_years) : 0;
  return project.capacity_tonnes_per_year * (ramped + (age - ramp));
}

}  // namespace orewatch::risk
