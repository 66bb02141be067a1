// renameat2(2), which glibc has and shows only to those who define _GNU_SOURCE before Swift's own C module is built.
#ifndef PKIGEN_CFILESYSTEM_SHIM_H
#define PKIGEN_CFILESYSTEM_SHIM_H

extern int renameat2(int old_directory, const char *old_path, int new_directory, const char *new_path,
                     unsigned int flags);

enum {
    SHIM_RENAME_NOREPLACE = 1 << 0,
    SHIM_RENAME_EXCHANGE = 1 << 1,
};

#endif
