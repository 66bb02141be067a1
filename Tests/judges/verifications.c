// Counts the costly questions that a program asks OpenSSL about requests, a line each on standard error.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>

static int count(const char *name, const char *line, size_t length, void *first, void *second) {
    int (*real)(void *, void *) = (int (*)(void *, void *))dlsym(RTLD_NEXT, name);
    if (write(STDERR_FILENO, line, length) < 0) return -1;
    return real(first, second);
}

int X509_REQ_verify(void *request, void *key) {
    return count("X509_REQ_verify", "verified\n", 9, request, key);
}

int EVP_PKEY_public_check(void *context) { return count("EVP_PKEY_public_check", "checked\n", 8, context, NULL); }
