#!/bin/sh
# Assembles the program; the result is checked in, so that a build of the project needs no assembler.
# Usage: build.sh [FILE], by default futex beside this script. Needs nasm 2.16 (Debian: apt install nasm).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
nasm -f bin -Werror -o "${1:-$here/futex}" "$here/futex.asm"
chmod +x "${1:-$here/futex}"
