#!/bin/sh
# Assembles the guest; the result is checked in, so that a build of the project needs no assembler.
# Usage: build.sh [FILE], by default hello.elf beside this script. Needs nasm 2.16 (Debian: apt install nasm).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec nasm -f bin -Werror -i "$here/../common/" -i "$here/" -o "${1:-$here/hello.elf}" "$here/hello.asm"
