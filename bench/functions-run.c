// Prints the functions of a program that a run of it calls, a line each: address and name. The program must have its symbols,
// and not be position-independent.
//
//   functions-run PROGRAM ARGUMENT...
//
// Each function gets a breakpoint on its first instruction, which goes away when it is met, so that the run takes little
// longer than without. Only for x86-64; see the Makefile for what the list is for.
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

struct function {
    uint64_t address;
    const char *name;
    unsigned char first_byte;
    unsigned char is_called;
};

static struct function *functions;
static size_t count;

static void fail(const char *what) {
    fprintf(stderr, "error: functions-run: %s: %s\n", what, strerror(errno));
    exit(1);
}

static int by_address(const void *one, const void *other) {
    uint64_t a = ((const struct function *)one)->address, b = ((const struct function *)other)->address;
    return a < b ? -1 : a > b;
}

static void read_functions(const char *path) {
    int file = open(path, O_RDONLY);
    struct stat status;
    if (file < 0 || fstat(file, &status) < 0) fail(path);
    const char *image = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (image == MAP_FAILED) fail(path);
    const Elf64_Ehdr *header = (const void *)image;
    const Elf64_Shdr *sections = (const void *)(image + header->e_shoff);
    for (int i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type != SHT_SYMTAB) continue;
        const Elf64_Sym *symbols = (const void *)(image + sections[i].sh_offset);
        const char *names = image + sections[sections[i].sh_link].sh_offset;
        size_t all = sections[i].sh_size / sizeof *symbols;
        functions = calloc(all, sizeof *functions);
        if (!functions) fail("memory");
        for (size_t k = 0; k < all; k++) {
            if (ELF64_ST_TYPE(symbols[k].st_info) != STT_FUNC || symbols[k].st_size == 0) continue;
            functions[count++] = (struct function){symbols[k].st_value, names + symbols[k].st_name, 0, 0};
        }
    }
    qsort(functions, count, sizeof *functions, by_address);
}

static struct function *first_at(uint64_t address) {
    struct function key = {.address = address};
    struct function *found = bsearch(&key, functions, count, sizeof key, by_address);
    while (found && found > functions && found[-1].address == address) found--;
    return found;
}

static void set_breakpoints(int memory) {
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && functions[i - 1].address == functions[i].address) continue;
        if (pread(memory, &functions[i].first_byte, 1, functions[i].address) != 1) fail("read");
        if (pwrite(memory, "\xcc", 1, functions[i].address) != 1) fail("write");
    }
}

// Notes the function whose breakpoint a thread has met, and has the thread go on at its beginning.
static int note(pid_t thread, int memory) {
#if defined(__x86_64__)
    struct user_regs_struct registers;
    if (ptrace(PTRACE_GETREGS, thread, 0, &registers) < 0) return 0;
    struct function *met = first_at(registers.rip - 1);
    if (!met) return 0;
    if (pwrite(memory, &met->first_byte, 1, met->address) != 1) fail("write");
    for (struct function *each = met; each < functions + count && each->address == met->address; each++)
        each->is_called = 1;
    registers.rip = met->address;
    return ptrace(PTRACE_SETREGS, thread, 0, &registers) == 0;
#else
    return 0;
#endif
}

static int trace(pid_t child) {
    char path[64];
    int status;
    if (waitpid(child, &status, 0) < 0 || !WIFSTOPPED(status)) return 1;
    snprintf(path, sizeof path, "/proc/%d/mem", child);
    int memory = open(path, O_RDWR);
    if (memory < 0) fail(path);
    set_breakpoints(memory);
    ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, child, 0, 0);
    for (;;) {
        pid_t thread = waitpid(-1, &status, __WALL);
        if (thread < 0) return 1;
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (thread == child) return status;
            continue;
        }
        int signal = WSTOPSIG(status);
        // A new thread begins with SIGSTOP.
        int is_ours = signal == SIGSTOP || (signal == SIGTRAP && (status >> 16 != 0 || note(thread, memory)));
        ptrace(PTRACE_CONT, thread, 0, is_ours ? 0 : signal);
    }
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: functions-run PROGRAM ARGUMENT...\n");
        return 64;
    }
    read_functions(argv[1]);
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY);
        dup2(null, 1);
        if (ptrace(PTRACE_TRACEME, 0, 0, 0) == 0) execv(argv[1], argv + 1);
        _exit(127);
    }
    if (trace(child) != 0) {
        fprintf(stderr, "error: functions-run: %s cannot be traced, or failed\n", argv[1]);
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        if (functions[i].is_called) printf("%016lx %s\n", functions[i].address, functions[i].name);
    return 0;
}
