// SPDX-License-Identifier: GPL-2.0-only
/*
 * Learns what a module is and what its firmware can do, after each boot.
 *
 * A question decides wherever there is one that costs nothing. What only shows
 * when it is too late (a slot burnt, a connection that was not verified) is in one
 * table by version, firmware_kinds.c.
 */
#include <linux/bits.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "eswifi.h"

/* So often I? has to say the same. */
#define ESWIFI_IDENTITY_ASKED	3

/**
 * eswifi_firmware_guards() - must this be guarded against?
 * @ew: the module
 * @guard: what
 *
 * Context: any, once the module has booted. Return: true if so.
 */
bool eswifi_firmware_guards(struct eswifi *ew, enum eswifi_guard guard)
{
	return READ_ONCE(ew->firmware.kind)->guards & BIT(guard);
}

/**
 * eswifi_firmware_item_max() - longest item that is safe in a set
 * @ew: the module
 * @set: the set
 * @item: ESWIFI_CERT_CA and so on
 *
 * Context: any, once the module has booted. Return: bytes.
 */
unsigned int eswifi_firmware_item_max(struct eswifi *ew, unsigned int set, unsigned int item)
{
	return eswifi_firmware_kind_max(READ_ONCE(ew->firmware.kind), set, item);
}

/* Is this answered with OK? */
static int eswifi_firmware_ask(struct eswifi *ew, struct eswifi_reply *reply, bool *ok,
			       const char *question)
{
	int ret = eswifi_at(ew, reply, "%s", question);

	*ok = !ret;
	return eswifi_answered(ew, ret);
}

static int eswifi_firmware_probe(struct eswifi *ew)
{
	struct eswifi_firmware *fw = &ew->firmware;
	bool used[ESWIFI_CERT_ITEMS], ok, any;
	struct eswifi_reply reply;
	long joined = 0;
	int ret;

	/* There is no set 9: who answers does not look at the number. */
	ret = eswifi_firmware_ask(ew, &reply, &any, "PE=9");
	if (!ret)
		ret = eswifi_firmware_ask(ew, &reply, &ok, "PE=0");
	if (ret)
		return ret;
	fw->tells_slots = ok && !any && !eswifi_at_slots(&reply, used);
	ret = eswifi_firmware_ask(ew, &reply, &ok, "PE=3");
	if (ret)
		return ret;
	WRITE_ONCE(fw->sets, fw->tells_slots && ok && !eswifi_at_slots(&reply, used) ? 4 : 3);
	ret = eswifi_firmware_ask(ew, &reply, &ok, "PF");
	if (ret)
		return ret;
	fw->tells_set = ok && reply.body_len;
	ret = eswifi_firmware_ask(ew, &reply, &ok, "P0=0");
	if (ret)
		return ret;
	fw->pads_empty = ok && reply.body_len == 2;
	/* A module may join by itself. */
	ret = eswifi_firmware_ask(ew, &reply, &ok, "CS");
	if (ret)
		return ret;
	fw->joined = ok && !eswifi_at_number(&reply, &joined) && joined == 1;
	/* Nothing is connected, so this may well be an error: but not this one. */
	ret = eswifi_firmware_ask(ew, &reply, &ok, "R4");
	if (ret)
		return ret;
	fw->counts = ok || !strnstr(reply.error, "Unknown Command", reply.error_len);
	return 0;
}

/* A board whose wires are at their limit does not fail each time: asked three times,
 * it has to say the same. Else the clock is lowered, and the module booted again, as
 * nobody knows what it understood.
 */
static int eswifi_firmware_ask_identity(struct eswifi *ew, struct eswifi_identity *id)
{
	char first[ESWIFI_TEXT_SIZE], text[ESWIFI_TEXT_SIZE];
	struct eswifi_reply reply;
	int i, ret;

	for (i = 0; i < ESWIFI_IDENTITY_ASKED; i++) {
		ret = eswifi_at(ew, &reply, "I?");
		if (!ret)
			ret = eswifi_at_identity(&reply, id);
		if (ret)
			break;
		eswifi_at_text(&reply, i ? text : first, sizeof(first));
		if (i && strcmp(text, first)) {
			ret = -EBADMSG;
			break;
		}
	}
	if ((ret == -EBADMSG || ret == -EPROTO) && ew->bus.ops->slower &&
	    ew->bus.ops->slower(&ew->bus))
		return -EAGAIN;
	return ret;
}

static int eswifi_firmware_identify(struct eswifi *ew)
{
	char serial[sizeof(ew->serial)] = {};
	struct eswifi_identity id = {};
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_firmware_ask_identity(ew, &id);
	if (ret == -EAGAIN)
		return ret;
	if (ret) {
		strscpy(ew->text,
			"the prompt came, but I? is not answered, or not each time the same: not the SPI firmware with AT commands, or clock and signals are at their limit",
			sizeof(ew->text));
		return ret;
	}
	ret = eswifi_at(ew, &reply, "Z5");
	if (!ret)
		ret = eswifi_at_mac(&reply, id.mac);
	if (ret) {
		strscpy(ew->text, "I? is answered, but Z5 gives no MAC address",
			sizeof(ew->text));
		return ret;
	}

	/* Not every firmware tells its serial number: nothing depends on it. */
	ret = eswifi_at(ew, &reply, "ZS");
	if (!ret)
		eswifi_at_text(&reply, serial, sizeof(serial));
	else if (eswifi_answered(ew, ret))
		return ret;

	if (memcmp(ew->identity.mac, id.mac, sizeof(id.mac)))
		eswifi_cert_forget_module(ew);
	/* Users read these at any time: nearly always they stay what they were. */
	if (memcmp(&ew->identity, &id, sizeof(id)))
		ew->identity = id;
	if (strcmp(ew->serial, serial))
		strscpy(ew->serial, serial, sizeof(ew->serial));
	WRITE_ONCE(ew->firmware.kind, eswifi_firmware_find(id.firmware));
	return 0;
}

/**
 * eswifi_firmware_learn() - ask a module that has booted what it is and can do
 * @ew: the module
 *
 * Writes nothing into the module. Only in a job.
 *
 * Return: 0; or as eswifi_exchange(), and eswifi.text may say what to look at.
 */
int eswifi_firmware_learn(struct eswifi *ew)
{
	return eswifi_firmware_identify(ew) ?: eswifi_firmware_probe(ew);
}

/**
 * eswifi_firmware_show() - text of firmware_features
 * @ew: the module
 * @buf: out: one page, of a sysfs attribute
 *
 * One line of words: what the firmware can do, then "guarded:" and what is guarded
 * against.
 *
 * Return: bytes of the text.
 */
ssize_t eswifi_firmware_show(struct eswifi *ew, char *buf)
{
	const struct eswifi_firmware *fw = &ew->firmware;
	ssize_t len;
	int i;

	len = sysfs_emit(buf, "%s sets=%u%s%s%s%s guarded:",
			 READ_ONCE(fw->kind)->version ? "known" : "unknown",
			 READ_ONCE(fw->sets), READ_ONCE(fw->tells_slots) ? " slots" : "",
			 READ_ONCE(fw->tells_set) ? " set-readback" : "",
			 READ_ONCE(fw->pads_empty) ? " pads-empty" : "",
			 READ_ONCE(fw->counts) ? " counted-reads" : "");
	for (i = 0; i < ESWIFI_GUARDS; i++)
		if (eswifi_firmware_guards(ew, i))
			len += sysfs_emit_at(buf, len, " %s", eswifi_guard_names[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}
