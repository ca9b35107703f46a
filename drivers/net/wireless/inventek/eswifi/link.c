// SPDX-License-Identifier: GPL-2.0-only
/*
 * The Wi-Fi link: joining and leaving a network, and the addresses that come
 * with it.
 *
 * Only the worker changes eswifi.link. It does so under config_lock, for those
 * who read it elsewhere; the worker itself reads it without.
 */
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "link.h"

/**
 * struct eswifi_link_job - join, leave, or measure the signal
 * @job: the job
 * @wish: what to join; holds the passphrase, so the job is wiped when freed
 * @rssi: out: signal strength in dBm
 */
struct eswifi_link_job {
	struct eswifi_job job;
	struct eswifi_join wish;
	int rssi;
};

static void eswifi_link_job_free(struct eswifi_job *job)
{
	kfree_sensitive(container_of(job, struct eswifi_link_job, job));
}

static struct eswifi_link_job *eswifi_link_job_alloc(struct eswifi *ew, u64 owner,
						     int (*run)(struct eswifi_job *job))
{
	struct eswifi_link_job *lj;

	lj = kzalloc(sizeof(*lj), GFP_KERNEL);
	if (lj) {
		eswifi_job_init(&lj->job, ew, run, eswifi_link_job_free);
		lj->job.owner = owner;
	}
	return lj;
}

/* ------------------------------------------------------------------ state */

/**
 * eswifi_link_publish() - the link has changed: tell everybody
 * @ew: the module
 * @info: its state from now on
 */
void eswifi_link_publish(struct eswifi *ew, const struct eswifi_link_info *info)
{
	u32 before;

	mutex_lock(&ew->config_lock);
	before = ew->link.info.state;
	ew->link.info = *info;
	ew->link.rssi = 0;
	mutex_unlock(&ew->config_lock);
	/* What it had joined by itself is this, or has been left. */
	ew->firmware.joined = false;

	if (info->state == before)
		return;
	sysfs_notify(&ew->dev.kobj, NULL, "operstate");
	if (info->state != ESWIFI_LINK_UP && before != ESWIFI_LINK_UP)
		return;
	sysfs_notify(&ew->dev.kobj, NULL, "carrier");
	eswifi_event(ew, info->state == ESWIFI_LINK_UP ? "link-up" : "link-down");
}

void eswifi_link_down(struct eswifi *ew)
{
	static const struct eswifi_link_info down = { .state = ESWIFI_LINK_DOWN };

	eswifi_link_publish(ew, &down);
}

/* Without @st there are no addresses. */
static void eswifi_link_set(struct eswifi *ew, u32 state, const struct eswifi_join *join,
			    const struct eswifi_station *st)
{
	struct eswifi_link_info info = {
		.state = state,
		.security = join->security,
		.ssid_len = join->ssid_len,
	};
	int i;

	memcpy(info.ssid, join->ssid, join->ssid_len);
	if (st) {
		memcpy(&info.ip, st->ip, sizeof(info.ip));
		memcpy(&info.mask, st->mask, sizeof(info.mask));
		memcpy(&info.gateway, st->gateway, sizeof(info.gateway));
		memcpy(info.dns, st->dns, sizeof(info.dns));
		for (i = 0; i < ARRAY_SIZE(info.dns); i++)
			if (info.dns[i] == htonl(INADDR_BROADCAST))
				info.dns[i] = 0;
	}
	eswifi_link_publish(ew, &info);
}

static void eswifi_link_set_wish(struct eswifi *ew, const struct eswifi_join *wish)
{
	mutex_lock(&ew->config_lock);
	if (wish)
		ew->link.wish = *wish;
	else
		memzero_explicit(&ew->link.wish, sizeof(ew->link.wish));
	mutex_unlock(&ew->config_lock);
}

/* ---------------------------------------------------------------- leaving */

/* That the module refuses to leave a network only says that it is in none. */
static int eswifi_link_disconnect(struct eswifi *ew)
{
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_answered(ew, eswifi_at(ew, &reply, "CD"));
	/* After no answer the reset tells the connections, or their removal. */
	if (!ret)
		eswifi_sockets_lost(ew, -ENETDOWN, "the network was left");
	return ret;
}

static int eswifi_link_leave_network(struct eswifi *ew)
{
	int ret;

	ret = eswifi_link_disconnect(ew);
	if (ret == -ECANCELED)
		return ret;
	/* If there was no answer the reset that follows ends the link as well. */
	eswifi_link_set_wish(ew, NULL);
	eswifi_link_down(ew);
	return ret;
}

/**
 * eswifi_link_quit() - be in no network, and no access point
 * @ew: the module
 *
 * Return: 0, or as eswifi_exchange().
 */
int eswifi_link_quit(struct eswifi *ew)
{
	if (eswifi_link_is_ap(ew))
		return eswifi_ap_quit(ew);
	if (ew->link.info.state == ESWIFI_LINK_UP || ew->firmware.joined)
		return eswifi_link_leave_network(ew);
	/* One that is only waited for */
	eswifi_link_set_wish(ew, NULL);
	eswifi_link_down(ew);
	return 0;
}

static int eswifi_link_leave_run(struct eswifi_job *job)
{
	/* Asked of the module even if the driver knows of no network: someone may
	 * have joined through the AT channel.
	 */
	return eswifi_link_is_ap(job->ew) ? 0 : eswifi_link_leave_network(job->ew);
}

/**
 * eswifi_link_leave() - leave the network, forget its passphrase
 * @ew: the module
 * @owner: the file that asks, 0 for none
 *
 * Not being in a network is no error; an access point goes on.
 *
 * Return: 0, or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_link_leave(struct eswifi *ew, u64 owner)
{
	struct eswifi_link_job *lj;
	int ret;

	lj = eswifi_link_job_alloc(ew, owner, eswifi_link_leave_run);
	if (!lj)
		return -ENOMEM;
	ret = eswifi_job_call(&lj->job);
	eswifi_job_put(&lj->job);
	return ret;
}

/* ---------------------------------------------------------------- joining */

static bool eswifi_link_is_hex(const u8 *text, size_t len)
{
	while (len && isxdigit(*text)) {
		text++;
		len--;
	}
	return !len;
}

static bool eswifi_link_key_fits(u32 security, const u8 *key, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (iscntrl(key[i]))
			return false;
	switch (security) {
	case ESWIFI_SECURITY_OPEN:
		return !len;
	case ESWIFI_SECURITY_WEP:
		return len == 5 || len == 13 ||
		       ((len == 10 || len == 26) && eswifi_link_is_hex(key, len));
	default:
		return (len >= 8 && len <= 63) || (len == 64 && eswifi_link_is_hex(key, len));
	}
}

/* Bits from the left, and none behind the first that is missing; 0 is none. */
static bool eswifi_link_is_mask(__be32 mask)
{
	u32 host = ~ntohl(mask);

	return mask && !(host & (host + 1));
}

static bool eswifi_link_is_host(__be32 ip, __be32 mask)
{
	__be32 host = ip & ~mask;

	if (ipv4_is_zeronet(ip) || ipv4_is_multicast(ip) || ipv4_is_lbcast(ip))
		return false;
	/* The first and the last of a network with room for both stand for all. */
	return ntohl(~mask) < 3 || (host && host != ~mask);
}

static const char *eswifi_link_address_fault(const struct eswifi_join *wish)
{
	if (!(wish->flags & ESWIFI_JOIN_STATIC))
		return NULL;
	if (!eswifi_link_is_mask(wish->mask))
		return "this is no network mask";
	if (!eswifi_link_is_host(wish->ip, wish->mask))
		return "the address is that of no host";
	if (wish->gateway && (!eswifi_link_is_host(wish->gateway, wish->mask) ||
			      (wish->gateway ^ wish->ip) & wish->mask))
		return "the gateway is not in the network of the address";
	return NULL;
}

/**
 * eswifi_link_drops() - would the firmware drop bytes of this from a command?
 * @ew: the module
 * @value: a name or passphrase
 * @len: its bytes
 *
 * It would join another network, or with another passphrase, and say OK.
 *
 * Return: true if so.
 */
bool eswifi_link_drops(struct eswifi *ew, const u8 *value, size_t len)
{
	if (!eswifi_firmware_guards(ew, ESWIFI_GUARD_ASCII))
		return false;
	while (len && isascii(*value)) {
		value++;
		len--;
	}
	return len;
}

static const char *eswifi_link_fault(struct eswifi *ew, const struct eswifi_join *wish)
{
	if (wish->security > ESWIFI_SECURITY_WPA_WPA2)
		return "security is none of those known";
	if (!wish->ssid_len || eswifi_at_check_value(wish->ssid, wish->ssid_len, ESWIFI_SSID_MAX))
		return "the network's name cannot be sent to the module";
	if (wish->passphrase_len > ESWIFI_PASSPHRASE_MAX ||
	    !eswifi_link_key_fits(wish->security, wish->passphrase, wish->passphrase_len))
		return "the passphrase does not fit the security";
	if (eswifi_link_drops(ew, wish->ssid, wish->ssid_len) ||
	    eswifi_link_drops(ew, wish->passphrase, wish->passphrase_len))
		return ESWIFI_LINK_DROPS;
	return eswifi_link_address_fault(wish);
}

static bool eswifi_link_already(const struct eswifi_reply *reply)
{
	static const char text[] = "Already connected";

	return strnstr(reply->body, text, reply->body_len) ||
	       strnstr(reply->error, text, reply->error_len);
}

/* A name server that is not given must not stay that of a network before. */
static int eswifi_link_name_server(struct eswifi *ew, const char *command, __be32 ip)
{
	struct eswifi_reply reply;

	if (!ip)
		ip = htonl(INADDR_BROADCAST);
	return eswifi_at(ew, &reply, "%s=%pI4", command, &ip);
}

static int eswifi_link_addresses(struct eswifi *ew, const struct eswifi_join *wish)
{
	struct eswifi_reply reply;
	int ret;

	if (!(wish->flags & ESWIFI_JOIN_STATIC))
		return eswifi_at(ew, &reply, "C4=1");
	ret = eswifi_at(ew, &reply, "C4=0");
	if (!ret)
		ret = eswifi_at(ew, &reply, "C6=%pI4", &wish->ip);
	if (!ret)
		ret = eswifi_at(ew, &reply, "C7=%pI4", &wish->mask);
	if (!ret)
		ret = eswifi_at(ew, &reply, "C8=%pI4", &wish->gateway);
	if (!ret)
		ret = eswifi_link_name_server(ew, "C9", wish->dns[0]);
	if (!ret)
		ret = eswifi_link_name_server(ew, "CA", wish->dns[1]);
	return ret;
}

static int eswifi_link_configure(struct eswifi *ew, const struct eswifi_join *wish)
{
	struct eswifi_reply reply;
	int ret;

	ret = eswifi_at(ew, &reply, "C1=%.*s", wish->ssid_len, wish->ssid);
	if (!ret && wish->passphrase_len)
		ret = eswifi_at(ew, &reply, "C2=%.*s", wish->passphrase_len, wish->passphrase);
	if (!ret)
		ret = eswifi_at(ew, &reply, "C3=%u", wish->security);
	return ret ?: eswifi_link_addresses(ew, wish);
}

/* @st: out: addresses, those that the module told */
static int eswifi_link_connect(struct eswifi *ew, const struct eswifi_join *wish,
			       struct eswifi_station *st)
{
	struct eswifi_reply reply;
	u8 ip[4];
	int ret;

	ret = eswifi_link_configure(ew, wish);
	if (ret)
		return ret;
	ret = eswifi_at(ew, &reply, "C0");
	/* By its own auto-join, or by a command in the AT channel. */
	if (ret == -EREMOTEIO && eswifi_link_already(&reply)) {
		ret = eswifi_link_disconnect(ew);
		if (!ret)
			ret = eswifi_at(ew, &reply, "C0");
	}
	if (ret)
		return ret == -EREMOTEIO ? -ECONNREFUSED : ret;
	if (eswifi_at_join(&reply, wish->ssid, wish->ssid_len, ip)) {
		ret = eswifi_link_disconnect(ew);
		strscpy(ew->text, "joined, but got no address", sizeof(ew->text));
		return ret ?: -ECONNREFUSED;
	}

	/* The rest is good to know, but the link stands without. */
	ret = eswifi_at(ew, &reply, "C?");
	if (!ret && eswifi_at_station(&reply, st))
		memset(st, 0, sizeof(*st));
	/* That reply shows the passphrase. */
	memzero_explicit(ew->bus.rx, ESWIFI_RX_SIZE);
	memcpy(st->ip, ip, sizeof(st->ip));
	ret = eswifi_answered(ew, ret);
	/* The module is in the network, also if nobody waits for that any more. */
	return ret == -ECANCELED ? 0 : ret;
}

/**
 * eswifi_link_enter() - join a network
 * @ew: the module, in no network
 * @wish: the network
 *
 * Only on the worker.
 *
 * Return: 0 and the link is up; -ECONNREFUSED the module could not join; or as
 * eswifi_exchange().
 */
int eswifi_link_enter(struct eswifi *ew, const struct eswifi_join *wish)
{
	struct eswifi_station st = {};
	int ret;

	ret = eswifi_link_connect(ew, wish, &st);
	if (ret)
		return ret;
	eswifi_link_set(ew, ESWIFI_LINK_UP, wish, &st);
	eswifi_link_watch(ew);
	return 0;
}

/**
 * eswifi_link_found() - the module may have joined a network by itself
 * @ew: the module, which has just booted
 *
 * Its own settings (CC) can make it do so. Nobody has wished for that network: it is
 * shown, and watched, but not joined again when it is lost.
 *
 * Only on the worker. Return: 0, or as eswifi_exchange().
 */
int eswifi_link_found(struct eswifi *ew)
{
	struct eswifi_join join = {};
	struct eswifi_station st = {};
	struct eswifi_reply reply;
	int ret;

	if (!ew->firmware.joined)
		return 0;
	ew->firmware.joined = false;
	ret = eswifi_at(ew, &reply, "C?");
	if (!ret && eswifi_at_station(&reply, &st))
		memset(&st, 0, sizeof(st));
	/* That reply shows the passphrase. */
	memzero_explicit(ew->bus.rx, ESWIFI_RX_SIZE);
	ret = eswifi_answered(ew, ret);
	if (ret)
		return ret;
	join.security = st.security;
	join.ssid_len = st.ssid_len;
	memcpy(join.ssid, st.ssid, st.ssid_len);
	dev_info(&ew->dev, "the module is in the network %*pE by its own settings\n",
		 (int)join.ssid_len, join.ssid);
	eswifi_link_set(ew, ESWIFI_LINK_UP, &join, &st);
	eswifi_link_watch(ew);
	return 0;
}

static int eswifi_link_join_run(struct eswifi_job *job)
{
	struct eswifi_link_job *lj = container_of(job, struct eswifi_link_job, job);
	struct eswifi *ew = job->ew;
	int ret;

	/* Leave first, so that a failure has one outcome: in no network. */
	ret = eswifi_link_quit(ew);
	if (ret)
		return ret;
	eswifi_link_set(ew, ESWIFI_LINK_JOINING, &lj->wish, NULL);
	ret = eswifi_link_enter(ew, &lj->wish);
	if (ret)
		eswifi_link_down(ew);
	else
		eswifi_link_set_wish(ew, &lj->wish);
	return ret;
}

/**
 * eswifi_link_join() - join a network, leaving the present one
 * @ew: the module
 * @wish: the network; the caller wipes it
 * @owner: the file that asks, 0 for none
 * @text: out: of ESWIFI_TEXT_SIZE bytes, why it failed; untouched if there is
 *	nothing to say
 *
 * A network that was joined is joined again whenever it is lost, until it is left
 * or another is joined.
 *
 * Return: 0; -EINVAL; -ECONNREFUSED the module could not join; or as
 * eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_link_join(struct eswifi *ew, const struct eswifi_join *wish, u64 owner, char *text)
{
	const char *fault = eswifi_link_fault(ew, wish);
	struct eswifi_link_job *lj;
	int ret;

	if (fault) {
		strscpy(text, fault, ESWIFI_TEXT_SIZE);
		return -EINVAL;
	}
	lj = eswifi_link_job_alloc(ew, owner, eswifi_link_join_run);
	if (!lj)
		return -ENOMEM;
	lj->wish = *wish;
	ret = eswifi_job_call_text(&lj->job, text);
	eswifi_job_put(&lj->job);
	return ret;
}

/* ------------------------------------------------------------ information */

static int eswifi_link_measure_run(struct eswifi_job *job)
{
	struct eswifi_link_job *lj = container_of(job, struct eswifi_link_job, job);
	struct eswifi *ew = job->ew;
	struct eswifi_reply reply;
	long rssi = 0;
	int ret;

	if (ew->link.info.state != ESWIFI_LINK_UP || eswifi_link_is_ap(ew))
		return 0;
	/* Anybody may ask; a measurement keeps the module busy for 300 ms. */
	if (ew->link.rssi && time_before(jiffies, ew->link.measured + HZ)) {
		lj->rssi = ew->link.rssi;
		return 0;
	}
	ew->link.rssi = 0;
	ret = eswifi_at(ew, &reply, "CR");
	if (!ret && !eswifi_at_number(&reply, &rssi) && rssi) {
		ew->link.rssi = rssi;
		ew->link.measured = jiffies;
		lj->rssi = rssi;
		return 0;
	}
	/* No signal: it may have lost its network, which it never says by itself. */
	ret = eswifi_answered(ew, ret);
	if (!ret)
		ret = eswifi_link_check(ew);
	return ret == -ENETDOWN ? 0 : ret;
}

/**
 * eswifi_link_info() - state of the link; measures the signal if it is up
 * @ew: the module
 * @info: out: the state; size is the caller's
 * @owner: the file that asks, 0 for none
 *
 * Return: 0, or as eswifi_exchange() and eswifi_job_call(); -ENOMEM.
 */
int eswifi_link_info(struct eswifi *ew, struct eswifi_link_info *info, u64 owner)
{
	struct eswifi_link_job *lj;
	int rssi = 0;
	int ret;

	if (READ_ONCE(ew->link.info.state) == ESWIFI_LINK_UP) {
		lj = eswifi_link_job_alloc(ew, owner, eswifi_link_measure_run);
		if (!lj)
			return -ENOMEM;
		ret = eswifi_job_call(&lj->job);
		if (!ret)
			rssi = lj->rssi;
		eswifi_job_put(&lj->job);
		if (ret)
			return ret;
	}
	mutex_lock(&ew->config_lock);
	*info = ew->link.info;
	mutex_unlock(&ew->config_lock);
	if (info->state == ESWIFI_LINK_UP)
		info->rssi = rssi;
	memcpy(info->mac, ew->identity.mac, sizeof(info->mac));
	return 0;
}
