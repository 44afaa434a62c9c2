// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CSIMD.h"
#include <sched.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
int csimd_cpu_is_v3(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi") &&
         __builtin_cpu_supports("bmi2");
}
const char *csimd_cpu_name(void) {
  static char name[49];
  unsigned r[12];
  for (unsigned i = 0; i < 3; i++)
    if (!__get_cpuid(0x80000002u + i, &r[4 * i], &r[4 * i + 1], &r[4 * i + 2], &r[4 * i + 3])) return "";
  memcpy(name, r, 48);
  return name;
}
#else
int csimd_cpu_is_v3(void) { return 1; }
const char *csimd_cpu_name(void) { return ""; }
#endif

int csimd_cpu_count(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}
