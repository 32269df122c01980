#!/bin/sh
# Builds the four programs and their IDLs.
#
# Usage: sh scripts/build_programs.sh [--only <program>]... [--check]
#
#   (nothing)         writes programs/prebuilt/<name>.{v0,v3}.so, idl/<name>.json and the manifest
#   --only <program>  one program while working on it: the same files, without the manifest
#   --check           builds into build/programs and compares with what is committed
#
#   KEYS=<folder>     takes the program ids from <folder>/<name>.json instead of programs/keys
#   SBF=1             compiles with `cargo build-sbf` where that is installed
#   IOG_TOOLCHAIN     see scripts/install_toolchain.sh
#
# The IDLs come first, in the order in which programs read each other's.
set -eu
cd "$(dirname "$0")/.."
root=$PWD
all="iog_token iog_staking iog_rewards iog_jobs"
names= check=0
PYTHON=${PYTHON:-python3}
while [ $# -gt 0 ]; do
    case $1 in
        --only) names="$names ${2:?--only needs a program}"; shift 2 ;;
        --check) check=1; shift ;;
        *) echo "unknown argument: $1" >&2; exit 2 ;;
    esac
done
only=$names
names=${names:-$all}
out=$root/programs/prebuilt idl=$root/idl
if [ "$check" = 1 ]; then out=$root/build/programs idl=$root/build/programs/idl; fi
mkdir -p "$out" "$idl"

if [ -n "${KEYS:-}" ]; then eval "$("$PYTHON" scripts/programs.py ids "$KEYS")"; fi

# Debian's compiler, whatever else is on PATH; with SBF=1 what its owner has installed.
if [ "${SBF:-0}" != 1 ]; then
    sh scripts/install_toolchain.sh
    PATH=/usr/bin:$PATH
    export RUSTC=/usr/bin/rustc
fi
for name in $names; do "$PYTHON" scripts/programs.py idl "$name" "$idl"; done

if [ "${SBF:-0}" = 1 ]; then
    for name in $names; do
        for arch in v0 v3; do
            cargo build-sbf --manifest-path "programs/$name/Cargo.toml" --arch "$arch" \
                --sbf-out-dir "build/sbf/$arch"
            cp "build/sbf/$arch/$name.so" "$out/$name.$arch.so"
        done
    done
else
    packages=
    for name in $names; do packages="$packages -p $name"; done
    # target_os selects the on-chain code of the Solana crates; target_arch only gives the
    # standard library a MIN_ALIGN, which it lacks for this machine. Debian's compiler takes
    # unstable flags with RUSTC_BOOTSTRAP. The paths are cut off so that a build is the same
    # wherever it stands.
    PATH=$root/build/toolchain/bin:$PATH \
    RUSTC_BOOTSTRAP=1 RUSTC_BOOTSTRAP_SYNTHETIC_TARGET=1 \
    RUSTFLAGS="--cfg target_os=\"solana\" --cfg target_arch=\"csky\" -A explicit_builtin_cfgs_in_flags -Zunstable-options -C panic=immediate-abort --remap-path-prefix=$root=. --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=cargo" \
        /usr/bin/cargo build --release --locked $packages \
        --target "$root/scripts/toolchain/bpfel-solana.json" \
        -Z build-std=std,panic_abort -Z build-std-features=compiler-builtins-mem \
        -Z json-target-spec -Z panic-immediate-abort \
        --config 'profile.release.panic="immediate-abort"'
    built=${CARGO_TARGET_DIR:-$root/target}/bpfel-solana/release
    for name in $names; do
        cp "$built/lib$name.so" "$out/$name.v0.so"
        cp "$built/deps/lib$name.v3.so" "$out/$name.v3.so"
    done
fi

if [ "$check" = 1 ]; then
    "$PYTHON" scripts/programs.py compare "$out"
elif [ -z "$only" ]; then
    "$PYTHON" scripts/programs.py manifest
fi
