// SPDX-License-Identifier: Apache-2.0
// What the kernel offers for running a decoder apart: spawning it with nothing but its own descriptors, and a seccomp
// filter that takes away what decoding does not need.
#pragma once
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

// Descriptors of a worker after csandbox_spawn; 0 and 1 are /dev/null, 2 takes its messages.
enum { CSANDBOX_SOCKET = 3, CSANDBOX_MEMORY = 4 };

// An anonymous file in memory, closed on exec; -1 and errno when there is none.
int csandbox_memory(void);

// Starts a program in a process group of its own with these descriptors and no others, no signal blocked. Returns 0 and
// sets *pid, or the error number.
int csandbox_spawn(
    pid_t *pid, const char *path, char *const arguments[], char *const environment[], int socket, int memory,
    int messages);

// No core dumps, no new privileges. Returns 0 or the error number.
int csandbox_private(void);

// Takes away, for every thread and for good: starting programs and processes, sockets, writing to files and changing
// folders, signalling others, tracing, and the rest of the kernel's administration; each gives EPERM (clone3, openat2:
// ENOSYS, so that callers fall back). Descriptor `memory` may still be resized. Returns 0 or the error number.
int csandbox_enter(int memory);

// Tries one thing that the filter takes away and returns the error number it met, 0 when it was let through.
enum csandbox_probe {
  CSANDBOX_WRITE, CSANDBOX_SOCKETS, CSANDBOX_EXEC, CSANDBOX_FORK, CSANDBOX_SIGNAL, CSANDBOX_TRACE, CSANDBOX_UNLINK,
  CSANDBOX_RING
};
int csandbox_try(enum csandbox_probe what);

#ifdef __cplusplus
}
#endif
