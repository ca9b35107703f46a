// SPDX-License-Identifier: GPL-2.0-only
/* The module as a whole: firmware versions, power, messages, waiting. */
#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "at.h"

#define TCP_TIMEOUT_MS	22900

/* What every firmware does with certificates that was seen. */
#define QUIRKS_FLASH	\
	.quirks.on[QUIRK_PG_SPILL] = true, \
	.quirks.on[QUIRK_PG_SHORT] = true, \
	.quirks.on[QUIRK_PG_BEGIN] = true, \
	.quirks.on[QUIRK_PG_DAMAGED] = true, \
	.quirks.on[QUIRK_PG_COMPARE] = true, \
	.quirks.on[QUIRK_TORN] = true

/* What every firmware does that was seen. */
#define QUIRKS_SEEN	\
	.quirks.on[QUIRK_ACCEPT_STALE] = true, \
	.quirks.on[QUIRK_CN_HOLDS] = true, \
	.quirks.on[QUIRK_D0_SETS_P3] = true, \
	.quirks.on[QUIRK_OPTIONAL_BUILTIN] = true, \
	.quirks.on[QUIRK_R2_ZERO] = true, \
	.quirks.on[QUIRK_R_PER_SOCKET] = true, \
	.quirks.on[QUIRK_RST_SILENT] = true, \
	.quirks.on[QUIRK_TLS_S3] = true, \
	.quirks.on[QUIRK_UDP_PORT] = true

/* Chance, and what depends on the radio's share, is left to those who ask for it. */
static const struct profile profiles[] = {
	{
		.version = "C3.5.2.5.STM",
		.versions = "v3.5.2,v1.4.0.rc1,v8.2.1",
		.line = FW_35,
		.forms = forms_35,
		QUIRKS_FLASH,
		.quirks.on[QUIRK_DEAD_FRAME] = true,
		.quirks.on[QUIRK_HIGH_BYTES] = true,
		.quirks.on[QUIRK_PG_PAD] = true,
		.quirks.on[QUIRK_PG_FRAME] = true,
		.quirks.on[QUIRK_PG_DEAD] = true,
		.sets = 4,
		.pf_aws = 2,
		.countries = "CA FR US JP ",
		QUIRKS_SEEN,
		.quirks.on[QUIRK_ACCEPT_BLOCK] = true,
		.quirks.on[QUIRK_CLOSE_NOTIFY_DATA] = true,
		.quirks.on[QUIRK_CN_FORM] = true,
		.quirks.on[QUIRK_EC_CA_NAME] = true,
		.quirks.on[QUIRK_KEY_FORM] = true,
		.quirks.on[QUIRK_ACCEPT_ASTRAY] = true,
		.quirks.on[QUIRK_P5_ONCE] = true,
		.quirks.on[QUIRK_SCAN_SHIFT] = true,
		.quirks.on[QUIRK_SEND_STALL] = true,
		.quirks.on[QUIRK_SOMA_ANYWHERE] = true,
		.quirks.on[QUIRK_TLS_RECORD] = true,
		.quirks.on[QUIRK_TLS_REQUEST] = true,
		.quirks.on[QUIRK_TLS_SLOW] = true,
		.quirks.on[QUIRK_TLS_TWO] = true,
		.quirks.on[QUIRK_TX_MISMATCH] = true,
	}, {
		.version = "C6.2.1.11",
		.forms = forms_62,
		QUIRKS_FLASH,
		.quirks.on[QUIRK_MT_DEFAULT] = true,
		.quirks.on[QUIRK_DEAD_FRAME] = true,
		.versions = "v006.002.001.0002,v2.0.3,v9.0.0",
		.line = FW_62,
		.sets = 4,
		.pf_aws = 3,
		.countries = "CA FR US JP AL BO CN CO HN 0A MM PE RU TH AE UZ VE VN ",
		QUIRKS_SEEN,
	}, {
		/* Users told of it; the rest is as documented. */
		.version = "C6.2.1.8",
		.documented = true,
		.quirks.on[QUIRK_PE_ANY] = true,
		.versions = "v006.002.001.0002,v2.0.3,v9.0.0",
		.line = FW_62,
		.sets = 4,
		.pf_aws = 3,
		.countries = "CA FR US JP ",
		.quirks.on[QUIRK_ACCEPT_STALE] = true,
		.quirks.on[QUIRK_CRLF_EMPTY] = true,
		.quirks.on[QUIRK_D0_SETS_P3] = true,
		.loses_single = true,
	}, {
		/* No firmware that exists: what the vendor's documents promise. */
		.quirks.on[QUIRK_PE_ANY] = true,
		.quirks.on[QUIRK_PF_FORM] = true,
		.name = "documented",
		.version = "C3.5.2.9.DOC",
		.versions = "v3.5.2,v1.4.0.rc1,v8.2.1",
		.line = FW_35,
		.documented = true,
		.sets = 3,
		.pf_aws = 2,
		.countries = "CA FR US JP ",
		.quirks.on[QUIRK_ACCEPT_STALE] = true,
		.quirks.on[QUIRK_D0_SETS_P3] = true,
	},
	{ 0 }
};

static const struct settings factory_settings = {
	.dhcp = 1,
	.dns1.s_addr = 0xffffffff, .dns2.s_addr = 0xffffffff,
	.retries = 5,
	.country = "US/0",
	.scan_delay = 1000, .scan_channel = 1, .scan_band = 2,
	.ap_lease = 24, .ap_clients = 4, .ap_append = 1, .ap_ssid = "eS-WiFi_AP",
	.keepalive_ms = 7200000, .tcp_timeout = 10000,
	.space = 1,
	.name = "Inventek eS-WiFi", .wps_pin = "12345678",
	.led = { 4, 3, 1 },
	.radio_on = 1, .beacon = 1,
};

const struct profile *profile_find(const char *version)
{
	const struct profile *p;

	for (p = profiles; p->version; p++)
		if (!strcmp(p->name ?: p->version, version))
			return p;
	return NULL;
}

/* Walk all versions: NULL gives the first one, the last one gives NULL. */
const struct profile *profile_next(const struct profile *profile)
{
	profile = profile ? profile + 1 : profiles;
	return profile->version ? profile : NULL;
}

/* Which firmware the module has, with all that it does. */
void module_firmware(struct module *m, const struct profile *profile)
{
	m->profile = profile;
	m->quirks = profile->quirks;
}

static void wait_end(struct module *m)
{
	timer_stop(&m->loop, &m->wait.timer);
	watch_stop(&m->loop, &m->wait.watch);
	if (m->wait.fd >= 0)
		close(m->wait.fd);
	m->wait.fd = -1;
}

static void wait_expired(void *data)
{
	struct module *m = data;

	wait_end(m);
	m->wait.fn(m, true);
}

static void wait_ready(void *data, uint32_t events)
{
	struct module *m = data;

	(void)events;
	wait_end(m);
	m->wait.fn(m, false);
}

/*
 * Call fn when fd is ready, or at the deadline. The command that is being
 * executed waits this way; a reset ends its wait without a call.
 */
void module_wait(struct module *m, int fd, uint32_t events, uint64_t deadline,
		 void (*fn)(struct module *m, bool expired))
{
	m->wait.fn = fn;
	m->wait.timer.fn = wait_expired;
	m->wait.timer.data = m;
	timer_start(&m->loop, &m->wait.timer, deadline);
	if (fd < 0)
		return;
	/* A copy, as the descriptor itself may be watched for other reasons. */
	m->wait.fd = dup(fd);
	m->wait.watch.fn = wait_ready;
	m->wait.watch.data = m;
	if (m->wait.fd < 0 || watch_start(&m->loop, &m->wait.watch, m->wait.fd, events))
		err(1, "cannot wait for a socket");
}

/* Call fn later; at once if that is what the timing says. */
void module_sleep(struct module *m, unsigned int us, void (*fn)(struct module *m, bool expired))
{
	if (us)
		module_wait(m, -1, 0, loop_now() + us, fn);
	else
		fn(m, true);
}

static void op_end(struct module *m)
{
	wait_end(m);
	if (m->op.fd >= 0)
		close(m->op.fd);
	buf_free(&m->op.text);
	m->op = (struct operation){ .fd = -1 };
}

/* From here on nothing is answered, until reset. */
void module_hang(struct module *m, const char *why)
{
	log_note(&m->log, "%s: no reply until reset", why);
}

/* What PY says, in milliseconds: 0 leaves it to the firmware's TCP. */
unsigned int module_tcp_timeout(const struct module *m)
{
	return m->set.tcp_timeout || !observed(m) ? m->set.tcp_timeout : TCP_TIMEOUT_MS;
}

/* Where firmware that was seen differs from its documents. */
static void defaults_seen(struct module *m)
{
	const struct in_addr none = { 0xffffffff };
	int i;

	strcpy(m->set.ssid, "ssid");
	strcpy(m->set.passphrase, "password");
	m->set.address = none;
	m->set.mask = none;
	m->set.gateway = none;
	m->set.retries = 3;
	m->set.ping_delay = 1000;
	mqtt_defaults(m);
	for (i = 0; i < SOCKETS; i++) {
		m->sock[i].set.local_port = 0;
		m->sock[i].set.remote_port = 0;
	}
}

/* Settings as they left the factory. */
void module_defaults(struct module *m)
{
	int i;

	m->set = factory_settings;
	m->set.terse_errors = quirk(m, QUIRK_MT_DEFAULT);
	m->set.pf_aws = m->profile->pf_aws;
	if (m->profile->forms) {
		strcpy(m->set.wps_pin, "00000000");
		memcpy(m->set.led, (int[]){ 255, 255, 1 }, sizeof(m->set.led));
	}
	memcpy(m->set.mac, m->mac, sizeof(m->mac));
	inet_aton("255.255.255.0", &m->set.ap_mask);
	inet_aton("192.168.10.1", &m->set.ap_address);
	for (i = 0; i < SOCKETS; i++)
		m->sock[i].set = (struct sock_settings){
			.local_port = 5024, .remote_port = 5025, .backlog = 1,
			.read_size = MAX_PAYLOAD, .read_ms = 5000,
			.send_size = MAX_PAYLOAD, .send_ms = 5000,
		};
	if (observed(m))
		defaults_seen(m);
}

/* Power on or off, or what a reset does: all that is volatile is lost. */
void module_power(struct module *m, bool on)
{
	op_end(m);
	net_close_all(m);
	station_leave(m);
	while (m->messages)
		free(m->message[--m->messages]);
	m->scan_next = -1;
	m->link_down = false;
	m->ap_running = false;
	m->handshakes = 0;
	m->bad_handshakes = 0;
	m->unreached = false;
	m->damage = 0;
	m->sent_at = 0;
	m->last_dns.s_addr = 0;
	memset(m->form_value, 0, sizeof(m->form_value));
	pins_defaults(m);
	m->interface_told = false;
	m->serial_lost = false;
	memset(m->found, 0, sizeof(m->found));
	module_defaults(m);
	if (!on)
		return;
	m->powered = loop_now();
	at_restore(m);
	if (m->set.auto_join & 1 && station_find(m))
		station_join(m, station_find(m));
	else if (quirk(m, QUIRK_JOIN_SELF) && m->config.aps)
		station_join_saved(m, &m->config.ap[0]);
}

int module_init(struct module *m)
{
	int err;

	err = loop_init(&m->loop);
	if (err)
		return err;
	m->wait.fd = -1;
	m->op.fd = -1;
	net_init(m);
	return 0;
}

void module_exit(struct module *m)
{
	wire_exit(m);
	flash_close(&m->flash);
	replies_free(&m->replies);
	loop_exit(&m->loop);
}

/* Queue a message for MR; the oldest one is lost if there are too many. */
void module_message(struct module *m, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		err(1, "out of memory");
	va_end(args);
	log_note(&m->log, "message: %s", text);
	if (m->messages == MESSAGES)
		free(module_next_message(m));
	m->message[m->messages++] = text;
}

/* The oldest message, for the caller to free; NULL if there is none. */
char *module_next_message(struct module *m)
{
	char *text = m->message[0];

	if (!m->messages)
		return NULL;
	m->messages--;
	memmove(m->message, m->message + 1, m->messages * sizeof(*m->message));
	return text;
}

/* The radio neighbourhood changed: an access point may have come or gone. */
void module_reload(struct module *m, const char *path)
{
	const struct ap *ap;

	if (!path || config_read(&m->config, path))
		return;
	log_note(&m->log, "configuration read again");
	ap = station_find(m);
	if (m->joined && !config_find_ap(&m->config, m->joined_ssid)) {
		station_leave(m);
		if (m->profile->line == FW_62)
			module_message(m, "[INFO   ] Link Down");
	} else if (!m->joined && ap && m->set.auto_join & 2) {
		station_join(m, ap);
		if (m->profile->line == FW_62)
			module_message(m, "[INFO   ] Link Up");
	}
}
