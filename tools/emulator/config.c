// SPDX-License-Identifier: GPL-2.0-only
/* The radio neighbourhood: access points, clients and host names, from a file. */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config.h"

static const char *const security_names[] = {
	[SEC_OPEN] = "open", [SEC_WEP] = "wep", [SEC_WPA] = "wpa", [SEC_WPA2] = "wpa2",
	[SEC_MIXED] = "mixed", [SEC_WPA2_TKIP] = "wpa2-tkip",
};

/* Six hexadecimal numbers with colons between them; leading zeros may be missing. */
bool parse_mac(const char *text, uint8_t mac[6])
{
	int at = 0;

	return sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &mac[0], &mac[1],
		      &mac[2], &mac[3], &mac[4], &mac[5], &at) == 6 && !text[at];
}

static bool parse_int(const char *text, int min, int max, int *value)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < min || n > max)
		return false;
	*value = n;
	return true;
}

static bool parse_text(const char *text, char *to, size_t size)
{
	if (strlen(text) >= size)
		return false;
	strcpy(to, text);
	return true;
}

static bool set_ap(struct ap *ap, const char *key, const char *value)
{
	size_t i;

	if (!strcmp(key, "ssid"))
		return parse_text(value, ap->ssid, sizeof(ap->ssid));
	if (!strcmp(key, "passphrase"))
		return parse_text(value, ap->passphrase, sizeof(ap->passphrase));
	if (!strcmp(key, "bssid"))
		return parse_mac(value, ap->bssid);
	if (!strcmp(key, "channel"))
		return parse_int(value, 1, 196, &ap->channel);
	if (!strcmp(key, "rssi"))
		return parse_int(value, -120, 0, &ap->rssi);
	if (!strcmp(key, "address"))
		return inet_aton(value, &ap->address);
	if (!strcmp(key, "hidden")) {
		ap->hidden = !strcmp(value, "yes");
		return ap->hidden || !strcmp(value, "no");
	}
	if (!strcmp(key, "security")) {
		for (i = 0; i < sizeof(security_names) / sizeof(*security_names); i++) {
			if (!strcmp(value, security_names[i])) {
				ap->security = i;
				return true;
			}
		}
	}
	return false;
}

static bool set_client(struct client *client, const char *key, const char *value)
{
	if (!strcmp(key, "mac"))
		return parse_mac(value, client->mac);
	if (!strcmp(key, "rssi"))
		return parse_int(value, -120, 0, &client->rssi);
	if (!strcmp(key, "address"))
		return inet_aton(value, &client->address);
	return false;
}

static bool add_host(struct config *config, const char *name, const char *value)
{
	struct host *host = &config->host[config->hosts];

	if (config->hosts == CONFIG_MAX || !parse_text(name, host->name, sizeof(host->name)) ||
	    !inet_aton(value, &host->address))
		return false;
	config->hosts++;
	return true;
}

static bool add_ap(struct config *config)
{
	struct ap *ap = &config->ap[config->aps];

	if (config->aps == CONFIG_MAX)
		return false;
	*ap = (struct ap){
		.bssid = { 0x02, 0x00, 0x5e, 0x00, 0x53, config->aps + 1 },
		.channel = 6, .rssi = -51,
		.address.s_addr = htonl(0xc0a84d0a),	/* 192.168.77.10 */
	};
	config->aps++;
	return true;
}

static bool add_client(struct config *config)
{
	if (config->clients == CONFIG_MAX)
		return false;
	config->client[config->clients] = (struct client){
		.mac = { 0x02, 0x00, 0x5e, 0x00, 0x54, config->clients + 1 },
		.rssi = -42,
		/* what the module's DHCP server gives: 192.168.10.2, and so on */
		.address.s_addr = htonl(0xc0a80a02 + config->clients),
	};
	config->clients++;
	return true;
}

/* One line; false if it makes no sense. section: its name's first letter, 0 for none. */
static bool config_line(struct config *config, char *line, char *section)
{
	char *value;

	line[strcspn(line, "\r\n")] = 0;
	line += strspn(line, " \t");
	if (!*line || *line == '#')
		return true;
	if (!strcmp(line, "[ap]")) {
		*section = 'a';
		return add_ap(config);
	}
	if (!strcmp(line, "[client]")) {
		*section = 'c';
		return add_client(config);
	}
	if (!strcmp(line, "[hosts]")) {
		*section = 'h';
		return true;
	}
	value = strchr(line, '=');
	if (!value)
		return false;
	/* "key = value": the value goes to the end of the line, blanks and all. */
	line[strcspn(line, " \t=")] = 0;
	value++;
	value += *value == ' ';
	if (*section == 'a')
		return set_ap(&config->ap[config->aps - 1], line, value);
	if (*section == 'c')
		return set_client(&config->client[config->clients - 1], line, value);
	return *section == 'h' && add_host(config, line, value);
}

/* Replace *config by what the file says; leave it alone if the file is wrong. */
int config_read(struct config *config, const char *path)
{
	struct config *fresh;
	char *line = NULL, section = 0;
	int err = 0, number = 0;
	size_t size = 0;
	FILE *file;

	file = fopen(path, "re");
	if (!file)
		return -errno;
	fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		err = -ENOMEM;
	while (!err && getline(&line, &size, file) > 0) {
		number++;
		if (!config_line(fresh, line, &section)) {
			warnx("%s:%d: not understood", path, number);
			err = -EINVAL;
		}
	}
	if (!err)
		*config = *fresh;
	free(fresh);
	free(line);
	fclose(file);
	return err;
}

const struct ap *config_find_ap(const struct config *config, const char *ssid)
{
	int i;

	for (i = 0; i < config->aps; i++)
		if (!strcmp(config->ap[i].ssid, ssid))
			return &config->ap[i];
	return NULL;
}

const struct host *config_find_host(const struct config *config, const char *name)
{
	int i;

	for (i = 0; i < config->hosts; i++)
		if (!strcasecmp(config->host[i].name, name))
			return &config->host[i];
	return NULL;
}
