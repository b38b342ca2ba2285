#include "common/storage/postgres_listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "common/log/log.h"
#include "common/status/status.h"
#include "common/time/steady.h"

namespace orewatch::storage {
namespace {

// For one look.
constexpr absl::Duration kLookTimeout = absl::Seconds(10);

}  // namespace

PostgresListener::PostgresListener(Options options)
    : options_(std::move(options)), stop_fd_(eventfd(0, EFD_CLOEXEC)), thread_([this] { ListenUntilStopped(); }) {}

PostgresListener::~PostgresListener() {
  eventfd_write(stop_fd_, 1);
  thread_.join();
  close(stop_fd_);
}

bool PostgresListener::Wait(absl::Duration duration) const {
  pollfd stop{stop_fd_, POLLIN, 0};
  return poll(&stop, 1, static_cast<int>(absl::ToInt64Milliseconds(duration))) > 0;
}

void PostgresListener::ListenUntilStopped() {
  for (;;) {
    const absl::Status status = ListenOnce();
    if (!status.ok()) {
      log::Warning("does not hear the database", {{"channel", options_.channel}, {"status", status.ToString()}});
    }
    if (Wait(status.ok() ? absl::ZeroDuration() : options_.poll)) {
      return;
    }
  }
}

void PostgresListener::NoteAnswer() const {
  if (options_.answered != nullptr) {
    options_.answered();
  }
}

absl::Status PostgresListener::ListenOnce() {
  OREWATCH_ASSIGN_OR_RETURN(const auto connection, Postgres::Open(options_.connection));
  connection->set_deadline(SteadyNow() + kLookTimeout);
  OREWATCH_RETURN_IF_ERROR(connection->Listen(options_.channel));
  OREWATCH_RETURN_IF_ERROR(options_.connected(*connection));
  NoteAnswer();
  return FollowUntilStopped(*connection);
}

absl::Status PostgresListener::FollowUntilStopped(Postgres& connection) {
  absl::Time next_look = SteadyNow() + options_.poll;
  while (!Wait(absl::ZeroDuration())) {
    OREWATCH_ASSIGN_OR_RETURN(const auto payloads, connection.AwaitNotifications(next_look - SteadyNow(), stop_fd_));
    for (const std::string& payload : payloads) {
      if (!options_.heard(payload)) {
        return absl::OkStatus();
      }
    }
    if (SteadyNow() >= next_look) {
      connection.set_deadline(SteadyNow() + kLookTimeout);
      OREWATCH_RETURN_IF_ERROR(options_.look(connection));
      NoteAnswer();
      next_look = SteadyNow() + options_.poll;
    }
  }
  return absl::OkStatus();
}

}  // namespace orewatch::storage
