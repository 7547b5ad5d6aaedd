#!/bin/sh
# sh test/disk/make-libfuzzer.sh DIRECTORY: builds LLVM's libFuzzer with the addon of Jazzer.js, for test/disk/fuzz-libfuzzer.mjs.
# Releases of Jazzer.js for Node 20 come as sources, and would fetch LLVM's sources from GitHub; this uses Debian's packages instead.
# Needs g++, libclang-rt-14-dev, and the headers that come with Node.
set -eu
mkdir -p "$1"
cd "$1"
npm init --yes > npm.log
npm install --ignore-scripts --no-audit --no-fund @jazzer.js/core@2.1.0 >> npm.log
cd node_modules/@jazzer.js/fuzzer
mkdir -p build fuzzer
cat > fuzzer/FuzzerDefs.h <<'END'
#pragma once
#include <cstdint>
#include <string>
#include <vector>
namespace fuzzer {
using UserCallback = int (*)(const uint8_t *, size_t);
int FuzzerDriver(int *, char ***, UserCallback);
}
END
cat > additions.cpp <<'END'
// What Jazzer's version of libFuzzer has and LLVM's does not.
#include <cstddef>
#include <cstdint>
#include <utility>
extern "C" void __sanitizer_cov_trace_const_cmp8(uint64_t, uint64_t);
extern "C" void __jazzer_set_death_callback(void (*)());
extern "C" void __sanitizer_set_death_callback(void (*callback)()) { __jazzer_set_death_callback(callback); }
extern "C" void __sanitizer_cov_trace_pc_indir_with_pc(void *, uintptr_t) {}

// libFuzzer tells comparisons apart by the address from which they are reported.
template <size_t N> __attribute__((noinline)) void reportFrom(uint64_t one, uint64_t other) {
  __sanitizer_cov_trace_const_cmp8(one, other);
  asm volatile("" : : "r"(N));
}
template <size_t... N> void report(size_t id, uint64_t one, uint64_t other, std::index_sequence<N...>) {
  static void (*const reports[])(uint64_t, uint64_t) = {reportFrom<N>...};
  reports[id % sizeof...(N)](one, other);
}
extern "C" void __sanitizer_cov_trace_const_cmp8_with_pc(uintptr_t id, uint64_t one, uint64_t other) {
  report(id, one, other, std::make_index_sequence<2048>());
}
END
headers=$(node -p 'path.join(process.execPath, "../../include/node")')
g++ -std=c++17 -O2 -fPIC -shared -DNAPI_VERSION=4 -I. -I../../node-addon-api "-I$headers" ./*.cpp shared/*.cpp \
  -Wl,--whole-archive /usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer_no_main-x86_64.a -Wl,--no-whole-archive \
  -o build/jazzerjs.node
