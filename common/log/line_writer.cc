#include "common/log/line_writer.h"

#include <poll.h>
#include <pthread.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"

namespace orewatch::log {
namespace {

// A reader that has gone away must not end the process, and signals are for threads that wait for them.
void BlockSignals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, nullptr);
}

}  // namespace

// Lines come as they are to be written.
class LineWriter::Sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit Sink(LineWriter& writer) : writer_(writer) {}

 private:
  void sink_it_(const spdlog::details::log_msg& line) override {
    writer_.Write({line.payload.data(), line.payload.size()});
  }
  void flush_() override {}
  LineWriter& writer_;
};

LineWriter& LineWriter::Start(Options options) { return *new LineWriter(std::move(options)); }

LineWriter::LineWriter(Options options)
    : options_(std::move(options)),
      pool_(std::make_shared<spdlog::details::thread_pool>(options_.max_waiting, size_t{1}, BlockSignals)),
      logger_(std::make_shared<spdlog::async_logger>("lines", std::make_shared<Sink>(*this), pool_,
                                                     spdlog::async_overflow_policy::overrun_oldest)) {}

void LineWriter::Post(absl::string_view line) {
  posted_.fetch_add(1);
  logger_->log(spdlog::level::critical, spdlog::string_view_t(line.data(), line.size()));
}

void LineWriter::Write(absl::string_view line) {
  const auto overrun = static_cast<int64_t>(pool_->overrun_counter());
  if (const int64_t lost = overrun - overrun_.exchange(overrun); lost > 0) {
    WriteAll(absl::StrCat(options_.drop_note(lost), "\n"));
  }
  if (!WriteAll(absl::StrCat(line, "\n"))) {
    failed_.fetch_add(1);
  }
  done_.fetch_add(1);
}

// Not by way of stdio, whose lock would be held for as long as nobody reads.
bool LineWriter::WriteAll(absl::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(options_.descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      pollfd polled{options_.descriptor, POLLOUT, 0};
      (void)poll(&polled, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool LineWriter::Flush(absl::Duration patience) const {
  const int64_t wanted = posted_.load();
  constexpr timespec kPause = {0, 1'000'000};
  for (int64_t left = patience / absl::Milliseconds(1); done_.load() + overrun_.load() < wanted; --left) {
    if (left <= 0) {
      return false;
    }
    nanosleep(&kPause, nullptr);
  }
  return true;
}

int64_t LineWriter::dropped() const { return static_cast<int64_t>(pool_->overrun_counter()) + failed_.load(); }

}  // namespace orewatch::log
