# SPDX-License-Identifier: GPL-2.0-only
"""What tests of eswifictl without a module share: TAP.

A test is a function with the decorator @test("what it proves"); run() runs them in order
and prints TAP. A test fails by an exception.
"""
import sys
import traceback

tests = []


def test(name):
    def add(function):
        tests.append((name, function))
        return function
    return add


def run():
    print(f"TAP version 13\n1..{len(tests)}", flush=True)
    failed = 0
    for number, (name, function) in enumerate(tests, 1):
        try:
            function()
            print(f"ok {number} - {name}", flush=True)
        except Exception:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()),
                  end="", flush=True)
    sys.exit(1 if failed else 0)
