# SPDX-License-Identifier: GPL-2.0-only
# For people: builds, installs and tests everything. Kbuild is for the kernel.
# All that is built goes to build/; the folders of the sources stay clean.

KDIR ?= /lib/modules/$(shell uname -r)/build
BUILD := $(CURDIR)/build
# Nothing of a caller's cross-compiling may reach the test kernel's build.
UML_MAKE := env -u MAKEFLAGS -u CROSS_COMPILE -u LLVM $(MAKE) --no-print-directory \
	-j$(shell nproc) ARCH=um W=1
# The drivers for the test kernel that TEST_KERNEL names: tools/testing/kernel-cache.
UML := $(BUILD)/uml$(if $(TEST_KERNEL),-$(TEST_KERNEL))
SOURCES := Kbuild drivers include

.DEFAULT_GOAL := modules
# One target after the other; each is parallel in itself.
.NOTPARALLEL:
.PHONY: help modules modules_install install tools dtbs dtb demo check static host kunit selftest memory soak \
	check-smp smp-short matrix matrix-kernels kernels setup uml-modules bridge check-firmware \
	firmware-image check-pi pi-transcript check-stock clean

help:
	@echo 'For use:'
	@echo '  modules     build eswifi.ko and uspi.ko for KDIR (default: the running kernel)'
	@echo '  install     install the modules and the tools (as root)'
	@echo '  tools       build eswifictl, eswifi-proxy and eswifi-emulator into build/tools'
	@echo '  dtbs        compile the device tree overlays into build/dtbs'
	@echo '  dtb         put the module into a Raspberry Pi tree of the kernel; BASE=file.dtb'
	@echo '  demo        show the driver at work on an emulated module, without hardware'
	@echo '  clean       remove build/'
	@echo 'For proof:'
	@echo '  check       all of the following down to bridge, and a build for the stock Debian kernel'
	@echo '  static      checkpatch, sparse, kernel-doc, shellcheck and the like'
	@echo '  host        tests of programs on this machine'
	@echo '  kunit       unit tests inside a User Mode Linux kernel; SUITE=glob'
	@echo '  selftest    whole-system tests on an emulated module; TEST=glob'
	@echo '  memory      search the test kernel for a private key that went into a module'
	@echo '  kernels     builds for other kernels of Debian, with their headers'
	@echo '  bridge      the tests of check-firmware in short, with the emulator as the module'
	@echo '  check-firmware FIRMWARE=image.bin'
	@echo '              the driver against the firmware of the vendor, in QEMU; TEST=glob'
	@echo '  check-smp   unit tests and self-tests of races on two processors, in the newest kernel'
	@echo '  soak        the long forms of some of them: 100 MB, 10000 commands (an hour)'
	@echo '  check-pi    the main job on a virtual Raspberry Pi, with the emulator or with'
	@echo '              FIRMWARE=image.bin, the vendor'\''s SPI image'
	@echo '  check-stock the drivers on kernels of Debian, in QEMU; KERNELS="6.12", MINUTES=30'
	@echo '  matrix-kernels  all kernels; renews the table in Documentation/userspace/kernels.rst'
	@echo '  matrix      renew the table in Documentation/userspace/tls-matrix.rst'
	@echo 'V=1 shows all output of the tests. These and demo install the Debian packages that'
	@echo 'are missing, and most build a test kernel on their first run.'

modules:
	@if [ ! -e $(KDIR)/Makefile ]; then \
		echo 'No kernel build folder at $(KDIR).'; \
		echo 'Install the headers of the running kernel (on Debian linux-headers-amd64, on a'; \
		echo 'Raspberry Pi linux-headers-rpi-v8), or name another: make KDIR=/path/to/build'; \
		exit 1; \
	fi
	@tools/testing/mirror $(BUILD)/modules $(SOURCES)
	@$(MAKE) -C $(KDIR) M=$(BUILD)/modules modules

modules_install: modules
	@$(MAKE) -C $(KDIR) M=$(BUILD)/modules modules_install

install: modules_install tools
	@$(MAKE) -C tools/eswifi O=$(BUILD)/eswifi install

# The objects go to a folder for each part, what people run to build/tools.
tools:
	@mkdir -p $(BUILD)/tools
	@for part in emulator eswifi; do \
		tools/testing/progress "Building tools/$$part" $(BUILD)/log/tools-$$part.log \
			$(MAKE) -C tools/$$part O=$(BUILD)/$$part || exit 1; \
	done
	@ln -sf ../emulator/eswifi-emulator ../eswifi/eswifictl ../eswifi/eswifi-proxy $(BUILD)/tools/

dtbs:
	@mkdir -p $(BUILD)/dtbs
	@for overlay in $(wildcard dts-overlays/*-overlay.dts); do \
		name=$$(basename $$overlay -overlay.dts); \
		echo "  DTCO    build/dtbs/$$name.dtbo"; \
		dtc -@ -I dts -O dtb -o $(BUILD)/dtbs/$$name.dtbo $$overlay || exit 1; \
	done

# A tree of the kernel's own for a Raspberry Pi, with the module in it.
dtb:
	@if [ ! -e '$(BASE)' ]; then \
		echo 'BASE must name the device tree that the Pi has now:'; \
		echo '  make dtb BASE=/usr/lib/linux-image-.../broadcom/bcm2837-rpi-3-b.dtb'; \
		exit 1; \
	fi
	@mkdir -p $(BUILD)/dtbs
	@dtc -q -I dtb -O dts -o $(BUILD)/dtbs/base.dts '$(BASE)'
	@echo '  DTC     build/dtbs/$(notdir $(BASE))'
	@dtc -@ -q -i $(BUILD)/dtbs -I dts -O dtb -o '$(BUILD)/dtbs/$(notdir $(BASE))' dts-overlays/mainline.dts

setup:
	@tools/setup

uml-modules: setup
	@tools/testing/mirror $(UML) $(SOURCES)
	@uml=$$(tools/testing/kernel-cache uml) && flock $(UML).lock tools/testing/progress \
		'Building the drivers for the test kernel' $(BUILD)/log/$(notdir $(UML))-modules.log \
		$(UML_MAKE) -C $$uml M=$(UML) modules

demo: uml-modules tools
	@tools/testing/uml-run --quiet tools/demo.sh

check: setup
	@tools/testing/check

static: setup
	@tools/testing/static

host: setup
	@tools/testing/host

kunit: setup
	@tools/testing/kunit $(if $(SUITE),'$(SUITE)')

selftest: uml-modules tools
	@tools/testing/selftest $(if $(TEST),'$(TEST)')

# On two processors, in a kernel of the newest source.
check-smp: setup
	@tools/testing/smp full

smp-short: setup
	@tools/testing/smp short

# The vendor's firmware as the module: tools/testing/firmware/README.rst.
check-firmware: firmware-image uml-modules tools
	@tools/setup firmware
	@tools/testing/firmware/check firmware $(if $(TEST),'$(TEST)')

firmware-image:
	@tools/testing/firmware/check image

bridge: uml-modules tools
	@tools/testing/firmware/check emulator $(if $(TEST),'$(TEST)')

# The long forms of tests that 'selftest' runs in short.
soak: uml-modules tools
	@STREAM_MB=100 COMMANDS=10000 ROUNDS=100 TEST_TIMEOUT=5400 \
		tools/testing/selftest '@(batch|crosstalk|stream)'

# The table of verification modes in the documentation, made anew.
matrix: uml-modules tools
	-@tools/testing/uml-run --quiet --out $(BUILD)/run/matrix tools/testing/run-selftests \
		tools/testing/selftests/matrix.test
	cp $(BUILD)/run/matrix/tls-matrix.rst Documentation/userspace/tls-matrix.rst

# The kernels that the drivers' users run: tools/testing/kernels.
kernels:
	@tools/testing/kernels check

matrix-kernels:
	@tools/testing/kernels matrix Documentation/userspace/kernels.rst

memory: uml-modules tools
	@tools/testing/memory

check-pi: setup tools
	@tools/setup firmware
	@FIRMWARE='$(FIRMWARE)' tools/testing/pi/check $(ARGS)

# Debian's own kernels: tools/testing/stock.
check-stock: uml-modules tools
	@tools/setup stock
	@tools/testing/stock/check $(KERNELS)

# What the Pi says, in the documentation.
pi-transcript: setup tools
	@tools/setup firmware
	@FIRMWARE='$(FIRMWARE)' tools/testing/pi/check --variant edge-dma \
		--transcript Documentation/userspace/pi-transcript.rst

clean:
	rm -rf $(BUILD)
