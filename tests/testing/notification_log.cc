#include "tests/testing/notification_log.h"

#include <httplib.h>

#include <algorithm>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace orewatch::testing {
namespace {

std::string Describe(const ToldChange& change) {
  return absl::StrCat(change.alert_id, " #", change.sequence, change.firing ? " firing " : " resolved ",
                      change.severity);
}

}  // namespace

void NotificationLog::Add(const alerting::Notification& notification) {
  absl::MutexLock lock(&mutex_);
  for (const alerting::NotifiedAlert& alert : notification.alerts) {
    told_.push_back({alert.alert_id, alert.sequence, alert.firing, alert.severity});
    times_.push_back(absl::Now());
  }
}

std::vector<std::string> NotificationLog::Check(const std::vector<ToldChange>& changes) const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> wrong;
  std::set<std::pair<std::string, int64_t>> ends;
  for (const ToldChange& change : changes) {
    if (std::find(told_.begin(), told_.end(), change) == told_.end()) {
      wrong.push_back(absl::StrCat("never told: ", Describe(change)));
    }
    if (!change.firing) {
      ends.emplace(change.alert_id, change.sequence);
    }
  }
  for (const ToldChange& told : told_) {
    if (!told.firing && ends.count({told.alert_id, told.sequence}) == 0) {
      wrong.push_back(absl::StrCat("falsely told: ", Describe(told)));
    }
  }
  return wrong;
}

int NotificationLog::Duplicates(const std::vector<std::pair<std::string, absl::Time>>& changes,
                                absl::Duration settle) const {
  absl::MutexLock lock(&mutex_);
  std::set<ToldChange> seen;
  int duplicates = 0;
  for (size_t i = 0; i < told_.size(); ++i) {
    const auto unsettles = [&, this](const auto& change) ABSL_NO_THREAD_SAFETY_ANALYSIS {
      return change.first == told_[i].alert_id && times_[i] >= change.second && times_[i] < change.second + settle;
    };
    const bool settled = std::none_of(changes.begin(), changes.end(), unsettles);
    duplicates += !seen.insert(told_[i]).second && settled ? 1 : 0;
  }
  return duplicates;
}

int NotificationLog::DuplicatesBut(const std::vector<std::pair<absl::Time, absl::Time>>& excused) const {
  absl::MutexLock lock(&mutex_);
  std::set<ToldChange> seen;
  int duplicates = 0;
  for (size_t i = 0; i < told_.size(); ++i) {
    const absl::Time time = times_[i];
    const bool is_excused = std::any_of(excused.begin(), excused.end(),
                                        [time](const auto& one) { return time >= one.first && time <= one.second; });
    duplicates += !seen.insert(told_[i]).second && !is_excused ? 1 : 0;
  }
  return duplicates;
}

bool NotificationLog::HasAll(const std::vector<ToldChange>& changes) const {
  return std::all_of(changes.begin(), changes.end(), [this](const ToldChange& change) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return std::find(told_.begin(), told_.end(), change) != told_.end();
  });
}

bool NotificationLog::Await(const std::vector<ToldChange>& changes, absl::Duration patience) const {
  absl::MutexLock lock(&mutex_);
  const auto all = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return HasAll(changes); };
  return mutex_.AwaitWithTimeout(absl::Condition(&all), patience);
}

std::vector<ToldChange> NotificationLog::ToldOf(const std::set<std::string>& alerts) const {
  absl::MutexLock lock(&mutex_);
  std::vector<ToldChange> told;
  std::copy_if(told_.begin(), told_.end(), std::back_inserter(told),
               [&](const ToldChange& change) { return alerts.count(change.alert_id) > 0; });
  return told;
}

std::string NotificationLog::DebugString() const {
  absl::MutexLock lock(&mutex_);
  std::string text;
  for (const ToldChange& told : told_) {
    absl::StrAppend(&text, Describe(told), "\n");
  }
  return text;
}

struct NotificationReceiver::Server {
  explicit Server(NotificationLog& log) {
    http.Post("/hook", [&log](const httplib::Request& request, httplib::Response& response) {
      const auto notification = alerting::ParseNotification(request.body);
      EXPECT_TRUE(notification.ok()) << request.body;
      EXPECT_EQ(request.get_header_value("Authorization"), "Bearer secret");
      if (notification.ok()) {
        log.Add(*notification);
      }
      response.status = 200;
    });
    port = http.bind_to_any_port("127.0.0.1");
    thread = std::thread([this] { http.listen_after_bind(); });
    while (!http.is_running()) {
      std::this_thread::yield();
    }
  }
  httplib::Server http;
  int port = 0;
  std::thread thread;
};

NotificationReceiver::NotificationReceiver(NotificationLog& log) : server_(std::make_unique<Server>(log)) {}

NotificationReceiver::~NotificationReceiver() {
  server_->http.stop();
  server_->thread.join();
}

std::string NotificationReceiver::url() const { return absl::StrCat("http://127.0.0.1:", server_->port, "/hook"); }

}  // namespace orewatch::testing
