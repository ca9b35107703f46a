// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/class/eswifi/eswifiN: state and settings of a module, in the words that
 * network interfaces use. Documentation/ABI/testing/sysfs-class-eswifi.
 */
#include <linux/capability.h>
#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/string_helpers.h>
#include <linux/sysfs.h>

#include "eswifi.h"

static struct eswifi *to_eswifi(struct device *dev)
{
	return container_of(dev, struct eswifi, dev);
}

/* --------------------------------------------------------------- identity */

static ssize_t address_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%pM\n", to_eswifi(dev)->identity.mac);
}
static DEVICE_ATTR_RO(address);

static ssize_t model_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_eswifi(dev)->identity.model);
}
static DEVICE_ATTR_RO(model);

static ssize_t firmware_version_show(struct device *dev, struct device_attribute *attr,
				     char *buf)
{
	return sysfs_emit(buf, "%s\n", to_eswifi(dev)->identity.firmware);
}
static DEVICE_ATTR_RO(firmware_version);

static ssize_t firmware_features_show(struct device *dev, struct device_attribute *attr,
				      char *buf)
{
	return eswifi_firmware_show(to_eswifi(dev), buf);
}
static DEVICE_ATTR_RO(firmware_features);

static ssize_t serial_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", to_eswifi(dev)->serial);
}
static DEVICE_ATTR_RO(serial);

/* ------------------------------------------------------------------- link */

static struct eswifi_link_info eswifi_sysfs_link(struct device *dev)
{
	struct eswifi *ew = to_eswifi(dev);
	struct eswifi_link_info info;

	mutex_lock(&ew->config_lock);
	info = ew->link.info;
	mutex_unlock(&ew->config_lock);
	return info;
}

static ssize_t carrier_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", eswifi_sysfs_link(dev).state == ESWIFI_LINK_UP);
}
static DEVICE_ATTR_RO(carrier);

static ssize_t operstate_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	static const char * const names[] = {
		[ESWIFI_LINK_DOWN] = "down",
		[ESWIFI_LINK_JOINING] = "dormant",
		[ESWIFI_LINK_UP] = "up",
	};

	return sysfs_emit(buf, "%s\n", names[eswifi_sysfs_link(dev).state]);
}
static DEVICE_ATTR_RO(operstate);

static ssize_t mtu_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", ESWIFI_PAYLOAD_MAX);
}
static DEVICE_ATTR_RO(mtu);

static ssize_t ssid_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct eswifi_link_info info = eswifi_sysfs_link(dev);
	char text[sizeof("\\xhh") * ESWIFI_SSID_MAX];
	int len;

	/* A name may hold any byte, and stays one line that can be undone. */
	len = string_escape_mem(info.ssid, info.ssid_len, text, sizeof(text),
				ESCAPE_HEX | ESCAPE_NAP | ESCAPE_APPEND, "\\");
	return sysfs_emit(buf, "%.*s\n", len, text);
}
static DEVICE_ATTR_RO(ssid);

static ssize_t ip_address_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct eswifi_link_info info = eswifi_sysfs_link(dev);

	return sysfs_emit(buf, "%pI4\n", &info.ip);
}
static DEVICE_ATTR_RO(ip_address);

static ssize_t rssi_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct eswifi_link_info info;
	int ret;

	ret = eswifi_link_info(to_eswifi(dev), &info, 0);
	return ret ?: sysfs_emit(buf, "%d\n", info.rssi);
}
static DEVICE_ATTR_RO(rssi);

/* ------------------------------------------------------------------ radio */

static ssize_t country_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	char country[ESWIFI_COUNTRY_SIZE];
	int ret;

	ret = eswifi_country_get(to_eswifi(dev), country);
	return ret ?: sysfs_emit(buf, "%s\n", country);
}

static ssize_t country_store(struct device *dev, struct device_attribute *attr, const char *buf,
			     size_t count)
{
	char country[ESWIFI_COUNTRY_SIZE];
	size_t len = count;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (len && buf[len - 1] == '\n')
		len--;
	if (!len || len >= sizeof(country) || memchr(buf, '\0', len))
		return -EINVAL;
	memcpy(country, buf, len);
	country[len] = '\0';
	ret = eswifi_country_set(to_eswifi(dev), country);
	return ret ?: count;
}
static DEVICE_ATTR_RW(country);

static ssize_t power_save_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	bool on;
	int ret;

	ret = eswifi_power_save_get(to_eswifi(dev), &on);
	return ret ?: sysfs_emit(buf, "%d\n", on);
}

static ssize_t power_save_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	bool on;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	on = sysfs_streq(buf, "1");
	if (strlen(buf) != count || (!on && !sysfs_streq(buf, "0")))
		return -EINVAL;
	ret = eswifi_power_save_set(to_eswifi(dev), on);
	return ret ?: count;
}
static DEVICE_ATTR_RW(power_save);

/* ----------------------------------------------------------- certificates */

static const char * const eswifi_verify_modes[] = {
	[ESWIFI_VERIFY_NONE] = "none",
	[ESWIFI_VERIFY_OPTIONAL] = "optional",
	[ESWIFI_VERIFY_REQUIRED] = "required",
};

static ssize_t verify_mode_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct eswifi *ew = to_eswifi(dev);

	return sysfs_emit(buf, "%s\n", eswifi_verify_modes[READ_ONCE(ew->cert.mode)]);
}

static ssize_t verify_mode_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	static const char * const digits[] = { "0", "1", "2" };
	struct eswifi *ew = to_eswifi(dev);
	int mode;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	/* A byte of zero would end the comparison and hide what follows it. */
	if (strlen(buf) != count)
		return -EINVAL;
	mode = sysfs_match_string(eswifi_verify_modes, buf);
	if (mode < 0)
		mode = sysfs_match_string(digits, buf);
	if (mode < 0)
		return mode;
	if (!eswifi_cert_mode_works(ew, mode)) {
		dev_warn(dev,
			 "verify mode optional: this firmware never connects then: use required\n");
		return -EOPNOTSUPP;
	}
	mutex_lock(&ew->config_lock);
	WRITE_ONCE(ew->cert.mode, mode);
	mutex_unlock(&ew->config_lock);
	return count;
}
static DEVICE_ATTR_RW(verify_mode);

static ssize_t verify_modes_available_show(struct device *dev, struct device_attribute *attr,
					   char *buf)
{
	ssize_t len = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(eswifi_verify_modes); i++)
		if (eswifi_cert_mode_works(to_eswifi(dev), i))
			len += sysfs_emit_at(buf, len, "%s%s", len ? " " : "",
					     eswifi_verify_modes[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}
static DEVICE_ATTR_RO(verify_modes_available);

static ssize_t cert_set_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(to_eswifi(dev)->cert.set));
}

static ssize_t cert_set_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	struct eswifi *ew = to_eswifi(dev);
	unsigned int set;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	ret = strlen(buf) == count ? kstrtouint(buf, 10, &set) : -EINVAL;
	if (ret || set >= eswifi_cert_sets(ew))
		return -EINVAL;
	mutex_lock(&ew->config_lock);
	WRITE_ONCE(ew->cert.set, set);
	mutex_unlock(&ew->config_lock);
	return count;
}
static DEVICE_ATTR_RW(cert_set);

static ssize_t cert_slots_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return eswifi_cert_show_slots(to_eswifi(dev), buf);
}
static DEVICE_ATTR_RO(cert_slots);

static ssize_t eswifi_sysfs_provision(struct device *dev, u32 flags, const char *buf,
				      size_t count)
{
	struct eswifi_provision *p;
	size_t len = count;
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (len && buf[len - 1] == '\n')
		len--;
	if (!len || len >= sizeof(p->name) || memchr(buf, '\0', len))
		return -EINVAL;
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->flags = flags;
	p->set = ESWIFI_CERT_SET_DEFAULT;
	memcpy(p->name, buf, len);
	ret = eswifi_cert_provision(to_eswifi(dev), p, 0);
	kfree(p);
	return ret ?: count;
}

static ssize_t cert_provision_store(struct device *dev, struct device_attribute *attr,
				    const char *buf, size_t count)
{
	return eswifi_sysfs_provision(dev, 0, buf, count);
}
static DEVICE_ATTR_WO(cert_provision);

static ssize_t cert_verify_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	return eswifi_sysfs_provision(dev, ESWIFI_PROVISION_VERIFY, buf, count);
}
static DEVICE_ATTR_WO(cert_verify);

static ssize_t cert_status_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct eswifi *ew = to_eswifi(dev);
	ssize_t len;

	mutex_lock(&ew->config_lock);
	len = sysfs_emit(buf, "%s\n", ew->cert.status);
	mutex_unlock(&ew->config_lock);
	return len;
}
static DEVICE_ATTR_RO(cert_status);

/* --------------------------------------------------------------- recovery */

static ssize_t reset_store(struct device *dev, struct device_attribute *attr, const char *buf,
			   size_t count)
{
	int ret;

	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	if (strlen(buf) != count || !sysfs_streq(buf, "1"))
		return -EINVAL;
	ret = eswifi_engine_reset(to_eswifi(dev));
	return ret ?: count;
}
static DEVICE_ATTR_WO(reset);

static struct attribute *eswifi_attrs[] = {
	&dev_attr_address.attr,
	&dev_attr_carrier.attr,
	&dev_attr_cert_provision.attr,
	&dev_attr_cert_set.attr,
	&dev_attr_cert_slots.attr,
	&dev_attr_cert_status.attr,
	&dev_attr_cert_verify.attr,
	&dev_attr_country.attr,
	&dev_attr_firmware_features.attr,
	&dev_attr_firmware_version.attr,
	&dev_attr_ip_address.attr,
	&dev_attr_model.attr,
	&dev_attr_mtu.attr,
	&dev_attr_operstate.attr,
	&dev_attr_power_save.attr,
	&dev_attr_reset.attr,
	&dev_attr_rssi.attr,
	&dev_attr_serial.attr,
	&dev_attr_ssid.attr,
	&dev_attr_verify_mode.attr,
	&dev_attr_verify_modes_available.attr,
	NULL
};

static const struct attribute_group eswifi_group = {
	.attrs = eswifi_attrs,
};

/* ------------------------------------------------------------- statistics */

/* Counters that live in eswifi.stats carry their place in that array. */
#define ESWIFI_STAT_ATTR(name, stat)							\
	static struct dev_ext_attribute eswifi_stat_##name = {				\
		__ATTR(name, 0444, eswifi_stat_show, NULL), (void *)(stat)		\
	}

static ssize_t eswifi_stat_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct dev_ext_attribute *stat = container_of(attr, struct dev_ext_attribute, attr);

	return sysfs_emit(buf, "%llu\n",
			  (u64)atomic64_read(&to_eswifi(dev)->stats[(uintptr_t)stat->var]));
}

ESWIFI_STAT_ATTR(rx_bytes, ESWIFI_STAT_RX_BYTES);
ESWIFI_STAT_ATTR(tx_bytes, ESWIFI_STAT_TX_BYTES);
ESWIFI_STAT_ATTR(rx_packets, ESWIFI_STAT_RX_PACKETS);
ESWIFI_STAT_ATTR(tx_packets, ESWIFI_STAT_TX_PACKETS);
ESWIFI_STAT_ATTR(rx_errors, ESWIFI_STAT_RX_ERRORS);
ESWIFI_STAT_ATTR(tx_errors, ESWIFI_STAT_TX_ERRORS);
ESWIFI_STAT_ATTR(rx_dropped, ESWIFI_STAT_RX_DROPPED);
ESWIFI_STAT_ATTR(tx_dropped, ESWIFI_STAT_TX_DROPPED);
ESWIFI_STAT_ATTR(empty_polls, ESWIFI_STAT_EMPTY_POLLS);
ESWIFI_STAT_ATTR(exchanges, ESWIFI_STAT_EXCHANGES);
ESWIFI_STAT_ATTR(timeouts, ESWIFI_STAT_TIMEOUTS);
ESWIFI_STAT_ATTR(resets, ESWIFI_STAT_RESETS);
ESWIFI_STAT_ATTR(messages, ESWIFI_STAT_MESSAGES);
ESWIFI_STAT_ATTR(odd_replies, ESWIFI_STAT_ODD_REPLIES);

/* The bus counts for itself; a number read while it changes is still a number. */
static ssize_t stuffing_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_eswifi(dev)->bus.stuffing));
}
static DEVICE_ATTR_RO(stuffing);

static ssize_t spurious_interrupts_show(struct device *dev, struct device_attribute *attr,
					char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(to_eswifi(dev)->bus.spurious));
}
static DEVICE_ATTR_RO(spurious_interrupts);

static struct attribute *eswifi_stat_attrs[] = {
	&eswifi_stat_empty_polls.attr.attr,
	&eswifi_stat_exchanges.attr.attr,
	&eswifi_stat_messages.attr.attr,
	&eswifi_stat_odd_replies.attr.attr,
	&eswifi_stat_resets.attr.attr,
	&eswifi_stat_rx_bytes.attr.attr,
	&eswifi_stat_rx_dropped.attr.attr,
	&eswifi_stat_rx_errors.attr.attr,
	&eswifi_stat_rx_packets.attr.attr,
	&dev_attr_spurious_interrupts.attr,
	&dev_attr_stuffing.attr,
	&eswifi_stat_timeouts.attr.attr,
	&eswifi_stat_tx_bytes.attr.attr,
	&eswifi_stat_tx_dropped.attr.attr,
	&eswifi_stat_tx_errors.attr.attr,
	&eswifi_stat_tx_packets.attr.attr,
	NULL
};

static const struct attribute_group eswifi_stat_group = {
	.name = "statistics",
	.attrs = eswifi_stat_attrs,
};

const struct attribute_group *eswifi_groups[] = {
	&eswifi_group,
	&eswifi_stat_group,
	NULL
};
