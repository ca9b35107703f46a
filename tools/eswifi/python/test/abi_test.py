#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The Python module and <linux/eswifi.h> agree: structures, ioctl numbers, constants.

usage: abi_test.py INCLUDE		(folder of linux/eswifi.h)

A C program made from the module's own structures prints what the compiler makes
of the header; each line must be what ctypes makes of the module. Prints TAP.
"""
import ctypes
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
# pylint: disable=wrong-import-position
import eswifi
from eswifi import _abi


def c_name(python_name):
    """ConnInfo is struct eswifi_conn_info."""
    return "eswifi_" + re.sub(r"(?<!^)([A-Z])", r"_\1", python_name).lower()


STRUCTURES = {c_name(kind.__name__): kind for kind in vars(_abi).values()
              if isinstance(kind, type) and issubclass(kind, ctypes.Structure)
              and kind is not ctypes.Structure}

CONSTANTS = {"ESWIFI_" + name: value for name, value in vars(_abi).items()
             if name.isupper() and isinstance(value, int)}
for prefix, values in (("SECURITY", eswifi.Security), ("LINK", eswifi.LinkState),
                       ("PROTO", eswifi.Protocol), ("VERIFY", eswifi.Verify),
                       ("CONN", eswifi.State)):
    CONSTANTS.update({f"ESWIFI_{prefix}_{member.name}": member.value for member in values})


def is_signed(kind):
    """Of a plain number; of other kinds the C side prints 0, too."""
    return int(kind in (ctypes.c_int8, ctypes.c_int16, ctypes.c_int32, ctypes.c_int64))


def expected():
    """What the C program should print, and the program."""
    lines, code = [], []
    for name, kind in STRUCTURES.items():
        lines.append(f"struct {name} {ctypes.sizeof(kind)}")
        code.append(f'printf("struct {name} %zu\\n", sizeof(struct {name}));')
        for field, form in kind._fields_:
            place = getattr(kind, field)
            lines.append(f"{name}.{field} {place.offset} {place.size} {is_signed(form)}")
            member = f"((struct {name} *)0)->{field}"
            code.append(f'printf("{name}.{field} %zu %zu %d\\n", offsetof(struct {name}, '
                        f'{field}), sizeof({member}), SIGNED({member}));')
    for name, value in CONSTANTS.items():
        lines.append(f"{name} {value:#x}")
        code.append(f'printf("{name} 0x%lx\\n", (unsigned long){name});')
    return lines, "\n\t".join(code)


PROGRAM = """#include <stddef.h>
#include <stdio.h>
#include <linux/eswifi.h>
/* Of arrays 0; of numbers whether -1 stays below 0. */
#define SIGNED(m) _Generic((m), signed char: 1, short: 1, int: 1, long: 1, long long: 1, \\
			   default: 0)

int main(void)
{
	%s
	return 0;
}
"""


def main():
    """Exit status"""
    include = pathlib.Path(sys.argv[1])
    lines, code = expected()
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "abi.c"), os.path.join(folder, "abi")
        pathlib.Path(source).write_text(PROGRAM % code)
        subprocess.run(["cc", "-Wall", "-Werror", "-idirafter", include, "-o", program, source],
                       check=True)
        printed = subprocess.run([program], check=True, stdout=subprocess.PIPE,
                                 text=True).stdout.splitlines()
    header = (include / "linux" / "eswifi.h").read_text()
    structures = set(re.findall(r"^struct (eswifi_\w+) \{", header, re.M))
    fields = {name: len(re.findall(r";", body)) for name, body in
              re.findall(r"^struct (eswifi_\w+) \{(.*?)^\};", header, re.M | re.S)}

    failed = 0
    number = 0
    print("TAP version 13")

    def check(good, name, detail=""):
        nonlocal failed, number
        number += 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print(f"# {detail}")

    for want, got in zip(lines, printed):
        check(want == got, want, f"C: {got}")
    check(len(lines) == len(printed), "as many lines of both",
          f"{len(lines)} of Python, {len(printed)} of C")
    check(set(STRUCTURES) <= structures, "all structures are the header's",
          set(STRUCTURES) - structures)
    for name, kind in STRUCTURES.items():
        check(len(kind._fields_) == fields.get(name), f"{name}: no field is missing",
              f"{len(kind._fields_)} of {fields.get(name)}")
    print(f"1..{number}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
