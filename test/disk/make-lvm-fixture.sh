#!/usr/bin/env bash
# Makes test/fixtures/disk/lvm.gz: a disk of 12 MiB with a GPT, two LVM2 physical volumes, and logical volumes of several kinds. Run
# by hand, as root (it uses loop devices and releases them); needs sfdisk and lvm2. Prints where the logical volumes are according to
# LVM; test/unit/disk/volumes/lvm/lvm.test.ts has these offsets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
out=$PWD/test/fixtures/disk/lvm.gz
scratch=$(mktemp -d)
loops=()
finish() {
  for loop in ${loops[@]+"${loops[@]}"}; do losetup -d "$loop"; done
  rm -rf "$scratch"
}
trap finish EXIT

disk=$scratch/disk
truncate -s 12M "$disk"
sfdisk --quiet "$disk" <<'TABLE'
label: gpt
start=2048, size=8192, type=E6D6D379-F507-44C2-A23C-238F2A3DF928
start=10240, size=12288, type=E6D6D379-F507-44C2-A23C-238F2A3DF928
TABLE
for place in '1048576 4194304' '5242880 6291456'; do
  read -r offset size <<<"$place"
  loops+=("$(losetup --find --show --offset "$offset" --sizelimit "$size" "$disk")")
done

list=$(printf '"a|^%s$|",' "${loops[@]}")
config="devices { use_devicesfile=0 obtain_device_list_from_udev=0 filter=[${list}\"r|.*|\"] }
activation { udev_sync=0 udev_rules=0 monitoring=0 } backup { backup=0 archive=0 } global { use_lvmpolld=0 }"
lvm() { command lvm "$@" --driverloaded n --config "$config" 2>>"$scratch/log"; }
create() { lvm lvcreate --quiet -an -Zn -Wn "$@"; }

lvm pvcreate --quiet --metadatasize 128k --dataalignment 64k "${loops[@]}"
lvm vgcreate --quiet --physicalextentsize 64k vg0 "${loops[@]}"
create -L 1M -n root vg0 "${loops[0]}"
create -L 512k -n swap-1 vg0 "${loops[0]}"
lvm lvextend --quiet -L 2M vg0/root "${loops[0]}"
lvm lvextend --quiet -L 4M vg0/root "${loops[1]}"
create -L 512k -i 2 -n striped vg0
lvm lvs --units b -o lv_name,lv_size,segtype,seg_start,seg_pe_ranges vg0
gzip -9n <"$disk" >"$out"
ls -l "$out"
