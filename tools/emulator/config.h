/* SPDX-License-Identifier: GPL-2.0-only */
/* The radio neighbourhood: access points, clients and host names, from a file. */
#ifndef EMULATOR_CONFIG_H
#define EMULATOR_CONFIG_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#define CONFIG_MAX	64

/* The numbers of the C3 command. */
enum security { SEC_OPEN, SEC_WEP, SEC_WPA, SEC_WPA2, SEC_MIXED, SEC_WPA2_TKIP };

struct ap {
	char ssid[33];
	char passphrase[65];
	enum security security;
	uint8_t bssid[6];
	int channel;
	int rssi;
	bool hidden;
	struct in_addr address;		/* what its DHCP server gives to the module */
};

struct host {
	char name[65];
	struct in_addr address;
};

/* Joins the module's access point whenever it is there. */
struct client {
	uint8_t mac[6];
	int rssi;
	struct in_addr address;
};

struct config {
	struct ap ap[CONFIG_MAX];
	struct client client[CONFIG_MAX];
	struct host host[CONFIG_MAX];
	int aps;
	int clients;
	int hosts;
};

int config_read(struct config *config, const char *path);
const struct ap *config_find_ap(const struct config *config, const char *ssid);
const struct host *config_find_host(const struct config *config, const char *name);
bool parse_mac(const char *text, uint8_t mac[6]);

#endif
