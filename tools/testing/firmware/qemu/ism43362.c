/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The module's host processor for QEMU: what of an STM32F205 the vendor's firmware needs.
 *
 * Clocks, flash with the rules of programming and erasing, DMA, USARTs, timers, CRC, random
 * numbers; SPI1 as a slave is in ism-spi.c.inc, the WLAN chip behind SDIO in ism-sdio.c.inc.
 * A model for tests: what the firmware does not use is not there, and clocks are fixed.
 *
 * ISM_FLASH names the file with the flash's content, ISM_TRACE (0 to 3) says how much is told
 * on stderr, with the module's own time.
 */
#include "qemu/osdep.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "hw/boards.h"
#include "hw/qdev-properties.h"
#include "hw/qdev-clock.h"
#include "hw/arm/boot.h"
#include "hw/arm/armv7m.h"
#include "sysemu/sysemu.h"
#include "qemu/timer.h"
#include "qemu/fifo8.h"
#include "chardev/char-fe.h"
#include "qemu/guest-random.h"
#include "exec/address-spaces.h"
#include "exec/cpu-common.h"
#include "qemu/main-loop.h"
#include "sysemu/runstate.h"
#include "sysemu/reset.h"
#include "hw/irq.h"
#include <sys/mman.h>

#define NUS 6
#define QN 65536
typedef struct {
	int n;
	uint32_t base;
	int irq;
	uint32_t sr, brr, cr1, cr2, cr3;
	uint8_t dr;
	CharBackend chr;
	bool has_chr;
	uint8_t q[QN];
	unsigned qh, qt;
	QEMUTimer *t;
	bool idle_pending;
} Us;

typedef struct {
	uint32_t cr, ndtr, par, m0, m1, fcr, reload;
} Strm;
#define FLASH_SIZE 0x100000
static struct ISM {
	MemoryRegion p, p2, sys, flash, alias;
	uint32_t r[0x80000 / 4];
	uint32_t r2[0x70000 / 4];
	qemu_irq irq[96];
	Us us[NUS];
	Strm st[2][8];
	uint32_t isr[2][2];
	uint8_t *ff;
	uint8_t *fm;
	int flock;
	uint32_t fkey;
	uint32_t crc;
	int trace;
} G;

static const int dma_irq[2][8] = { { 11, 12, 13, 14, 15, 16, 17, 47 },
				   { 56, 57, 58, 59, 60, 68, 69, 70 } };
static const int usirq[NUS] = { 37, 38, 39, 52, 53, 71 };
static const uint32_t usbase[NUS] = { 0x11000, 0x4400, 0x4800, 0x4c00, 0x5000, 0x11400 };
#define TR(lv, ...)                                                                            \
	do {                                                                                   \
		if (G.trace >= (lv)) {                                                         \
			fprintf(stderr, "%.7f ", qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) / 1e9); \
			fprintf(stderr, __VA_ARGS__);                                          \
		}                                                                              \
	} while (0)

static void ism_irq(int n, int v)
{
	qemu_set_irq(G.irq[n], v);
}

#include "ism-usart.c.inc"
#include "ism-flash.c.inc"

#include "ism-sdio.c.inc"
#include "ism-spi.c.inc"

static void dma_kick(int d, int s)
{
	Strm *x = &G.st[d][s];
	x->reload = x->ndtr & 0xffff;
	TR(1, "[dma%d.%d cr %x n %x par %x m0 %x]\n", d + 1, s, x->cr, x->ndtr, x->par, x->m0);
	for (int i = 0; i < NUS; i++)
		if (x->par == 0x40000000 + usbase[i] + 4) {
			if (((x->cr >> 6) & 3) == 1)
				us_dma_tx(&G.us[i]);
			return;
		}
	if (x->par == 0x40012c80) {
		sdio_dma();
		return;
	}
	if (x->par == SPI_DR) {
		spi_fill();
		spi_update();
		return;
	}
	if (((x->cr >> 6) & 3) == 2) {
		unsigned w = 1 << ((x->cr >> 11) & 3);
		uint32_t a = x->par, b = x->m0;
		uint8_t t[4];
		for (uint32_t i = 0; i < x->reload; i++) {
			cpu_physical_memory_read(a, t, w);
			cpu_physical_memory_write(b, t, w);
			if (x->cr & 0x200)
				a += w;
			if (x->cr & 0x400)
				b += w;
		}
		x->ndtr = 0;
		x->cr &= ~1u;
		dma_flag(d, s, 0x30);
	}
}

static uint32_t crc_step(uint32_t c, uint32_t v)
{
	c ^= v;
	for (int i = 0; i < 32; i++)
		c = (c & 0x80000000u) ? (c << 1) ^ 0x04c11db7 : c << 1;
	return c;
}

static uint32_t seen[0x80000 / 4 / 32];
static uint32_t rd32(uint32_t a)
{
	uint32_t v = G.r[a / 4];
	for (int i = 0; i < NUS; i++)
		if ((a & ~0x3ffu) == usbase[i])
			return us_rd(&G.us[i], a & 0x3ff);
	if (a >= 0x26000 && a < 0x26800) {
		int d = (a >= 0x26400);
		uint32_t o = a & 0x3ff;
		if (o < 8)
			return G.isr[d][o / 4];
		if (o < 0x10)
			return 0;
		Strm *x = &G.st[d][(o - 0x10) / 0x18];
		switch ((o - 0x10) % 0x18) {
		case 0:
			return x->cr;
		case 4:
			return x->ndtr;
		case 8:
			return x->par;
		case 12:
			return x->m0;
		case 16:
			return x->m1;
		case 20:
			return x->fcr;
		}
	}
	if ((a & ~0x3ffu) == 0x12c00)
		return sdio_rd(a & 0x3ff);
	if ((a & ~0x3ffu) == SPI_BASE)
		return spi_rd(a & 0x3ff);
	if (a >= 0x20000 && a < 0x22400) {
		uint32_t b = a & ~0x3ffu;
		if ((a & 0x3ff) == 0x10) {
			uint32_t mo = G.r[b / 4], pu = G.r[(b + 12) / 4], od = G.r[(b + 0x14) / 4],
				 o = 0;
			for (int i = 0; i < 16; i++) {
				int m = (mo >> (2 * i)) & 3, p = (pu >> (2 * i)) & 3;
				if (m == 1 ? (od >> i) & 1 : p == 1)
					o |= 1u << i;
			}
			if (b == 0x20000)
				o = (o & ~0x10u) | P.select << 4;
			return o;
		}
		return v;
	}
	switch (a) {
	case 0x23800:
		v &= ~0x0a020002u;
		if (v & 1)
			v |= 2;
		if (v & 0x10000)
			v |= 0x20000;
		if (v & 0x1000000)
			v |= 0x2000000;
		if (v & 0x4000000)
			v |= 0x8000000;
		return v;
	case 0x23808:
		return (v & ~0xcu) | ((v & 3) << 2);
	case 0x23870:
		return (v & ~2u) | ((v & 1) << 1);
	case 0x23874:
		return (v & 0x01000001) | ((v & 1) << 1) | G.fkey;
	case 0x7004:
		return v | 0x4000 | ((v & 0x200) >> 6);
	case 0x23c0c:
		return v & ~0x10000u;
	case 0x23c10:
		return (v & 0x7fffffff) | (G.flock ? 0x80000000u : 0);
	case 0x280c:
		return (v & ~0x40u) | 0x37 | ((v & 0x80) >> 1);
	case 0x2800: {
		int64_t s = 12 * 3600 + qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) / 1000;
		int h = s / 3600 % 24, m = s / 60 % 60, c = s % 60;
		return (h / 10 << 20) | (h % 10 << 16) | (m / 10 << 12) | (m % 10 << 8) |
		       (c / 10 << 4) | (c % 10);
	}
	case 0x2804:
		return 0x182321 & 0xffffff;
	case 0x3000 + 0xc:
		return 0;
	case 0x23000:
		return G.crc;
	case 0x12000:
	case 0x12100:
	case 0x12200:
		return v | 2;
	case 0x1204c:
	case 0x1214c:
	case 0x1224c:
		return 0x7ff;
	case 0x3808:
	case 0x3c08:
		return 3;
	case 0x380c:
	case 0x3c0c:
		return 0xff;
	}
	/* timers: CNT */
	if ((a & 0x3ff) == 0x24 &&
	    ((a < 0x2400) || (a >= 0x10000 && a < 0x10800) || (a >= 0x14000 && a < 0x14c00)))
		return (uint32_t)(qemu_clock_get_us(QEMU_CLOCK_VIRTUAL)) & 0xffff;
	if (!(seen[a / 128] & (1u << (a / 4 % 32)))) {
		seen[a / 128] |= 1u << (a / 4 % 32);
		TR(1, "[rd %08x -> %x]\n", 0x40000000 + a, v);
	}
	return v;
}

static void wr32(uint32_t a, uint32_t v)
{
	for (int i = 0; i < NUS; i++)
		if ((a & ~0x3ffu) == usbase[i]) {
			us_wr(&G.us[i], a & 0x3ff, v);
			return;
		}
	if (a >= 0x26000 && a < 0x26800) {
		int d = (a >= 0x26400);
		uint32_t o = a & 0x3ff;
		if (o < 8)
			return;
		if (o < 0x10) {
			G.isr[d][(o - 8) / 4] &= ~v;
			for (int s = 0; s < 8; s++)
				dma_upd(d, s);
			return;
		}
		int s = (o - 0x10) / 0x18;
		if (s > 7)
			return;
		Strm *x = &G.st[d][s];
		switch ((o - 0x10) % 0x18) {
		case 0: {
			int was = x->cr & 1;
			x->cr = v;
			if ((v & 1) && !was)
				dma_kick(d, s);
			dma_upd(d, s);
			return;
		}
		case 4:
			x->ndtr = v & 0xffff;
			return;
		case 8:
			x->par = v;
			return;
		case 12:
			x->m0 = v;
			return;
		case 16:
			x->m1 = v;
			return;
		case 20:
			x->fcr = v;
			return;
		}
		return;
	}
	if ((a & ~0x3ffu) == 0x12c00) {
		sdio_wr(a & 0x3ff, v);
		return;
	}
	if ((a & ~0x3ffu) == SPI_BASE) {
		spi_wr(a & 0x3ff, v);
		return;
	}
	if (a >= 0x20000 && a < 0x22400) {
		uint32_t b = a & ~0x3ffu, *od = &G.r[(b + 0x14) / 4], old = *od;
		if ((a & 0x3ff) == 0x18) {
			*od = (*od & ~(v >> 16)) | (v & 0xffff);
		} else
			G.r[a / 4] = v;
		if (old != *od)
			TR(2, "[gpio%c odr %04x]\n", 'A' + (b - 0x20000) / 0x400, *od);
		if (b == 0x20000)
			spi_ready(*od);
		return;
	}
	switch (a) {
	case 0x23874:
		if (v & 0x1000000)
			G.fkey = 0;
		G.r[a / 4] = v;
		return;
	case 0x23c04:
		if (v == 0xcdef89ab)
			G.flock = 0;
		return;
	case 0x23c08:
		return;
	case 0x23c0c:
		G.r[a / 4] &= ~v;
		return;
	case 0x23c10:
		if (v & 0x80000000u)
			G.flock = 1;
		G.r[a / 4] = v & 0x7ffeffff;
		if ((v & 0x10002) == 0x10002)
			fl_erase((v >> 3) & 15);
		return;
	case 0x13c14:
		G.r[a / 4] &= ~v;
		if (v & 0x10)
			ism_irq(10, 0);
		return;
	case 0x23824:
		if (v & 0x1000)
			spi_reset();
		G.r[a / 4] = v;
		return;
	case 0x23000:
		G.crc = crc_step(G.crc, v);
		return;
	case 0x23008:
		if (v & 1)
			G.crc = 0xffffffff;
		return;
	}
	if (a < 0x2400 || (a >= 0x10000 && a < 0x10800) || (a >= 0x14000 && a < 0x14c00))
		TR(1, "[tim wr %08x = %x]\n", 0x40000000 + a, v);
	else if (G.r[a / 4] != v)
		TR(2, "[wr %08x = %x]\n", 0x40000000 + a, v);
	G.r[a / 4] = v;
}

static uint64_t p_rd(void *o, hwaddr a, unsigned sz)
{
	uint32_t v = rd32(a & ~3u) >> (8 * (a & 3));
	return sz == 4 ? v : v & ((1u << (8 * sz)) - 1);
}

static void p_wr(void *o, hwaddr a, uint64_t v, unsigned sz)
{
	if (sz == 4 ||
	    ((a & 3) == 0 && ((a & ~0x3ffu) == SPI_BASE || (a & ~0x3ffu) == 0x11000 ||
			      (a & ~0x3ffu) == 0x11400 || (a >= 0x4400 && a < 0x5400)))) {
		wr32(a & ~3u, v);
		return;
	}
	uint32_t m = ((1u << (8 * sz)) - 1) << (8 * (a & 3));
	uint32_t old = G.r[(a & ~3u) / 4];
	if (a >= 0x26000 && a < 0x26800)
		old = rd32(a & ~3u);
	wr32(a & ~3u, (old & ~m) | ((v << (8 * (a & 3))) & m));
}

static const MemoryRegionOps p_ops = { .read = p_rd,
				       .write = p_wr,
				       .endianness = DEVICE_LITTLE_ENDIAN,
				       .valid = { .min_access_size = 1, .max_access_size = 4 },
				       .impl = { .min_access_size = 1, .max_access_size = 4 } };
static uint64_t p2_rd(void *o, hwaddr a, unsigned sz)
{
	uint32_t v;
	if (a == 0x60804)
		return 1;
	if (a == 0x60808) {
		qemu_guest_getrandom_nofail(&v, 4);
		return v;
	}
	return G.r2[a / 4];
}

static void p2_wr(void *o, hwaddr a, uint64_t v, unsigned sz)
{
	G.r2[a / 4] = v;
}

static const MemoryRegionOps p2_ops = { .read = p2_rd,
					.write = p2_wr,
					.endianness = DEVICE_LITTLE_ENDIAN };

/* a reset that the firmware asks for (ZR): the peripherals start anew, the flash stays */
static void ism_reset(void *o)
{
	memset(G.r, 0, sizeof G.r);
	memset(G.r2, 0, sizeof G.r2);
	memset(G.st, 0, sizeof G.st);
	memset(G.isr, 0, sizeof G.isr);
	G.fkey = 0x0e000000;
	G.flock = 1;
	G.crc = 0xffffffff;
	for (int i = 0; i < NUS; i++) {
		Us *u = &G.us[i];
		u->sr = 0xc0;
		u->cr1 = u->cr2 = u->cr3 = 0;
		u->qt = u->qh;
		u->idle_pending = false;
	}
	spi_reset();
	spi_ready(0);
	for (int i = 0; i < 96; i++)
		ism_irq(i, 0);
	sdio_reset();
}

static void ism_init(Object *owner, DeviceState *armv7m)
{
	MemoryRegion *sm = get_system_memory();
	const char *f = getenv("ISM_FLASH");
	G.trace = getenv("ISM_TRACE") ? atoi(getenv("ISM_TRACE")) : 0;
	G.fkey = 0x0e000000;
	G.flock = 1;
	G.crc = 0xffffffff;
	for (int i = 0; i < 96; i++)
		G.irq[i] = qdev_get_gpio_in(armv7m, i);
	memory_region_init_rom_device(&G.flash, owner, &fl_ops, NULL, "ism.flash", 0x100000,
				      &error_fatal);
	memory_region_init_alias(&G.alias, owner, "ism.flash.alias", &G.flash, 0, 0x100000);
	memory_region_add_subregion(sm, 0x08000000, &G.flash);
	memory_region_add_subregion(sm, 0, &G.alias);
	G.fm = memory_region_get_ram_ptr(&G.flash);
	memset(G.fm, 0xff, 0x100000);
	if (f) {
		int fd = open(f, O_RDWR);
		if (fd < 0 || (G.ff = mmap(0, 0x100000, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
					   0)) == MAP_FAILED) {
			perror(f);
			exit(1);
		}
		memcpy(G.fm, G.ff, 0x100000);
	}
	memory_region_init_ram(&G.sys, owner, "ism.sys", 0x8000, &error_fatal);
	memory_region_add_subregion(sm, 0x1fff0000, &G.sys);
	uint8_t *p = memory_region_get_ram_ptr(&G.sys);
	memset(p, 0xff, 0x8000);
	static const uint32_t uid[3] = { 0x0029001f, 0x33334707, 0x30353834 };
	memcpy(p + 0x7a10, uid, 12);
	p[0x7a22] = 0;
	p[0x7a23] = 4;
	memory_region_init_io(&G.p, owner, &p_ops, NULL, "ism.p", 0x80000);
	memory_region_add_subregion(sm, 0x40000000, &G.p);
	memory_region_init_io(&G.p2, owner, &p2_ops, NULL, "ism.p2", 0x61000);
	memory_region_add_subregion(sm, 0x50000000, &G.p2);
	for (int i = 0; i < NUS; i++) {
		Us *u = &G.us[i];
		u->n = i;
		u->base = usbase[i];
		u->irq = usirq[i];
		u->sr = 0xc0;
		u->t = timer_new_ns(QEMU_CLOCK_VIRTUAL, us_tick, u);
		if (serial_hd(i)) {
			u->has_chr = true;
			qemu_chr_fe_init(&u->chr, serial_hd(i), &error_abort);
			qemu_chr_fe_set_handlers(&u->chr, us_can, us_rx, NULL, NULL, u, NULL, true);
		}
	}
	sdio_init();
	spi_init();
	qemu_register_reset(ism_reset, NULL);
}

/*
 * The board: a Cortex-M3 with 128 KiB of memory, and what is above.
 */
static void ism43362_init(MachineState *machine)
{
	DeviceState *cpu = qdev_new(TYPE_ARMV7M);
	MemoryRegion *ram = g_new(MemoryRegion, 1);
	Clock *core = clock_new(OBJECT(machine), "core"),
	      *systick = clock_new(OBJECT(machine), "systick");

	clock_set_hz(core, 120000000);
	clock_set_hz(systick, 120000000 / 8);
	memory_region_init_ram(ram, NULL, "ism.ram", 128 * KiB, &error_fatal);
	memory_region_add_subregion(get_system_memory(), 0x20000000, ram);
	qdev_prop_set_uint32(cpu, "num-irq", 96);
	qdev_prop_set_string(cpu, "cpu-type", ARM_CPU_TYPE_NAME("cortex-m3"));
	qdev_prop_set_bit(cpu, "enable-bitband", true);
	qdev_connect_clock_in(cpu, "cpuclk", core);
	qdev_connect_clock_in(cpu, "refclk", systick);
	object_property_set_link(OBJECT(cpu), "memory", OBJECT(get_system_memory()), &error_abort);
	sysbus_realize_and_unref(SYS_BUS_DEVICE(cpu), &error_fatal);
	ism_init(OBJECT(machine), cpu);
	armv7m_load_kernel(ARM_CPU(first_cpu), NULL, 0, FLASH_SIZE);
}

static void ism43362_machine(MachineClass *mc)
{
	mc->desc = "Inventek ISM43362-M3G-L44";
	mc->init = ism43362_init;
	mc->ignore_memory_transaction_failures = true;
}

DEFINE_MACHINE("ism43362", ism43362_machine)
