// The arguments of this process as the kernel has handed them over.
//
// Swift's CommandLine reads them from /proc/self/cmdline, so that there are none where /proc is not mounted: in a rescue
// system, in a chroot.
#ifndef PKIGEN_CARGUMENTS_H
#define PKIGEN_CARGUMENTS_H

// How many there are, the program's own name among them.
int arguments_count(void);

// One of them, from 0 up to their number.
const char *arguments_value(int index);

#endif
