#!/bin/sh
# Makes build/toolchain/bin/sbpf-linker, which links programs for the chain's machine.
#
# Usage: sh scripts/install_toolchain.sh
#
# On Debian 12, as root, it also installs the compiler and LLVM. The linker takes about 4 minutes
# on two cores, once; nothing happens when it is there. IOG_TOOLCHAIN=<folder> names a folder that
# has a built sbpf-linker: it is copied from there instead.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(dirname "$here")/build/toolchain/bin

if [ ! -x /usr/bin/llvm-config-22 ] || [ ! -d /usr/lib/rustlib/src/rust/library ]; then
    if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
        echo "missing: Debian packages rustc-web cargo-web rust-web-src llvm-22-dev (install them as root)" >&2
        exit 1
    fi
    apt-get update -qq
    apt-get install -y -qq rustc-web cargo-web rust-web-src llvm-22-dev
fi

mkdir -p "$out"
if ! cmp -s "$here/toolchain/sbpf-link" "$out/sbpf-link"; then
    cp "$here/toolchain/sbpf-link" "$out/sbpf-link"
    chmod +x "$out/sbpf-link"
    # cargo does not know that the link step changed
    touch "$here"/../programs/*/src/lib.rs
fi
if [ -x "$out/sbpf-linker" ]; then
    exit 0
fi
if [ -n "${IOG_TOOLCHAIN:-}" ] && [ -x "$IOG_TOOLCHAIN/sbpf-linker" ]; then
    cp "$IOG_TOOLCHAIN/sbpf-linker" "$out/sbpf-linker"
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$here/toolchain/linker/." "$work"
(cd "$work" && RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 RUSTFLAGS="-L native=/usr/lib/llvm-22/lib" \
    /usr/bin/cargo build --release --locked -Z bindeps)
find "$work/target/release/deps/artifact" -type f -name 'sbpf_linker-*' ! -name '*.d' \
    -exec cp {} "$out/sbpf-linker" \;
