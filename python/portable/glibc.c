/* Lets what is linked with this run on older systems, from glibc 2.28 on (x86-64).

   The linker takes the newest version of every function that the machine of the build has. Here the functions that got
   a new version after 2.28 are defined, hidden, as jumps to the version before, which newer systems have as well; those
   that were not there at all are made of others. Link with libpthread.so.0 and libdl.so.2, where 2.28 has some of them. */

#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* Each in a section of its own, so that the linker drops what nobody calls. */
#define JUMP_TO(name, version) \
  __asm__(".pushsection .text." #name ",\"ax\",@progbits\n" \
          ".symver old_" #name ", " #name "@GLIBC_" version "\n" \
          ".globl " #name "\n" \
          ".hidden " #name "\n" \
          ".type " #name ", @function\n" #name ": jmp *old_" #name "@GOTPCREL(%rip)\n" \
          ".size " #name ", . - " #name "\n" \
          ".popsection");

/* moved from other libraries into libc by 2.34 */
JUMP_TO(dlsym, "2.2.5")
JUMP_TO(pthread_attr_getguardsize, "2.2.5")
JUMP_TO(pthread_attr_getstack, "2.2.5")
JUMP_TO(pthread_attr_setstacksize, "2.2.5")
JUMP_TO(pthread_create, "2.2.5")
JUMP_TO(pthread_detach, "2.2.5")
JUMP_TO(pthread_getattr_np, "2.2.5")
JUMP_TO(pthread_join, "2.2.5")
JUMP_TO(pthread_key_create, "2.2.5")
JUMP_TO(pthread_key_delete, "2.2.5")
JUMP_TO(pthread_setname_np, "2.12")
JUMP_TO(pthread_setspecific, "2.2.5")

/* without the handling of errors of the System V interface since 2.29, hypot since 2.35 */
JUMP_TO(exp, "2.2.5")
JUMP_TO(exp2, "2.2.5")
JUMP_TO(hypot, "2.2.5")
JUMP_TO(log, "2.2.5")
JUMP_TO(log2, "2.2.5")
JUMP_TO(pow, "2.2.5")

/* functions since 2.33, before that inline calls of these */
extern int __xstat64(int version, const char *path, struct stat64 *status);
extern int __lxstat64(int version, const char *path, struct stat64 *status);
extern int __fxstat64(int version, int descriptor, struct stat64 *status);

#define STAT_VERSION 1

_Static_assert(sizeof(struct stat) == sizeof(struct stat64), "on x86-64 both are one");

HIDDEN int stat64(const char *path, struct stat64 *status)
{
  return __xstat64(STAT_VERSION, path, status);
}

HIDDEN int lstat64(const char *path, struct stat64 *status)
{
  return __lxstat64(STAT_VERSION, path, status);
}

HIDDEN int fstat64(int descriptor, struct stat64 *status)
{
  return __fxstat64(STAT_VERSION, descriptor, status);
}

HIDDEN int stat(const char *path, struct stat *status)
{
  return __xstat64(STAT_VERSION, path, (struct stat64 *) status);
}

HIDDEN int fstat(int descriptor, struct stat *status)
{
  return __fxstat64(STAT_VERSION, descriptor, (struct stat64 *) status);
}

/* since 2.30 */
HIDDEN pid_t gettid(void)
{
  return (pid_t) syscall(SYS_gettid);
}

/* Since 2.32: tells libstdc++ when it may count references without atomic operations. Never, here. */
HIDDEN char __libc_single_threaded = 0;

/* Since 2.29. Rust's library asks for its address and has another way if there is none. */
__asm__(".globl posix_spawn_file_actions_addchdir_np\n"
        ".hidden posix_spawn_file_actions_addchdir_np\n"
        ".set posix_spawn_file_actions_addchdir_np, 0");
