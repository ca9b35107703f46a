// SPDX-License-Identifier: GPL-2.0-only
/* The firmware that certificate files are judged and made for, by the driver's own table. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cert.h"

/*
 * The firmware of this @version, or else of the module, or else of none: then the
 * strictest. @set may be ESWIFI_CERT_SET_DEFAULT.
 */
void cert_target_find(struct cert_target *target, const struct device *device,
		      const char *version, unsigned int set)
{
	char value[VALUE_SIZE];

	memset(target, 0, sizeof(*target));
	if (version)
		snprintf(target->version, sizeof(target->version), "%s", version);
	else if (!device_read_attribute(device, "firmware_version", value, sizeof(value)))
		snprintf(target->version, sizeof(target->version), "%.100s", value);
	target->kind = eswifi_firmware_find(target->version);
	target->set = set;
	if (set == ESWIFI_CERT_SET_DEFAULT)
		target->set = device_read_attribute(device, "cert_set", value, sizeof(value)) ? 0 :
			      strtoul(value, NULL, 10);
}

const char *cert_target_name(const struct cert_target *target)
{
	return *target->version ? target->version : "the strictest firmware";
}

bool cert_target_guards(const struct cert_target *target, enum eswifi_guard guard)
{
	return target->kind->guards & 1UL << guard;
}

unsigned int cert_item_max(const struct cert_target *target, int item)
{
	return eswifi_firmware_kind_max(target->kind, target->set, item);
}
