// orewatch: all four services in one process on one port, on embedded storage.
#include "common/app/migration.h"
#include "common/app/process.h"
#include "services/suite/suite.h"

int main(int argc, char** argv) {
  using namespace orewatch;  // NOLINT(google-build-using-namespace): the composition root names everything.
  return app::RunProcess(argc, argv, {"orewatch", 7100, 9100, app::MigrateIfAsked(suite::MigrateSuite)},
                         suite::MakeSuite);
}
