// Another time of day for one program, as libfaketime has it, in the three functions that the programs under test ask for the
// time. libfaketime hangs in a program with a sanitizer, which stands in front of the same functions.
//
// CLOCK_AT holds seconds since 1970, at which time stands still.
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t now(void) {
    const char *seconds = getenv("CLOCK_AT");
    return seconds ? strtoll(seconds, NULL, 10) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *result) {
    // Those that count from anywhere else go on.
    if (clock != CLOCK_REALTIME && clock != CLOCK_REALTIME_COARSE) return syscall(SYS_clock_gettime, clock, result);
    *result = (struct timespec){.tv_sec = now()};
    return 0;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
    *result = (struct timeval){.tv_sec = now()};
    return 0;
}

time_t time(time_t *result) {
    time_t seconds = now();
    if (result) *result = seconds;
    return seconds;
}
