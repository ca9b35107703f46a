# SPDX-License-Identifier: GPL-2.0-only
"""The archive that a kernel takes as its first file system (initramfs)."""
import gzip
import io
import pathlib
import stat


class Archive:
    """Entries in the order in which they are put."""

    def __init__(self):
        self.out = io.BytesIO()
        self.count = 0

    def put(self, name, mode, data=b""):
        self.count += 1
        fields = (self.count, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name) + 1, 0)
        self.out.write(b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0")
        self.out.write(bytes(-self.out.tell() % 4) + data)
        self.out.write(bytes(-self.out.tell() % 4))

    def packed(self):
        self.put("TRAILER!!!", 0)
        return gzip.compress(self.out.getvalue(), 1)


def archive(files, folders=(), programs=()):
    """Of files by their path, in the folders that they need, and of more folders."""
    packer = Archive()
    known = set()

    def folder(path):
        if str(path) not in known and str(path) != ".":
            folder(path.parent)
            known.add(str(path))
            packer.put(str(path), stat.S_IFDIR | 0o755)

    for name in folders:
        folder(pathlib.PurePath(name))
    for name, data in files.items():
        folder(pathlib.PurePath(name).parent)
        packer.put(name, stat.S_IFREG | (0o755 if name in programs else 0o644), data)
    return packer.packed()
