// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int csandbox_memory(void) { return memfd_create("lumen voxels", MFD_CLOEXEC); }

int csandbox_spawn(
    pid_t *pid, const char *path, char *const arguments[], char *const environment[], int socket, int memory,
    int messages) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  int failed = posix_spawn_file_actions_init(&files);
  if (failed) return failed;
  failed = posix_spawnattr_init(&attributes);
  if (failed) {
    posix_spawn_file_actions_destroy(&files);
    return failed;
  }
  // The caller keeps its descriptors above those that are assigned here, so that none is overwritten before its turn.
  failed = socket <= CSANDBOX_MEMORY || memory <= CSANDBOX_MEMORY || messages <= CSANDBOX_MEMORY ? EINVAL : 0;
  if (!failed) failed = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&files, messages, 2);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&files, socket, CSANDBOX_SOCKET);
  if (!failed) failed = posix_spawn_file_actions_adddup2(&files, memory, CSANDBOX_MEMORY);
  if (!failed) failed = posix_spawn_file_actions_addclosefrom_np(&files, CSANDBOX_MEMORY + 1);
  // Threads of a dispatch queue block most signals; the limits of processor time and file size must reach the worker.
  sigset_t none, standard;
  sigemptyset(&none);
  sigfillset(&standard);
  sigdelset(&standard, SIGKILL);
  sigdelset(&standard, SIGSTOP);
  if (!failed) failed = posix_spawnattr_setsigmask(&attributes, &none);
  if (!failed) failed = posix_spawnattr_setsigdefault(&attributes, &standard);
  if (!failed) failed = posix_spawnattr_setpgroup(&attributes, 0);
  if (!failed)
    failed = posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  if (!failed) failed = posix_spawn(pid, path, &files, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failed;
}

int csandbox_private(void) {
  // Not dumpable: a core that a handler of the system collects would hold the patient's image.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return errno;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : errno;
}

int csandbox_try(enum csandbox_probe what) {
  errno = 0;
  long result = 0;
  switch (what) {
    case CSANDBOX_WRITE: result = open("/dev/null", O_WRONLY | O_CLOEXEC); break;
    case CSANDBOX_SOCKETS: result = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); break;
    // A file that does not exist: ENOENT where programs may be started, and nothing has happened.
    case CSANDBOX_EXEC: {
      char *const none[] = {NULL};
      result = execve("/proc/self/fd/none", none, none);
      return errno == ENOENT ? 0 : errno;
    }
    case CSANDBOX_FORK:
      result = fork();
      if (result == 0) _exit(0);
      if (result > 0) waitpid((pid_t)result, NULL, 0);
      return result < 0 ? errno : 0;
    case CSANDBOX_SIGNAL: result = kill(getppid(), 0); break;
    case CSANDBOX_TRACE:
      result = ptrace(PTRACE_PEEKDATA, getppid(), NULL, NULL);
      return errno == ESRCH ? 0 : errno;
    case CSANDBOX_UNLINK:
      result = unlink("/proc/self/fd/none");
      return errno == ENOENT ? 0 : errno;
    // An invalid size: EINVAL or EFAULT where rings may be made.
    case CSANDBOX_RING:
#ifdef __NR_io_uring_setup
      result = syscall(__NR_io_uring_setup, 0, NULL);
      return errno == EPERM ? errno : 0;
#else
      return EPERM;
#endif
  }
  if (result < 0) return errno;
  if (what != CSANDBOX_SIGNAL) close((int)result);
  return 0;
}
