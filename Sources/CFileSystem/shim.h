// What Swift does not see of the C library: renameat2(2), which glibc shows only to those who define _GNU_SOURCE before
// Swift's own C module is built, as it does sync_file_range(2); prctl(2), which is variadic; the extended attributes of
// xattr(7); and what statx(2) says of a file that cannot be replaced.
#ifndef PKIGEN_CFILESYSTEM_SHIM_H
#define PKIGEN_CFILESYSTEM_SHIM_H

#include <fcntl.h>
#include <linux/stat.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <unistd.h>

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

enum {
    SHIM_OBSTACLE_IMMUTABLE = 1,
    SHIM_OBSTACLE_APPEND_ONLY = 2,
    SHIM_OBSTACLE_MOUNT = 3,
};

// What keeps the file at a path from being replaced; 0 where the kernel or the file system names nothing.
static inline int shim_obstacle(const char *path) {
    struct statx status;
    if (syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &status) != 0) return 0;
    unsigned long long known = status.stx_attributes & status.stx_attributes_mask;
    if (known & STATX_ATTR_IMMUTABLE) return SHIM_OBSTACLE_IMMUTABLE;
    if (known & STATX_ATTR_APPEND) return SHIM_OBSTACLE_APPEND_ONLY;
    if (known & STATX_ATTR_MOUNT_ROOT) return SHIM_OBSTACLE_MOUNT;
    return 0;
}

#endif
