// orewatch-alerting that dies where the file of --death says.
#include <memory>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "services/alerting/alerting_process.h"
#include "tests/chaos/death.h"
#include "tests/chaos/mortal_store.h"

ABSL_FLAG(std::string, death, "", "File in which the next step stands at which to die.");

namespace orewatch::testing {
namespace {

class MortalClient final : public http::Client {
 public:
  MortalClient(std::unique_ptr<http::Client> client, const Death& death) : client_(std::move(client)), death_(death) {}

  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    if (request.method != "POST") {
      return client_->Send(request);
    }
    const bool to_alertmanager = absl::EndsWith(request.url, "/alerts");
    death_.At(to_alertmanager ? step::kPosting : step::kCalling);
    auto response = client_->Send(request);
    death_.At(to_alertmanager ? step::kPosted : step::kCalled);
    return response;
  }

 private:
  const std::unique_ptr<http::Client> client_;
  const Death& death_;
};

int Run(int argc, char** argv) {
  std::unique_ptr<Death> death;
  return app::RunProcess(argc, argv, alerting::kAlertingDefaults, [&](const app::Environment& environment) {
    // The flags are known by now.
    death = std::make_unique<Death>(absl::GetFlag(FLAGS_death));
    MortalStore::DieInTransactionsOfSqlite(*death);
    return alerting::MakeAlerting(
        environment,
        {.wrap_store = [&](auto store) { return std::make_unique<MortalStore>(std::move(store), *death); },
         .wrap_client = [&](auto client) { return std::make_unique<MortalClient>(std::move(client), *death); }});
  });
}

}  // namespace
}  // namespace orewatch::testing

int main(int argc, char** argv) { return orewatch::testing::Run(argc, argv); }
