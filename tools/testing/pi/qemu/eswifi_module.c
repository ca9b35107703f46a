/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The far end of a Raspberry Pi's SPI header: an eS-WiFi module that runs its
 * vendor's firmware in another QEMU, at the UNIX socket ESWIFI_MODULE.
 *
 * A connection is a module out of reset. On it, from us:
 *   'S' level            chip select goes to that level (0 selects)
 *   'D' ns(4)            so much time has gone by on the Pi since the message before
 *   'T'                  an answer 'T' is wanted when that time has gone by there too
 *   'X' n(2) bytes       n bytes are clocked, n even, in the order of the wire
 * and to us:
 *   'R' level            data-ready changed
 *   'X' n(2) bytes       what came back
 *   'T'
 * With 'D' the module's firmware has at least the time that it would have on a
 * Pi, however the host schedules the two; with 'T' a look at the line sees what
 * the firmware did until then. ESWIFI_TRACE=1 writes it all to stderr.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/timer.h"
#include "qapi/error.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/gpio/bcm2835_gpio.h"
#include "hw/ssi/bcm2835_spi.h"
#include "hw/dma/bcm2835_dma.h"
#include "hw/ssi/eswifi_module.h"
#include "hw/ssi/ssi.h"
#include <sys/socket.h>
#include <sys/un.h>
#include <poll.h>

/* The header's wiring, as the project's overlay has it. */
#define GPIO_CE0    8
#define GPIO_RESET  24
#define GPIO_DRDY   25

#define TYPE_ESWIFI_MODULE "eswifi-module"
OBJECT_DECLARE_SIMPLE_TYPE(EswifiModule, ESWIFI_MODULE)

struct EswifiModule {
    SSIPeripheral parent_obj;
    qemu_irq ready_line;
    int fd;                     /* -1 in reset */
    int64_t last;               /* when the last message was over */
    bool reset, trace, nosync, half_full;
    uint8_t half;
    uint8_t in[1 << 16];
    unsigned have;
};

static void trace(EswifiModule *m, const char *what, int n, const uint8_t *data)
{
    if (m->trace) {
        fprintf(stderr, "%.6f %s %d", qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) / 1e9, what, n);
        for (int i = 0; data && i < n; i++) {
            fprintf(stderr, "%s%02x", i ? "" : " ", data[i]);
        }
        fprintf(stderr, "\n");
    }
}

static void eswifi_gone(EswifiModule *m, const char *why)
{
    if (m->fd >= 0) {
        trace(m, why, 0, NULL);
        qemu_set_fd_handler(m->fd, NULL, NULL, NULL);
        close(m->fd);
        m->fd = -1;
        m->have = 0;
        qemu_set_irq(m->ready_line, 0);
    }
}

/* Reads what there is and acts on it, up to an answer of kind; waits for one if wait. */
static bool eswifi_hear(EswifiModule *m, char kind, uint8_t *back, bool wait)
{
    while (m->fd >= 0) {
        ssize_t n;

        while (m->have) {
            unsigned len = m->in[0] == 'R' ? 2 : m->in[0] == 'T' ? 1 :
                           m->have < 3 ? 3 : 3 + lduw_le_p(m->in + 1);
            bool hit = m->in[0] == kind;

            if (m->have < len) {
                break;
            }
            if (m->in[0] == 'R') {
                trace(m, "ready", m->in[1], NULL);
                qemu_set_irq(m->ready_line, m->in[1]);
            } else if (hit && back) {
                memcpy(back, m->in + 3, len - 3);
            }
            memmove(m->in, m->in + len, m->have -= len);
            if (hit) {
                return true;
            }
        }
        if (wait) {
            struct pollfd p = { .fd = m->fd, .events = POLLIN };

            if (poll(&p, 1, 2000) == 0) {
                error_report("eswifi-module: its QEMU stands still");
                m->nosync = true;
                return false;
            }
        }
        n = recv(m->fd, m->in + m->have, sizeof(m->in) - m->have, MSG_DONTWAIT);
        if (n > 0) {
            m->have += n;
        } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
            eswifi_gone(m, "lost");
        } else if (!wait) {
            return false;
        }
    }
    return false;
}

static void eswifi_readable(void *opaque)
{
    eswifi_hear(opaque, 0, NULL, false);
}

static void eswifi_say(EswifiModule *m, const void *data, size_t n)
{
    if (m->fd >= 0 && send(m->fd, data, n, MSG_NOSIGNAL) != n) {
        eswifi_gone(m, "lost");
    }
}

/* The time since the last message, as a message in front of the next. */
static void eswifi_gap(EswifiModule *m)
{
    int64_t gap = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) - m->last;
    uint8_t d[5] = { 'D' };

    stl_le_p(d + 1, MIN(gap, 50000000));
    eswifi_say(m, d, 5);
}

static void eswifi_done(EswifiModule *m)
{
    m->last = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static void eswifi_block(void *opaque, uint8_t *data, unsigned n)
{
    EswifiModule *m = opaque;
    uint8_t out[3 + 256] = { 'X' };

    stw_le_p(out + 1, n);
    memcpy(out + 3, data, n);
    trace(m, "mosi", n, data);
    memset(data, 0xff, n);
    if (m->fd < 0 || !n) {
        return;
    }
    eswifi_gap(m);
    eswifi_say(m, out, 3 + n);
    eswifi_hear(m, 'X', data, true);
    eswifi_done(m);
    trace(m, "miso", n, data);
}

static uint32_t eswifi_transfer(SSIPeripheral *p, uint32_t v)
{
    return 0xff;                /* all goes by eswifi_block() */
}

static int eswifi_set_cs(SSIPeripheral *p, bool level)
{
    EswifiModule *m = ESWIFI_MODULE(p);
    uint8_t s[2] = { 'S', level };

    trace(m, "select", level, NULL);
    eswifi_gap(m);
    eswifi_say(m, s, 2);
    eswifi_done(m);
    return 0;
}

static void eswifi_sync(void *opaque)
{
    EswifiModule *m = opaque;

    if (m->fd >= 0 && !m->nosync) {
        eswifi_gap(m);
        eswifi_say(m, "T", 1);
        eswifi_hear(m, 'T', NULL, true);
        eswifi_done(m);
    }
}

static void eswifi_reset_line(void *opaque, int n, int level)
{
    EswifiModule *m = opaque;
    struct sockaddr_un a = { .sun_family = AF_UNIX };

    if (!level == m->reset) {
        return;
    }
    m->reset = !level;
    trace(m, "reset", level, NULL);
    if (!level) {
        eswifi_gone(m, "off");
        return;
    }
    pstrcpy(a.sun_path, sizeof(a.sun_path), getenv("ESWIFI_MODULE"));
    m->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (m->fd < 0 || connect(m->fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
        error_report("eswifi-module: %s: %s", a.sun_path, strerror(errno));
        exit(1);
    }
    qemu_set_fd_handler(m->fd, eswifi_readable, NULL, m);
    m->nosync = getenv("ESWIFI_NOSYNC") != NULL;
    eswifi_done(m);
}

static void eswifi_realize(SSIPeripheral *p, Error **errp)
{
    EswifiModule *m = ESWIFI_MODULE(p);

    m->fd = -1;
    m->reset = true;
    m->trace = getenv("ESWIFI_TRACE") != NULL;
    p->cs = true;
    qdev_init_gpio_in_named(DEVICE(p), eswifi_reset_line, "reset", 1);
    qdev_init_gpio_out_named(DEVICE(p), &m->ready_line, "data-ready", 1);
}

static void eswifi_class_init(ObjectClass *klass, void *data)
{
    SSIPeripheralClass *k = SSI_PERIPHERAL_CLASS(klass);

    k->realize = eswifi_realize;
    k->transfer = eswifi_transfer;
    k->set_cs = eswifi_set_cs;
    k->cs_polarity = SSI_CS_LOW;
}

static const TypeInfo eswifi_info = {
    .name = TYPE_ESWIFI_MODULE,
    .parent = TYPE_SSI_PERIPHERAL,
    .instance_size = sizeof(EswifiModule),
    .class_init = eswifi_class_init,
};

static void eswifi_register(void)
{
    type_register_static(&eswifi_info);
}
type_init(eswifi_register)

void eswifi_module_attach(BCM2835SPIState *spi, BCM2835GpioState *gpio, BCM2835DMAState *dma)
{
    DeviceState *m;

    if (!getenv("ESWIFI_MODULE")) {
        return;
    }
    m = ssi_create_peripheral(spi->bus, TYPE_ESWIFI_MODULE);
    spi->block = eswifi_block;
    spi->block_opaque = m;
    bcm2835_spi_connect_dma(spi, dma);
    gpio->sync = eswifi_sync;
    gpio->sync_opaque = m;
    qdev_connect_gpio_out(DEVICE(gpio), GPIO_CE0, qdev_get_gpio_in_named(m, SSI_GPIO_CS, 0));
    qdev_connect_gpio_out(DEVICE(gpio), GPIO_RESET, qdev_get_gpio_in_named(m, "reset", 0));
    qdev_connect_gpio_out_named(m, "data-ready", 0, qdev_get_gpio_in(DEVICE(gpio), GPIO_DRDY));
}
