// orewatch-alerting: rules over scores, and the alerts that they raise.
#include "services/alerting/alerting_process.h"

int main(int argc, char** argv) {
  using orewatch::alerting::MakeAlerting;
  return orewatch::app::RunProcess(argc, argv, orewatch::alerting::kAlertingDefaults,
                                   [](const auto& environment) { return MakeAlerting(environment); });
}
