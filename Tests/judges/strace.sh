#!/bin/sh
# strace(1); a sanitizer cannot look for leaks in a process that somebody traces.
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0" exec strace "$@"
