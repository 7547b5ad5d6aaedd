"""What qemu-img draws at random or takes from the clock, replaced by what is the same every time."""
import random
import re
import struct


def noise(seed, size):
    return random.Random(seed).randbytes(size)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# By format. Each returns the settled bytes.

def settle_vmdk(data):
    """The content id is printed without leading zeros: what that saves is padding after the descriptor."""
    start = data.index(b"# Disk DescriptorFile")
    end = data.index(b"\0", start)
    text = re.sub(rb"\nCID=[0-9a-f]+\n", b"\nCID=5eed5eed\n", data[start:end])
    return data[:start] + text + data[start + len(text):]


def settle_vdi(data):
    data = bytearray(data)
    data[0x188:0x1A8] = noise("vdi uuid", 32)
    return bytes(data)


def settle_vpc(data):
    """Footer at the end, and a copy of it in front of a dynamic disk."""
    data = bytearray(data)
    footers = [len(data) - 512] + ([0] if data[:8] == b"conectix" else [])
    for at in footers:
        assert data[at:at + 8] == b"conectix"
        data[at + 24:at + 28] = struct.pack(">I", 0x1EED5EED)
        data[at + 68:at + 84] = noise("vpc uuid", 16)
        data[at + 64:at + 68] = b"\0\0\0\0"
        data[at + 64:at + 68] = struct.pack(">I", ~sum(data[at:at + 512]) & 0xFFFFFFFF)
    return bytes(data)


def settle_vhdx(data):
    data = bytearray(data)
    first, second = (struct.unpack_from("<Q", data, at + 8)[0] for at in (0x10000, 0x20000))
    log_guid = data[0x10000 + 48:0x10000 + 64] + data[0x20000 + 48:0x20000 + 64]
    for at, newer in ((0x10000, first > second), (0x20000, second > first)):
        assert data[at:at + 4] == b"head"
        data[at + 8:at + 16] = struct.pack("<Q", 0x5EED + newer)
        for guid in range(16, 64, 16):
            if any(data[at + guid:at + guid + 16]):
                data[at + guid:at + guid + 16] = noise(f"vhdx guid {at} {guid}", 16)
        data[at + 4:at + 8] = b"\0\0\0\0"
        data[at + 4:at + 8] = struct.pack("<I", crc32c(data[at:at + 4096]))
        log_size, log_at = struct.unpack_from("<IQ", data, at + 68)
        if not any(log_guid):  # closed cleanly: nothing in the log counts
            data[log_at:log_at + log_size] = bytes(log_size)
    page83 = bytes.fromhex("ab12cabe")
    regions = 0x30000
    for n in range(struct.unpack_from("<I", data, regions + 8)[0]):
        entry = regions + 16 + 32 * n
        if data[entry:entry + 4] == bytes.fromhex("06a27c8b"):  # metadata region
            meta = struct.unpack_from("<Q", data, entry + 16)[0]
            for m in range(struct.unpack_from("<H", data, meta + 10)[0]):
                item = meta + 32 + 32 * m
                if data[item:item + 4] == page83:
                    offset = struct.unpack_from("<I", data, item + 16)[0]
                    data[meta + offset:meta + offset + 16] = noise("vhdx page83", 16)
    return bytes(data)
