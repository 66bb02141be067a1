#include "CArguments.h"

static int count;
static char **values;

// The C library hands a constructor what it hands main.
__attribute__((constructor)) static void keep(int argc, char **argv) {
    count = argc;
    values = argv;
}

int arguments_count(void) { return count; }

const char *arguments_value(int index) { return values[index]; }
