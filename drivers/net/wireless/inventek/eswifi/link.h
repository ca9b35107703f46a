/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the parts of the link share: the network that is joined (link.c), the
 * access point that the module is instead (ap.c), and who sees to it that either
 * lasts (link_watch.c). Only on the worker.
 */
#ifndef ESWIFI_LINK_H
#define ESWIFI_LINK_H

#include "eswifi.h"

static inline bool eswifi_link_is_ap(const struct eswifi *ew)
{
	return ew->link.ap.ssid_len;
}

#define ESWIFI_LINK_DROPS \
	"this firmware drops bytes from 0x80 on: name and passphrase must be ASCII"

/* link.c */
bool eswifi_link_drops(struct eswifi *ew, const u8 *value, size_t len);
void eswifi_link_publish(struct eswifi *ew, const struct eswifi_link_info *info);
void eswifi_link_down(struct eswifi *ew);
int eswifi_link_quit(struct eswifi *ew);
int eswifi_link_enter(struct eswifi *ew, const struct eswifi_join *wish);
int eswifi_link_found(struct eswifi *ew);

/* ap.c */
int eswifi_ap_enter(struct eswifi *ew, const struct eswifi_ap *ap);
int eswifi_ap_quit(struct eswifi *ew);

/* link_watch.c */
void eswifi_link_watch(struct eswifi *ew);
int eswifi_link_check(struct eswifi *ew);

#endif /* ESWIFI_LINK_H */
