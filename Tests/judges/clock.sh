#!/bin/sh
# Runs a program at another time, in which no second passes: clock.sh TIME PROGRAM…, the time as date(1) reads it, in UTC.
set -e
CLOCK_AT=$(date -u -d "$1" +%s)
shift
LD_PRELOAD="${LD_PRELOAD:+$LD_PRELOAD:}$(dirname "$0")/../../.build/judges/lib/clock.so"
export CLOCK_AT LD_PRELOAD
exec "$@"
