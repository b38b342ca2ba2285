#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/http/post_server.h"
#include "services/alerting/deliver/alertmanager_client.h"
#include "services/alerting/deliver/describe.h"
#include "services/alerting/deliver/dispatcher.h"
#include "services/alerting/deliver/notification.h"
#include "tests/bench/alerting/measures.h"
#include "tests/bench/support/die.h"
#include "tests/bench/support/rounds.h"
#include "tests/testing/alertmanager_process.h"

namespace orewatch::bench {
namespace {

using alerting::AlertmanagerSender;
using alerting::FiringAlert;

constexpr absl::Duration kPatience = absl::Minutes(1);
constexpr double kMilli = 1e3;
constexpr size_t kBatch = 500;

// Who is notified, and how often of what.
class Receiver {
 public:
  Receiver() {
    auto server = http::PostServer::Start({.setting = "bench", .address = "127.0.0.1:0"},
                                          [this](const std::string&, const std::string& body) { return Take(body); });
    if (!server.ok()) {
      Die(server.status().ToString());
    }
    server_ = *std::move(server);
  }
  std::string url() const { return absl::StrCat("http://127.0.0.1:", server_->port(), "/"); }
  // Until it was told that the alert fires, or has ended.
  void Await(const std::string& alert_id, bool firing) {
    const std::pair<std::string, bool> wanted(alert_id, firing);
    absl::MutexLock lock(&mutex_);
    const auto told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return told_.contains(wanted); };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&told), kPatience)) {
      Die(absl::StrCat("nobody was told of ", alert_id));
    }
  }
  void AwaitCount(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return told_.size() >= count; };
    if (!mutex_.AwaitWithTimeout(absl::Condition(&told), kPatience)) {
      Die(absl::StrCat("of ", count, " alerts only ", told_.size(), " were told"));
    }
  }

 private:
  int Take(const std::string& body) {
    const auto notification = alerting::ParseNotification(body);
    absl::MutexLock lock(&mutex_);
    for (const alerting::NotifiedAlert& alert : notification->alerts) {
      told_.emplace(alert.alert_id, alert.firing);
    }
    return 200;
  }

  absl::Mutex mutex_;
  std::set<std::pair<std::string, bool>> told_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<http::PostServer> server_;
};

// Tells of what is new at once.
std::string Config(const Receiver& receiver) {
  return absl::StrReplaceAll(
      testing::AlertmanagerProcess::Config(receiver.url()),
      {{"group_wait: 200ms", "group_wait: 0s"}, {"group_interval: 300ms", "group_interval: 30s"}});
}

class BareClient {
 public:
  explicit BareClient(const std::string& url) : url_(url) {}
  void Post(const std::string& body) {
    const auto answer = client_->Send({.method = "POST",
                                       .url = absl::StrCat(url_, "/api/v2/alerts"),
                                       .headers = {{"Content-Type", "application/json"}},
                                       .body = body});
    if (!answer.ok() || answer->status != 200) {
      Die(answer.ok() ? answer->body : answer.status().ToString());
    }
  }

 private:
  const std::string url_;
  const std::unique_ptr<http::Client> client_ = http::NewClient();
};

alerting::PostedAlert AsPosted(const FiringAlert& alert, const std::string& round) {
  alerting::PostedAlert posted;
  posted.labels = alert.labels;
  posted.annotations = alert.annotations;
  posted.labels[alerting::kAlertIdLabel] = alert.alert_id;
  posted.labels[alerting::kSeverityLabel] = "warning";
  posted.labels[alerting::kSourceLabel] = "bare";
  posted.labels["round"] = round;
  posted.annotations[alerting::kAlertIdAnnotation] = alert.alert_id;
  posted.annotations[alerting::kSequenceAnnotation] = absl::StrCat(alert.sequence);
  posted.starts_at = alert.fire_time;
  posted.ends_at = alert.fire_time + absl::Hours(48);
  return posted;
}

// Notes when the last POST was answered.
class NotingClient final : public http::Client {
 public:
  absl::StatusOr<http::Response> Send(const http::Request& request) override {
    auto answer = client_->Send(request);
    last_post = request.method == "POST" ? absl::Now() : last_post;
    return answer;
  }

  absl::Time last_post;

 private:
  const std::unique_ptr<http::Client> client_ = http::NewClient();
};

// The same alerts in the same batches, made beforehand.
std::vector<std::string> BodiesOf(const alerting::FiringSnapshot& alerts, const std::string& round) {
  std::vector<alerting::PostedAlert> posted;
  for (const auto& alert : alerts) {
    posted.push_back(AsPosted(*alert, round));
  }
  std::vector<std::string> bodies;
  for (size_t begin = 0; begin < posted.size(); begin += kBatch) {
    std::vector<const alerting::PostedAlert*> batch;
    for (size_t i = begin; i < std::min(begin + kBatch, posted.size()); ++i) {
      batch.push_back(&posted[i]);
    }
    bodies.push_back(alerting::ToJson(batch));
  }
  return bodies;
}

// Its own, as Alertmanager tells its replicas by name.
class Telling {
 public:
  explicit Telling(const Size& size)
      : plant_(size, clock_, {{.name = alerting::kAlertmanagerTarget, .of_what_is = true}}),
        alerts_(plant_.engine()),
        alertmanager_(Config(receiver_)) {
    alertmanager_.Start();
    plant_.Apply(plant_.AllScores());
  }

  // Until the last alert of a snapshot of the engine is taken, by an Alertmanager that has none of them: their labels
  // are new.
  double PushAll() {
    AlertmanagerSender::Options options;
    options.urls = {alertmanager_.url()};
    options.label_sets.labels = {{"round", absl::StrCat(++round_)}};
    options.label_sets.source = absl::StrCat("orewatch-", round_);
    NotingClient client;
    // As a process that has just started.
    const alerting::EngineAlerts alerts(plant_.engine());
    AlertmanagerSender sender(options, {.alerts = alerts,
                                        .store = plant_.store().deliveries(),
                                        .clock = clock_,
                                        .client = client,
                                        .resolver = resolver_,
                                        .metrics = metrics_,
                                        .lease = [this] { return lease(); }});
    const absl::Time start = absl::Now();
    sender.Step();
    const double seconds = absl::ToDoubleSeconds(client.last_post - start);
    if (!sender.Unaccepted(absl::ZeroDuration()).empty()) {
      Die("not everything was taken");
    }
    return static_cast<double>(plant_.CountFiring()) / seconds;
  }
  double PushBare() {
    const alerting::FiringSnapshot alerts = alerts_.Snapshot(absl::InfiniteFuture());
    const std::vector<std::string> bodies = BodiesOf(alerts, absl::StrCat("bare-", ++round_));
    BareClient client(alertmanager_.url());
    const absl::Time start = absl::Now();
    for (const std::string& body : bodies) {
      client.Post(body);
    }
    return static_cast<double>(alerts.size()) / SecondsSince(start);
  }
  // From a change of one of the subjects that are calm to a notification of the alert that fires.
  std::vector<double> Notifications(int changes, const Size& size) {
    alerting::DeliveryConfig config;
    config.alertmanagers = {alertmanager_.url()};
    auto dispatcher = alerting::Dispatcher::Create(config, {.alerts = alerts_,
                                                            .events = alerts_,
                                                            .store = plant_.store().deliveries(),
                                                            .clock = clock_,
                                                            .metrics = metrics_,
                                                            .lease = [this] { return lease(); }});
    const auto wakes = plant_.engine().transitions().Subscribe([&] { (*dispatcher)->Wake(); });
    (*dispatcher)->Start();
    receiver_.AwaitCount(static_cast<size_t>(plant_.CountFiring()));
    std::vector<double> seconds;
    for (int i = 0; i < changes; ++i) {
      const int subject = size.subjects - 1 - i;
      const absl::Time start = absl::Now();
      plant_.Apply(plant_.Peak(subject));
      receiver_.Await(plant_.PeakAlert(subject), /*firing=*/true);
      seconds.push_back(SecondsSince(start));
      // Not in step with the sender's pauses.
      absl::SleepFor(absl::Milliseconds(20 + i * 37 % 200));
    }
    (*dispatcher)->Stop();
    return seconds;
  }
  // From a POST by a bare client to the notification.
  std::vector<double> BareNotifications(int changes) {
    FiringAlert alert = *alerts_.Snapshot(absl::InfiniteFuture()).front();
    BareClient client(alertmanager_.url());
    std::vector<double> seconds;
    for (int i = 0; i < changes; ++i) {
      alert.alert_id = absl::StrCat("bare-", i);
      alerting::PostedAlert posted = AsPosted(alert, "bare");
      posted.labels[alerting::kSourceLabel] = "orewatch";
      const absl::Time start = absl::Now();
      client.Post(alerting::ToJson({&posted}));
      receiver_.Await(alert.alert_id, /*firing=*/true);
      seconds.push_back(SecondsSince(start));
    }
    return seconds;
  }

 private:
  std::optional<alerting::Lease> lease() { return alerting::Lease{.epoch = plant_.engine().lease()->epoch}; }
  const SystemClock clock_;
  Plant plant_;
  alerting::EngineAlerts alerts_;
  Receiver receiver_;
  testing::AlertmanagerProcess alertmanager_;
  prometheus::Registry registry_;
  alerting::DeliveryMetrics metrics_{registry_};
  alerting::SystemResolver resolver_;
  int round_ = 0;
};

double Percentile(std::vector<double> values, size_t percent) {
  std::sort(values.begin(), values.end());
  return values[values.size() * percent / 100] * kMilli;
}

}  // namespace

std::vector<Figure> MeasureDelivery(const Effort& effort, const Size& size) {
  Telling telling(size);
  std::vector<Figure> figures;
  const int changes = effort.quick ? 5 : 300;
  const std::vector<double> bare = telling.BareNotifications(changes);
  const std::vector<double> ours = telling.Notifications(changes, size);
  figures.push_back({"a changed score to its notification, p50", "ms", Percentile(ours, 50),
                     "a bare POST to its notification", Percentile(bare, 50)});
  figures.push_back({"the same, p99", "ms", Percentile(ours, 99), "the same", Percentile(bare, 99)});
  const Pair rates = MiddleOf(
      effort.rounds, [&] { return telling.PushAll(); }, [&] { return telling.PushBare(); });
  figures.push_back(
      {"firing alerts pushed", "alerts/s", rates.subject, "a bare client, bodies made beforehand", rates.baseline});
  return figures;
}

}  // namespace orewatch::bench
