// orewatchctl: the command line client.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "services/ctl/cli/run.h"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  return orewatch::ctl::Run(words, [](const char* name) -> const char* { return std::getenv(name); },
                            {std::cout, std::cerr, isatty(STDERR_FILENO) != 0});
}
