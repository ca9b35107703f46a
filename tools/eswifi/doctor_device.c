// SPDX-License-Identifier: GPL-2.0-only
/* Doctor: the module itself: its node, its answers, its link, its certificates. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "features.h"

#define WEAK_DBM	(-80)

/* sysfs of the device. */
static bool attribute(const struct doctor *d, const char *name, char *value, size_t size)
{
	return peek(d, value, size, "/sys/class/eswifi/%s/%s", d->device->name, name) >= 0;
}

static bool member_by_name(const struct group *group, const char *user)
{
	char **member;

	for (member = group->gr_mem; user && *member; member++)
		if (!strcmp(*member, user))
			return true;
	return false;
}

static void explain_denied(struct doctor *d, const struct stat *st)
{
	const struct group *group = getgrgid(st->st_gid);
	const struct passwd *user = getpwuid(geteuid());
	const char *name = user ? user->pw_name : "YOU";
	char advice[256];

	if (!st->st_gid || !(st->st_mode & 0060) || !group)
		snprintf(advice, sizeof(advice),
			 "install the udev rules, which give it to a group, or use sudo");
	else if (member_by_name(group, name))
		snprintf(advice, sizeof(advice),
			 "you are in the group %s since you logged in: log in again",
			 group->gr_name);
	else
		snprintf(advice, sizeof(advice), "sudo usermod -aG %s %s, then log in again",
			 group->gr_name, name);
	report(d, VERDICT_FAIL, "permission", advice, "%s may not open /dev/%s (group %s, mode %o)",
	       name, d->device->name, group ? group->gr_name : "unknown", st->st_mode & 0777);
}

void check_node(struct doctor *d)
{
	char node[64], *path;
	struct stat st;

	snprintf(node, sizeof(node), "/dev/%s", d->device->name);
	path = rooted(d, node);
	if (!path)
		return;
	if (stat(path, &st))
		report(d, VERDICT_FAIL, "node",
		       d->bound ? "udev does not run, or /dev is no devtmpfs" :
				  "see the findings before this one",
		       "there is no %s", node);
	else if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS))
		explain_denied(d, &st);
	else
		report(d, VERDICT_OK, "node", NULL, "%s can be opened", node);
	free(path);
}

/* A made-up tree has nobody who could answer. */
static bool can_talk(struct doctor *d)
{
	char *path;

	if (*d->root || !d->bound)
		return false;
	if (d->device->fd < 0 && asprintf(&path, "/dev/%s", d->device->name) > 0) {
		d->device->fd = open(path, O_RDWR | O_CLOEXEC);
		free(path);
	}
	return d->device->fd >= 0;
}

void check_answer(struct doctor *d)
{
	struct eswifi_link_info info = { .size = sizeof(info) };
	char resets[32], firmware[128];

	if (!d->bound)
		return;
	if (can_talk(d) && ioctl(d->device->fd, ESWIFI_IOC_LINK_INFO, &info)) {
		report(d, VERDICT_FAIL, "answer", "dmesg | grep eswifi; power cycle the module",
		       "the module does not answer: %m");
		return;
	}
	attribute(d, "firmware_version", firmware, sizeof(firmware));
	if (attribute(d, "statistics/resets", resets, sizeof(resets)) && strcmp(resets, "0"))
		report(d, VERDICT_WARN, "answer",
		       "dmesg | grep eswifi says why; often wires that are too long: lower speed=",
		       "firmware %s answers, but had to be reset %s times", firmware, resets);
	else
		report(d, VERDICT_OK, "answer", NULL, "firmware %s", firmware);
}

/* What users of this firmware must know. */
void check_firmware(struct doctor *d)
{
	struct features features;
	char text[VALUE_SIZE];
	unsigned int i;

	if (!d->bound || !attribute(d, "firmware_features", text, sizeof(text)))
		return;
	features_parse(&features, text);
	if (features_has(&features, "unknown"))
		report(d, VERDICT_WARN, "firmware",
		       "use what every known firmware can do; before certificates are written, see Documentation/userspace/provisioning.rst",
		       "this version was never seen: it is taken for the worst that was");
	else
		report(d, VERDICT_OK, "firmware", NULL, "known: %s", feature_meaning("known"));
	for (i = 0; i < features.guards; i++)
		report(d, VERDICT_OK, features.guard[i], NULL, "%s",
		       guard_meaning(features.guard[i]));
}

void check_link(struct doctor *d)
{
	char state[32], ssid[256], ip[32], rssi[16];

	if (!d->bound || !attribute(d, "operstate", state, sizeof(state)))
		return;
	if (!strcmp(state, "dormant")) {
		report(d, VERDICT_WARN, "link", "wait", "joining a network");
		return;
	}
	if (strcmp(state, "up")) {
		report(d, VERDICT_WARN, "link", "sudo eswifictl join SSID", "in no network");
		return;
	}
	attribute(d, "ssid", ssid, sizeof(ssid));
	attribute(d, "ip_address", ip, sizeof(ip));
	attribute(d, "rssi", rssi, sizeof(rssi));
	if (atoi(rssi) && atoi(rssi) < WEAK_DBM)
		report(d, VERDICT_WARN, "link", "bring the antenna nearer to the access point",
		       "in %s as %s, but the signal is weak: %s dBm", ssid, ip, rssi);
	else
		report(d, VERDICT_OK, "link", NULL, "in %s as %s, %s dBm", ssid, ip, rssi);
}

void check_names(struct doctor *d)
{
	struct eswifi_resolve resolve = { .size = sizeof(resolve) };
	char state[32];

	if (!can_talk(d) || !attribute(d, "operstate", state, sizeof(state)) ||
	    strcmp(state, "up"))
		return;
	strncpy(resolve.host, d->host, ESWIFI_HOST_MAX);
	if (!ioctl(d->device->fd, ESWIFI_IOC_RESOLVE, &resolve))
		report(d, VERDICT_OK, "names", NULL, "%s is %s", d->host, address_text(resolve.ip));
	else
		report(d, VERDICT_WARN, "names",
		       "is the network on the internet? Its DHCP names the name server; see --host",
		       "%s was not found: %m", d->host);
}

/* Items that can never hold anything that is of use; true if there is one. */
static bool report_lost(struct doctor *d, const char *set, const char *line)
{
	const char *word = strstr(line, "=torn") ?: strstr(line, "=damaged");

	if (!word)
		return false;
	report(d, VERDICT_FAIL, "certificates",
	       "choose another set: 'eswifictl cert status' shows them, 'eswifictl cert select N' takes one",
	       "an item of set %s %s: it can be neither used nor written again (%s)", set,
	       word[1] == 't' ? "was torn by a loss of power" : "is damaged, though reported free",
	       line);
	return true;
}

void check_certificates(struct doctor *d)
{
	char mode[32], set[16], slots[VALUE_SIZE], *line, *rest = slots;
	bool ca = false, rest_used = false, told = false;
	struct features features = { 0 };
	char text[VALUE_SIZE];

	if (!d->bound || !attribute(d, "verify_mode", mode, sizeof(mode)) ||
	    !attribute(d, "cert_set", set, sizeof(set)))
		return;
	if (!strcmp(mode, "none")) {
		report(d, VERDICT_WARN, "certificates",
		       "'eswifictl cert mode required', with a set that holds CA, certificate and key",
		       "verify_mode is none: TLS talks to anybody");
		return;
	}
	if (attribute(d, "firmware_features", text, sizeof(text)))
		features_parse(&features, text);
	if (!strcmp(mode, "optional") && features_guard(&features, "optional-builtin")) {
		report(d, VERDICT_FAIL, "certificates",
		       "'eswifictl cert mode required', with a set that holds CA, certificate and key",
		       "verify_mode is optional, which this firmware does not do by the set's CA: no connection comes about");
		return;
	}
	if (attribute(d, "cert_slots", slots, sizeof(slots))) {
		while ((line = strsep(&rest, "\n"))) {
			size_t len = strlen(set);

			if (strncmp(line, set, len) || line[len] != ' ')
				continue;
			if (report_lost(d, set, line))
				return;
			told = strstr(line, "ca=") && !strstr(line, "=unknown");
			ca = strstr(line, "ca=used");
			rest_used = strstr(line, "cert=used") && strstr(line, "key=used");
		}
	}
	if (!told)
		report(d, VERDICT_WARN, "certificates",
		       "'eswifictl cert program --blind NAME' writes what is missing, and proves it",
		       "the firmware does not tell what set %s holds: TLS will be refused", set);
	else if (!ca || (!strcmp(mode, "required") && !rest_used))
		report(d, VERDICT_WARN, "certificates",
		       "'eswifictl cert program NAME' writes inventek/NAME/ below /lib/firmware",
		       "verify_mode is %s, but set %s lacks %s: TLS will be refused", mode, set,
		       ca ? "certificate and key" : "the CA");
	else
		report(d, VERDICT_OK, "certificates", NULL, "set %s holds what %s needs", set,
		       mode);
}
