/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef HW_SSI_ESWIFI_MODULE_H
#define HW_SSI_ESWIFI_MODULE_H

struct BCM2835SPIState;
struct BCM2835GpioState;
struct BCM2835DMAState;

/* An eS-WiFi module on a Pi's SPI header, if ESWIFI_MODULE names its socket. */
void eswifi_module_attach(struct BCM2835SPIState *spi, struct BCM2835GpioState *gpio,
                          struct BCM2835DMAState *dma);
void bcm2835_spi_connect_dma(struct BCM2835SPIState *s, struct BCM2835DMAState *dma);

#endif
