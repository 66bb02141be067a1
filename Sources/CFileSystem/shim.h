// What Swift does not see of the C library: renameat2(2), which glibc shows only to those who define _GNU_SOURCE before
// Swift's own C module is built, as it does sync_file_range(2), and prctl(2), which is variadic.
#ifndef PKIGEN_CFILESYSTEM_SHIM_H
#define PKIGEN_CFILESYSTEM_SHIM_H

#include <sys/prctl.h>

extern int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                     unsigned int flags);

extern int sync_file_range(int file, long offset, long count, unsigned int flags);

enum {
    SHIM_RENAME_NOREPLACE = 1 << 0,
    SHIM_RENAME_EXCHANGE = 1 << 1,
};

// SYNC_FILE_RANGE_WRITE, for the whole file.
static inline int shim_begin_writing(int file) { return sync_file_range(file, 0, 0, 2); }

static inline int shim_prctl_set_dumpable(int dumpable) {
    return prctl(PR_SET_DUMPABLE, (unsigned long)dumpable, 0UL, 0UL, 0UL);
}

#endif
