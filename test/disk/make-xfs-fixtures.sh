#!/bin/sh
# Makes the XFS images of test/fixtures/disk/file-systems/ and, beside each, a list of its files as the kernel sees them. By hand:
#   make-xfs-fixtures.sh format DIR                 empty images, with xfsprogs 6.1 or newer
#   make-xfs-fixtures.sh populate NAME MOUNTPOINT   writes files to the mounted image and prints their list; as root, with xfs_io,
#                                                   on this machine (mount -o loop) or in a virtual machine with BusyBox
#   make-xfs-fixtures.sh pack DIR FIXTURES          packs the unmounted images in DIR, and the lists beside them, NAME.txt
# The image `xfs-dirty` must be copied while it is mounted, after `sync`.
set -eu

format() {
  one() {
    name=$1 size=$2
    shift 2
    rm -f "$dir/$name.img"
    truncate -s "$size" "$dir/$name.img"
    mkfs.xfs --unsupported -q "$@" "$dir/$name.img" 2>/dev/null
  }
  dir=$1
  one xfs-v5 16m -L v5 -b size=1024 -m reflink=1,bigtime=1,rmapbt=0,uuid=01234567-89ab-cdef-0123-456789abcdef
  one xfs-v4 16m -L v4 -m crc=0 -b size=512 -i size=256 -n ftype=0
  one xfs-caseless 16m -m crc=0 -b size=1024 -n version=ci,ftype=1
  one xfs-dirty 16m -b size=1024 -m bigtime=0
}

# repeat COUNT COMMAND…: runs COMMAND that many times, with $i counting from 0.
repeat() {
  count=$1 i=0
  shift
  while [ "$i" -lt "$count" ]; do
    eval "$*"
    i=$((i + 1))
  done
}

populate() {
  cd "$2"
  block=$(stat -f -c %S .)
  echo hello >hello
  chmod 4755 hello
  chown 70000:123456 hello
  touch -d '1969-07-20 20:17:40' hello
  if [ "$1" = xfs-dirty ]; then return; fi
  if [ "$1" = xfs-caseless ]; then
    mkdir Large
    repeat 150 'ln hello Large/A-Name-In-A-Large-Directory-$i'
    return
  fi
  : >empty
  chmod 0 empty
  if [ "$1" = xfs-v4 ]; then touch -d '2037-01-01 00:00:00' empty; else touch -d '2100-01-01 00:00:00' empty; fi
  ln -s hello short
  long=x
  repeat 80 'long=$long/0123456789'
  ln -s "$long" long
  ln -s "$long/$(echo "$long" | cut -c 1-141)" longest
  mknod null c 1 3
  mknod disk b 8 1
  mknod fifo p
  mkdir inline empty-directory block leaf node tree holes
  repeat 3 'echo $i >inline/$i'
  : >"$(printf 'bad\377name')"
  : >'grün und 漢字'
  : >"$(head -c 255 /dev/zero | tr '\0' n)"
  repeat 20 'ln hello block/name-$i'
  repeat 150 'ln hello leaf/a-name-in-a-large-directory-$i'
  repeat 700 'ln hello node/a-name-in-a-large-directory-$i'
  # Its blocks lie between those of another file.
  repeat 900 'ln hello tree/a-name-in-a-large-directory-$i
    if [ $((i % 8)) = 0 ]; then xfs_io -f -c "pwrite -q -S 7 $((i * 8192)) $block" -c fsync between; fi'
  repeat 200 'ln hello holes/a-name-in-a-large-directory-$i'
  i=40
  while [ $i -lt 160 ]; do
    rm holes/a-name-in-a-large-directory-$i
    i=$((i + 1))
  done
  # Every other block of a file is a hole.
  writes=
  repeat 300 'writes="$writes -c \"pwrite -q -S $((i % 250 + 1)) $((i * 2 * block)) $block\""'
  eval "xfs_io -f $writes scattered"
  xfs_io -f -c "falloc 0 $((block * 20))" -c "pwrite -q -S 65 $((block * 3)) $((block + 100))" unwritten
  xfs_io -f -c "pwrite -q -S 67 0 $((block * 10))" original
  if [ "$1" != xfs-v4 ]; then
    xfs_io -f -c "reflink $PWD/original 0 0 $((block * 10))" -c "pwrite -q -S 69 $((block * 2)) 20" shared >/dev/null
  fi
  xfs_io -f -c 'pwrite -q -S 70 4398046511104 100' far
  xfs_io -f -c 'pwrite -q -S 71 0 100' -c "truncate $((block * 3 + 17))" tail
  mkdir -p a/b/c
  echo deep >a/b/c/deep
}

# kind|size|mode|user|group|change|inode|digest or target|path
list() {
  cd "$1"
  find . | LC_ALL=C sort | while IFS= read -r file; do
    what=-
    if [ -L "$file" ]; then what=$(readlink "$file"); elif [ -f "$file" ] && [ "$(stat -c %s "$file")" -lt 67108864 ]; then
      what=$(sha256sum <"$file" | cut -c 1-64)
    fi
    echo "$(stat -c '%F|%s|%a|%u|%g|%Y|%i' "$file")|$what|$file"
  done
}

pack() {
  for image in "$1"/xfs-*.img; do
    name=$(basename "$image" .img)
    # A log that is empty takes less room; whether it is clean stays the same.
    if [ "$name" != xfs-dirty ] && [ "$name" != xfs-caseless ]; then xfs_repair -L -o force_geometry "$image" >/dev/null 2>&1; fi
    gzip -9 -n -c "$image" >"$2/$name.gz"
    gzip -9 -n -c "$1/$name.txt" >"$2/$name.txt.gz"
  done
}

case $1 in
  format) format "$2" ;;
  populate)
    (populate "$2" "$3")
    sync
    list "$3"
    ;;
  pack) pack "$2" "$3" ;;
  *) exit 2 ;;
esac
