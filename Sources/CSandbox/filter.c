// SPDX-License-Identifier: Apache-2.0
// The seccomp filter, written as classic BPF. It names what is taken away: decoders, the Swift runtime and glibc keep
// reading files, memory, threads and time.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "CSandbox.h"

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
// Calls that are refused whatever their arguments. Old calls exist on x86-64 only, new ones not in every header.
static const int refused[] = {
    // programs
    __NR_execve, __NR_execveat,
#ifdef __NR_fork
    __NR_fork, __NR_vfork,
#endif
    // sockets and other ways between processes
    __NR_socket, __NR_socketpair, __NR_connect, __NR_bind, __NR_listen, __NR_accept, __NR_accept4, __NR_sendmsg,
    __NR_sendmmsg, __NR_recvmsg, __NR_recvmmsg, __NR_shmget, __NR_shmat, __NR_shmctl, __NR_msgget, __NR_semget,
    __NR_mq_open, __NR_mq_unlink, __NR_memfd_create,
    // others
    __NR_ptrace, __NR_process_vm_readv, __NR_process_vm_writev, __NR_tkill, __NR_rt_sigqueueinfo,
    __NR_rt_tgsigqueueinfo, __NR_kcmp, __NR_setpriority, __NR_migrate_pages, __NR_move_pages,
    // folders, names and rights
#ifdef __NR_unlink
    __NR_creat, __NR_unlink, __NR_rename, __NR_mkdir, __NR_rmdir, __NR_link, __NR_symlink, __NR_chmod, __NR_chown,
    __NR_lchown, __NR_mknod, __NR_utime, __NR_utimes, __NR_futimesat,
#endif
#ifdef __NR_renameat
    __NR_renameat,
#endif
    __NR_unlinkat, __NR_renameat2, __NR_mkdirat, __NR_linkat, __NR_symlinkat, __NR_mknodat, __NR_fchmod, __NR_fchmodat,
    __NR_fchown, __NR_fchownat, __NR_truncate, __NR_fallocate, __NR_utimensat, __NR_setxattr, __NR_lsetxattr,
    __NR_fsetxattr, __NR_removexattr, __NR_lremovexattr, __NR_fremovexattr, __NR_copy_file_range, __NR_sendfile,
    __NR_splice, __NR_tee, __NR_vmsplice, __NR_flock, __NR_umask,
    // identities
    __NR_setuid, __NR_setgid, __NR_setreuid, __NR_setregid, __NR_setresuid, __NR_setresgid, __NR_setfsuid,
    __NR_setfsgid, __NR_setgroups, __NR_capset, __NR_setsid, __NR_setpgid, __NR_unshare, __NR_setns, __NR_personality,
    // the system
    __NR_mount, __NR_umount2, __NR_pivot_root, __NR_chroot, __NR_swapon, __NR_swapoff, __NR_reboot, __NR_sethostname,
    __NR_setdomainname, __NR_init_module, __NR_finit_module, __NR_delete_module, __NR_kexec_load, __NR_bpf,
    __NR_perf_event_open, __NR_keyctl, __NR_add_key, __NR_request_key, __NR_acct, __NR_quotactl, __NR_settimeofday,
    __NR_clock_settime, __NR_clock_adjtime, __NR_adjtimex, __NR_syslog, __NR_vhangup, __NR_fanotify_init,
    __NR_name_to_handle_at, __NR_open_by_handle_at, __NR_userfaultfd,
#ifdef __NR_lookup_dcookie
    __NR_lookup_dcookie,
#endif
#ifdef __NR_kexec_file_load
    __NR_kexec_file_load,
#endif
#ifdef __NR_iopl
    __NR_iopl, __NR_ioperm, __NR_modify_ldt, __NR_uselib,
#endif
#ifdef __NR_io_uring_setup  // rings would open and connect past this filter
    __NR_io_uring_setup, __NR_io_uring_enter, __NR_io_uring_register,
#endif
    __NR_io_setup, __NR_io_submit,
#ifdef __NR_pidfd_open
    __NR_pidfd_open, __NR_pidfd_send_signal,
#endif
#ifdef __NR_pidfd_getfd
    __NR_pidfd_getfd,
#endif
#ifdef __NR_open_tree
    __NR_open_tree, __NR_move_mount, __NR_fsopen, __NR_fsconfig, __NR_fsmount, __NR_fspick,
#endif
#ifdef __NR_mount_setattr
    __NR_mount_setattr,
#endif
#ifdef __NR_process_madvise
    __NR_process_madvise,
#endif
#ifdef __NR_fchmodat2
    __NR_fchmodat2,
#endif
};

// Calls that are said not to exist, so that callers take the older one, whose arguments a filter can see.
static const int unknown[] = {
#ifdef __NR_clone3
    __NR_clone3,
#endif
#ifdef __NR_openat2
    __NR_openat2,
#endif
};

#define WRITING (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
// The low word of an argument; both architectures are little endian, and the arguments looked at are 32 bits wide.
#define LOAD_ARGUMENT(n) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[n]))
#define RETURN(value) BPF_STMT(BPF_RET | BPF_K, (value))
#define REFUSE RETURN(SECCOMP_RET_ERRNO | EPERM)
#define ALLOW RETURN(SECCOMP_RET_ALLOW)
// Skips `length` instructions unless the call is `number`.
#define WHEN(number, length) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (number), 0, (length))
// Refuses when argument n differs from `value`, else allows.
#define ONLY(number, n, value) \
  WHEN(number, 4), LOAD_ARGUMENT(n), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1), ALLOW, REFUSE
// Refuses when argument n has one of `bits`, else allows.
#define WITHOUT(number, n, bits) \
  WHEN(number, 4), LOAD_ARGUMENT(n), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), REFUSE, ALLOW
// Refuses when argument n lacks `bits`, else allows.
#define WITH(number, n, bits) \
  WHEN(number, 4), LOAD_ARGUMENT(n), BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, (bits), 0, 1), ALLOW, REFUSE

int csandbox_enter(int memory) {
  const unsigned own = (unsigned)getpid();
  const struct sock_filter conditional[] = {
      LOAD(arch),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
      REFUSE,
      LOAD(nr),
#ifdef __x86_64__
      // x32 calls carry bit 30 and would pass under other numbers.
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),
      REFUSE,
      WITHOUT(__NR_open, 1, WRITING),
#endif
      WITHOUT(__NR_openat, 2, WRITING),
      WITH(__NR_clone, 0, CLONE_THREAD),
      ONLY(__NR_ftruncate, 0, (unsigned)memory),
      ONLY(__NR_kill, 0, own),
      ONLY(__NR_tgkill, 0, own),
      ONLY(__NR_prlimit64, 0, 0),
      // Terminals can be fed through ioctl; asking whether there is one is all that the C library needs.
      ONLY(__NR_ioctl, 1, TCGETS),
  };
  enum {
    CONDITIONS = sizeof conditional / sizeof *conditional,
    REFUSED = sizeof refused / sizeof *refused,
    UNKNOWN = sizeof unknown / sizeof *unknown
  };
  struct sock_filter filter[CONDITIONS + 2 * (REFUSED + UNKNOWN) + 1];
  unsigned short n = 0;
  for (int i = 0; i < CONDITIONS; i++) filter[n++] = conditional[i];
  for (int i = 0; i < REFUSED; i++) {
    filter[n++] = (struct sock_filter)WHEN((unsigned)refused[i], 1);
    filter[n++] = (struct sock_filter)REFUSE;
  }
  for (int i = 0; i < UNKNOWN; i++) {
    filter[n++] = (struct sock_filter)WHEN((unsigned)unknown[i], 1);
    filter[n++] = (struct sock_filter)RETURN(SECCOMP_RET_ERRNO | ENOSYS);
  }
  filter[n++] = (struct sock_filter)ALLOW;
  struct sock_fprog program = {.len = n, .filter = filter};
  long result = syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program);
  return result == 0 ? 0 : result > 0 ? ESRCH : errno;
}
#else
int csandbox_enter(int memory) {
  (void)memory;
  return ENOSYS;
}
#endif
