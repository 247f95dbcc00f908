/* Disturbs one process at its nth change of a file below a folder.

   Loaded by LD_PRELOAD. CHAOS holds "KIND NUMBER LENGTH VALUE FOLDER": from the change with this
   NUMBER on, LENGTH changes are disturbed (0: all that follow). Kinds:

     count                  nothing
     error VALUE            the change fails with this errno
     torn                   half of what is written arrives, then SIGKILL
     signal VALUE           the signal is sent to this process before the change; 1000 * A + B
                            sends both
     real VALUE             the clock of the day jumps by this number of seconds
     monotonic VALUE        every clock jumps, as after a pause of the machine

   CHAOS_COUNT names a file that gets the number of changes at the end, and FILE.hit is made at the
   first disturbance. Children inherit neither. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char kind[32], folder[PATH_MAX], count_file[PATH_MAX];
static long first, length, value, number;
static pid_t owner;
static volatile int jumped;

#define REAL(name) \
    static __typeof__(&name) real; \
    if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

__attribute__((constructor)) static void begin(void) {
    const char *plan = getenv("CHAOS"), *counts = getenv("CHAOS_COUNT");
    if (plan && sscanf(plan, "%31s %ld %ld %ld %4095[^\n]", kind, &first, &length, &value, folder) == 5)
        owner = getpid();
    if (counts) snprintf(count_file, sizeof count_file, "%s", counts);
    unsetenv("CHAOS");
    unsetenv("CHAOS_COUNT");
    unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
    char text[32];
    if (!count_file[0] || getpid() != owner) return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, count_file, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0) return;
    int size = snprintf(text, sizeof text, "%ld\n", number);
    syscall(SYS_write, fd, text, size);
    syscall(SYS_close, fd);
}

static int is(const char *name) { return strcmp(kind, name) == 0; }

static void send(long which) { syscall(SYS_kill, getpid(), (int)which); }

static void mark(void) {
    static int marked;
    char path[PATH_MAX + 8];
    if (marked++ || !count_file[0]) return;
    snprintf(path, sizeof path, "%s.hit", count_file);
    syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0644));
}

/* Count a change; return whether it is to be disturbed. */
static int due(void) {
    if (getpid() != owner) return 0;
    long now = __atomic_add_fetch(&number, 1, __ATOMIC_SEQ_CST);
    if (is("count") || now < first || (length && now >= first + length)) return 0;
    mark();
    if (is("signal")) {
        if (value >= 1000) send(value / 1000);
        send(value % 1000);
        return 0;
    }
    if (is("real") || is("monotonic")) {
        jumped = 1;
        return 0;
    }
    return 1;
}

static int below(const char *path) {
    char full[PATH_MAX];
    if (!folder[0] || !path) return 0;
    if (path[0] != '/') {
        if (!getcwd(full, sizeof full)) return 0;
        path = full;
    }
    size_t size = strlen(folder);
    return strncmp(path, folder, size) == 0 && (path[size] == '/' || !path[size]);
}

static int below_fd(int fd) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return below(path);
}

static int below_at(int at, const char *path) {
    return path && path[0] == '/' ? below(path) : at == AT_FDCWD ? below(path) : below_fd(at);
}

/* Fail as the plan says, or die where it says so. */
#define DISTURB(is_below) \
    if (owner && (is_below) && due()) { \
        if (is("torn")) send(SIGKILL); \
        errno = (int)value; \
        return -1; \
    }

#define WRITES(flags) (((flags) & O_ACCMODE) != O_RDONLY || ((flags) & O_CREAT))
#define MODE(last) \
    mode_t mode = 0; \
    if (flags & (O_CREAT | O_TMPFILE)) { \
        va_list list; \
        va_start(list, last); \
        mode = va_arg(list, mode_t); \
        va_end(list); \
    }

#define OPEN(name) \
    int name(const char *path, int flags, ...) { \
        MODE(flags) \
        REAL(name); \
        DISTURB(WRITES(flags) && below(path)) \
        return real(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name) \
    int name(int at, const char *path, int flags, ...) { \
        MODE(flags) \
        REAL(name); \
        DISTURB(WRITES(flags) && below_at(at, path)) \
        return real(at, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

/* Half of a torn write arrives. */
#define WRITE(call, half) \
    if (owner && below_fd(fd) && due()) { \
        if (is("torn")) { \
            half; \
            send(SIGKILL); \
        } \
        errno = (int)value; \
        return -1; \
    } \
    return call;

ssize_t write(int fd, const void *data, size_t size) {
    REAL(write);
    WRITE(real(fd, data, size), real(fd, data, size / 2))
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    REAL(pwrite);
    WRITE(real(fd, data, size, at), real(fd, data, size / 2, at))
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    REAL(pwrite64);
    WRITE(real(fd, data, size, at), real(fd, data, size / 2, at))
}

ssize_t sendfile(int fd, int in, off_t *at, size_t size) {
    REAL(sendfile);
    WRITE(real(fd, in, at, size), (void)0)
}

ssize_t sendfile64(int fd, int in, off64_t *at, size_t size) {
    REAL(sendfile64);
    WRITE(real(fd, in, at, size), (void)0)
}

#define ON_FD(name, ...) \
    int name(int fd __VA_ARGS__) { \
        REAL(name); \
        DISTURB(below_fd(fd))
ON_FD(fsync) return real(fd); }
ON_FD(fdatasync) return real(fd); }
ON_FD(ftruncate, , off_t size) return real(fd, size); }
ON_FD(ftruncate64, , off64_t size) return real(fd, size); }

int mkdir(const char *path, mode_t mode) {
    REAL(mkdir);
    DISTURB(below(path))
    return real(path, mode);
}

int unlink(const char *path) {
    REAL(unlink);
    DISTURB(below(path))
    return real(path);
}

int rmdir(const char *path) {
    REAL(rmdir);
    DISTURB(below(path))
    return real(path);
}

int unlinkat(int at, const char *path, int flags) {
    REAL(unlinkat);
    DISTURB(below_at(at, path))
    return real(at, path, flags);
}

int rename(const char *from, const char *to) {
    REAL(rename);
    DISTURB(below(to))
    return real(from, to);
}

int symlink(const char *to, const char *path) {
    REAL(symlink);
    DISTURB(below(path))
    return real(to, path);
}

/* Clocks. */

static int shifted(clockid_t clock) {
    if (!jumped) return 0;
    int of_day = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    int of_processor = clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
    return is("real") ? of_day : !of_processor && clock >= 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    REAL(clock_gettime);
    int result = real(clock, time);
    if (result == 0 && shifted(clock)) time->tv_sec += value;
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    REAL(gettimeofday);
    int result = real(time, zone);
    if (result == 0 && shifted(CLOCK_REALTIME)) time->tv_sec += value;
    return result;
}

time_t time(time_t *out) {
    REAL(time);
    time_t now = real(NULL);
    if (shifted(CLOCK_REALTIME)) now += value;
    if (out) *out = now;
    return now;
}

/* Waits until a moment of a clock that has jumped: the kernel's clock has not. */

static const struct timespec *back(clockid_t clock, const struct timespec *until,
                                   struct timespec *moved) {
    if (!until || !shifted(clock)) return until;
    *moved = *until;
    moved->tv_sec -= value;
    if (moved->tv_sec < 0) moved->tv_sec = 0;
    return moved;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *until,
                    struct timespec *left) {
    struct timespec moved;
    REAL(clock_nanosleep);
    return real(clock, flags, flags & TIMER_ABSTIME ? back(clock, until, &moved) : until, left);
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *until) {
    struct timespec moved;
    REAL(sem_clockwait);
    return real(semaphore, clock, back(clock, until, &moved));
}

int sem_timedwait(sem_t *semaphore, const struct timespec *until) {
    struct timespec moved;
    REAL(sem_timedwait);
    return real(semaphore, back(CLOCK_REALTIME, until, &moved));
}

/* Python's conditions wait by the monotonic clock. */
int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *until) {
    struct timespec moved;
    static int (*real)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
    if (!real) *(void **)&real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
    return real(condition, mutex, back(CLOCK_MONOTONIC, until, &moved));
}
