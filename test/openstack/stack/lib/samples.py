"""The sample images, by number: the records that seed.py makes, and what is in their files."""


def uuid(n):
    return f"5eed0000-0000-4000-8000-{n:012d}"


LONG = "0123456789abcdef" * 256           # 4096 characters
VERY_LONG = "long value " * 5000          # 55000 characters

# n: (owner, file, note, body). What is not given: private visibility comes from Glance's default, shared.
SAMPLES = [
    # ---- formats
    (1, "demo", "disk.qcow2", "", dict(
        name="qcow2", disk_format="qcow2", container_format="bare", visibility="private", min_disk=1, min_ram=512,
        tags=["linux", "seed"], os_distro="debian", os_version="12", architecture="x86_64", hw_disk_bus="virtio")),
    (2, "demo", "disk.raw", "", dict(
        name="raw", disk_format="raw", container_format="bare", visibility="private", tags=["seed"])),
    (3, "demo", "disk.vmdk", "monolithicSparse", dict(
        name="vmdk", disk_format="vmdk", container_format="bare", visibility="private", vmware_disktype="sparse",
        vmware_adaptertype="lsiLogic")),
    (4, "demo", "disk-stream.vmdk", "streamOptimized", dict(
        name="vmdk-stream", disk_format="vmdk", container_format="bare", visibility="private",
        vmware_disktype="streamOptimized")),
    (5, "demo", "disk.vhd", "dynamic", dict(
        name="vhd", disk_format="vhd", container_format="bare", visibility="private")),
    (6, "demo", "disk-fixed.vhd", "fixed: only the last sector tells it from raw", dict(
        name="vhd-fixed", disk_format="vhd", container_format="bare", visibility="private")),
    (7, "demo", "disk.vdi", "", dict(
        name="vdi", disk_format="vdi", container_format="bare", visibility="private")),
    (8, "demo", "disk.vhdx", "", dict(
        name="vhdx", disk_format="vhdx", container_format="bare", visibility="private")),
    (9, "demo", "disk.iso", "ISO 9660 with HELLO.TXT", dict(
        name="iso", disk_format="iso", container_format="bare", visibility="private")),
    (10, "demo", "kernel.aki", "", dict(
        name="kernel", disk_format="aki", container_format="aki", visibility="private")),
    (11, "demo", "initrd.ari", "", dict(
        name="ramdisk", disk_format="ari", container_format="ari", visibility="private")),
    (12, "demo", "root.ami", "kernel_id and ramdisk_id name the two before", dict(
        name="ami", disk_format="ami", container_format="ami", visibility="private",
        kernel_id=uuid(10), ramdisk_id=uuid(11))),
    (13, "demo", "disk.ova", "", dict(
        name="ova", disk_format="vmdk", container_format="ova", visibility="private")),
    (14, "demo", "layer.tar", "", dict(
        name="docker-layer", disk_format="raw", container_format="docker", visibility="private")),
    (15, "demo", "disk.qcow2.gz", "gzip around a qcow2", dict(
        name="compressed", disk_format="qcow2", container_format="compressed", visibility="private")),
    (16, "demo", "disk-v2.qcow2", "qcow2 version 2 (compat=0.10)", dict(
        name="qcow2-v2", disk_format="qcow2", container_format="bare", visibility="private")),
    (17, "demo", "disk-compressed.qcow2", "qcow2 with compressed clusters", dict(
        name="qcow2-compressed", disk_format="qcow2", container_format="bare", visibility="private")),
    (18, "demo", "digits.txt", "1000 bytes of text: each line is its own offset", dict(
        name="digits", disk_format="raw", container_format="bare", visibility="private")),
    (19, "demo", "guest.qcow2", "a Debian, whose record says that it is an Ubuntu", dict(
        name="guest", disk_format="qcow2", container_format="bare", visibility="private", os_distro="ubuntu",
        hw_architecture="x86_64")),
    # ---- states
    (20, "demo", None, "queued: no data", dict(
        name="queued", disk_format="qcow2", container_format="bare", visibility="private")),
    (21, "demo", None, "queued: no data, no formats, no name", dict(visibility="private")),
    (22, "demo", "small.raw", "deactivated", dict(
        name="deactivated", disk_format="raw", container_format="bare", visibility="private")),
    (23, "demo", "small.raw", "protected", dict(
        name="protected", disk_format="raw", container_format="bare", visibility="private", protected=True)),
    (24, "demo", "small.raw", "os_hidden", dict(
        name="hidden", disk_format="raw", container_format="bare", visibility="private", os_hidden=True)),
    (25, "demo", "small.raw", "uploading: its data is staged and was never imported", dict(
        name="uploading", disk_format="raw", container_format="bare", visibility="private")),
    (26, "demo", "empty", "active with size 0", dict(
        name="zero-bytes", disk_format="raw", container_format="bare", visibility="private")),
    (27, "demo", "one-byte", "active with size 1", dict(
        name="one-byte", disk_format="raw", container_format="bare", visibility="private")),
    (28, "demo", "small.raw", "deleted: must answer 404", dict(
        name="deleted", disk_format="raw", container_format="bare", visibility="private")),
    (29, "demo", "small.raw", "min_disk 40, min_ram 8192", dict(
        name="big-flavor-only", disk_format="raw", container_format="bare", visibility="private", min_disk=40,
        min_ram=8192)),
    # ---- who sees it
    (30, "admin", "small.raw", "public", dict(
        name="public", disk_format="raw", container_format="bare", visibility="public", tags=["seed", "public"])),
    (31, "other", "small.raw", "community, of another project", dict(
        name="community", disk_format="raw", container_format="bare", visibility="community")),
    (32, "other", "small.raw", "private, of another project: 404 for demo", dict(
        name="private-of-other", disk_format="raw", container_format="bare", visibility="private")),
    (33, "other", "small.raw", "shared with demo: accepted", dict(
        name="shared-accepted", disk_format="raw", container_format="bare", visibility="shared")),
    (34, "other", "small.raw", "shared with demo: pending", dict(
        name="shared-pending", disk_format="raw", container_format="bare", visibility="shared")),
    (35, "other", "small.raw", "shared with demo: rejected", dict(
        name="shared-rejected", disk_format="raw", container_format="bare", visibility="shared")),
    (36, "demo", "small.raw", "shared with nobody", dict(
        name="shared-with-nobody", disk_format="raw", container_format="bare", visibility="shared")),
    (37, "admin", "small.raw", "public and os_hidden", dict(
        name="public-hidden", disk_format="raw", container_format="bare", visibility="public", os_hidden=True)),
    (38, "admin", "small.raw", "public and deactivated", dict(
        name="public-deactivated", disk_format="raw", container_format="bare", visibility="public")),
    # ---- names
    (40, "demo", "twin-a.raw", "same name as the next", dict(
        name="twin", disk_format="raw", container_format="bare", visibility="private")),
    (41, "demo", "twin-b.raw", "same name as the one before", dict(
        name="twin", disk_format="raw", container_format="bare", visibility="private")),
    (42, "demo", "small.raw", "spaces and Unicode", dict(
        name="Debian 12 – naïve ☃ 日本語 image", disk_format="raw", container_format="bare", visibility="private")),
    (43, "demo", "small.raw", "path traversal", dict(
        name="../../etc/evil", disk_format="raw", container_format="bare", visibility="private")),
    (44, "demo", "small.raw", "absolute path", dict(
        name="/etc/evil", disk_format="raw", container_format="bare", visibility="private")),
    (45, "demo", "small.raw", "terminal escapes, newline, tab, bell", dict(
        name="\x1b[31mred\x1b[0m\x1b]0;title\x07\nsecond line\ttab", disk_format="raw", container_format="bare",
        visibility="private")),
    (46, "demo", "small.raw", "its name is the id of another image (qcow2)", dict(
        name=uuid(1), disk_format="raw", container_format="bare", visibility="private")),
    (47, "demo", "small.raw", "starts with a dash", dict(
        name="--help", disk_format="raw", container_format="bare", visibility="private")),
    (48, "demo", "small.raw", "empty name", dict(
        name="", disk_format="raw", container_format="bare", visibility="private")),
    (49, "demo", "small.raw", "255 characters", dict(
        name="n" * 255, disk_format="raw", container_format="bare", visibility="private")),
    (50, "demo", "small.raw", "leading and trailing blanks", dict(
        name="  blanks  ", disk_format="raw", container_format="bare", visibility="private")),
    (51, "demo", "small.raw", "right-to-left override, combining characters (Glance takes no name outside the BMP)", dict(
        name="rtl \u202egpj.exe e\u0301 \uff21", disk_format="raw", container_format="bare", visibility="private")),
    (52, "demo", "small.raw", "comma, quotes, backslash, percent: for name= filters", dict(
        name='a,b "c" \'d\' \\ 100% in:x,y', disk_format="raw", container_format="bare", visibility="private")),
    (53, "demo", "small.raw", "reserved on Windows", dict(
        name="CON.raw", disk_format="raw", container_format="bare", visibility="private")),
    (54, "demo", "small.raw", "upper case twin of another name (raw)", dict(
        name="RAW", disk_format="raw", container_format="bare", visibility="private")),
    # ---- properties and tags
    (60, "demo", "small.raw", "custom properties of all kinds", {
        "name": "properties", "disk_format": "raw", "container_format": "bare", "visibility": "private",
        "tags": ["a", "tag with spaces", "ünïcode ☃", "k=v", "x:y", "comma,tag"],
        "description": "naïve ☃ 日本語 description", "unicode_☃": "snowman", "empty": "",
        "colon:key": "a:b=c,d;e", "trait:HW_CPU_X86_AVX2": "required", "hw:mem_page_size": "large",
        "equals=key": "1=2=3", "key with spaces": " value with spaces ", "json": '{"a": [1, 2, null]}',
        "multi_line": "first\nsecond\r\nthird\ttab", "escapes": "\x1b[31mred\x1b[0m\x07", "number": "007",
        "bool": "true", "null_word": "null", "UPPER": "case", "upper": "other case"}),
    (61, "demo", "small.raw", "long values: 4096 and 55000 characters", {
        "name": "long-properties", "disk_format": "raw", "container_format": "bare", "visibility": "private",
        "long": LONG, "very_long": VERY_LONG}),
    (62, "demo", "small.raw", "property names that are special in JavaScript", {
        "name": "js-names", "disk_format": "raw", "container_format": "bare", "visibility": "private",
        "__proto__": "polluted", "constructor": "polluted", "toString": "polluted", "hasOwnProperty": "polluted",
        "length": "3"}),
    (63, "demo", "small.raw", "100 properties and 100 tags", {
        "name": "many-properties", "disk_format": "raw", "container_format": "bare", "visibility": "private",
        "tags": [f"tag-{i:03d}" for i in range(100)], **{f"property_{i:03d}": f"value {i}" for i in range(100)}}),
    # ---- hazards of content
    (70, "demo", "evil-backing.qcow2", "hazard: its backing file is /etc/passwd (CVE-2024-32498)", dict(
        name="hazard-backing-file", disk_format="qcow2", container_format="bare", visibility="private")),
    (71, "demo", "evil-datafile.qcow2", "hazard: its external data file is /etc/passwd (CVE-2024-32498)", dict(
        name="hazard-data-file", disk_format="qcow2", container_format="bare", visibility="private")),
    (72, "demo", "evil-extent.vmdk", "hazard: its extent is /etc/passwd (CVE-2022-47951)", dict(
        name="hazard-vmdk-extent", disk_format="vmdk", container_format="bare", visibility="private")),
    (73, "demo", "evil-backing.qcow2", "hazard: a qcow2 that is said to be raw", dict(
        name="hazard-not-raw", disk_format="raw", container_format="bare", visibility="private")),
    # ---- hashes (the record is edited in Glance's database after the upload)
    (80, "demo", "small.raw", "from before multihash: md5 checksum only", dict(
        name="hash-md5-only", disk_format="raw", container_format="bare", visibility="private")),
    (81, "demo", "small.raw", "no checksum and no multihash", dict(
        name="hash-none", disk_format="raw", container_format="bare", visibility="private")),
    (82, "demo", "small.raw", "os_hash_algo sha256", dict(
        name="hash-sha256", disk_format="raw", container_format="bare", visibility="private")),
    (83, "demo", "small.raw", "os_hash_algo blake2b", dict(
        name="hash-blake2b", disk_format="raw", container_format="bare", visibility="private")),
    (84, "demo", "small.raw", "os_hash_algo sha3_512 (underscore, as Python has it)", dict(
        name="hash-sha3-512", disk_format="raw", container_format="bare", visibility="private")),
    (85, "demo", "small.raw", "os_hash_algo nobody knows; md5 is right", dict(
        name="hash-unknown", disk_format="raw", container_format="bare", visibility="private")),
    (86, "demo", "small.raw", "md5 is right, sha512 is wrong", dict(
        name="hash-wrong-sha512", disk_format="raw", container_format="bare", visibility="private")),
    # ---- damage (done to the stored file after the upload)
    (90, "demo", "twin-a.raw", "damaged: one byte in the middle differs", dict(
        name="damaged-flipped", disk_format="raw", container_format="bare", visibility="private")),
    (91, "demo", "twin-a.raw", "damaged: the stored file is half as long as the record says", dict(
        name="damaged-short", disk_format="raw", container_format="bare", visibility="private")),
    (92, "demo", "twin-a.raw", "damaged: the stored file is gone", dict(
        name="damaged-lost", disk_format="raw", container_format="bare", visibility="private")),
    (93, "demo", "twin-a.raw", "damaged: the stored file is longer than the record says", dict(
        name="damaged-long", disk_format="raw", container_format="bare", visibility="private")),
]
