// Functions of which glibc 2.35 has new versions, so that the release binary starts on glibc 2.34: Red Hat Enterprise
// Linux 9, Amazon Linux 2023. The Makefile links it with --wrap; other builds do not use this file.

#if defined(__x86_64__)
#define FIRST_VERSION "GLIBC_2.2.5"
#else
#define FIRST_VERSION "GLIBC_2.17"
#endif

// What Foundation calls with numbers that pkigen has none of. The versions differ in how they report overflow.
__asm__(".symver first_hypot, hypot@" FIRST_VERSION);
__asm__(".symver first_hypotf, hypotf@" FIRST_VERSION);
extern double first_hypot(double, double);
extern float first_hypotf(float, float);

double __wrap_hypot(double x, double y) { return first_hypot(x, y); }

float __wrap_hypotf(float x, float y) { return first_hypotf(x, y); }

// With this, libgcc looks for the tables that unwind C++ exceptions. Nothing throws one, and the binary has no tables.
int __wrap__dl_find_object(void *address, void *result) {
    (void)address;
    (void)result;
    return -1;
}
