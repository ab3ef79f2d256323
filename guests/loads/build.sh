#!/bin/sh
# Compiles the program; the result is checked in, so that a build of the project needs no compiler.
# Usage: build.sh [FILE], by default loads.elf beside this script. Needs gcc (the checked-in file: Debian's gcc 12).
#
# Plain x86-64 code without a C library: the same instructions run wherever the program is measured. -fno-builtin and
# -fno-tree-loop-distribute-patterns keep the loops that are written as loops.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
exec gcc -std=gnu11 -Wall -Wextra -Werror -O2 -march=x86-64 -mtune=generic \
  -ffreestanding -fno-builtin -fno-tree-loop-distribute-patterns -fno-math-errno -fno-strict-aliasing \
  -fno-pic -no-pie -fno-stack-protector -fno-asynchronous-unwind-tables -fcf-protection=none \
  -static -nostdlib -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack -Wl,-s \
  -o "${1:-$here/loads.elf}" ./*.c
