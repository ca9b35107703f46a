// SPDX-License-Identifier: GPL-2.0-only
/* A module with certificate sets for KUnit, and files to put into them. */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_cert.h"
#include "test_pem.h"

#define MATCH		"\r\n[CERTS   ] Match\r\nOK\r\n> "
#define ITEM_USED	"\r\n[CERTS   ] Selected item unavailable (used)\r\nERROR\r\n> "
#define FLASH_ERROR	"\r\n[PG     ] DCT Write failed: 5\r\nERROR\r\n> "
#define FLASH_DAMAGED	"\r\n[CERTS  ] Failed to write to iFlash: 4\r\n[CERTS  ] Failed to write to iFlash: -1\r\n\r\n\r\nERROR\r\n> "
#define CUT		"\r\nData mismatch, 450 bytes received!\r\n> "
#define OK(body)	"\r\n" body "\r\nOK\r\n> "
#define ERROR		"\r\n\r\nERROR\r\n> "
/* What a module that has lost its power says next. */
#define PROMPT		"\x15\x15\r\n> "

/* ----------------------------------------------------------- the module */

/* Items are compared as C strings. */
static bool cert_same(const u8 *a, size_t a_len, const u8 *b, size_t b_len)
{
	a_len = strnlen(a, a_len);
	b_len = strnlen(b, b_len);
	return a_len == b_len && !memcmp(a, b, a_len);
}

/* @data: all that came behind the header, which may be more or less than announced */
static const char *cert_store(struct cert_module *m, unsigned int set, unsigned int item,
			      const u8 *data, size_t len, bool cut)
{
	bool lies = m->lie != HONEST && m->liar == item;
	bool same = m->stored[set][item] &&
		    cert_same(m->stored[set][item], m->len[set][item], data, len);

	cut |= lies && m->lie == LIE_CUT;
	if (m->stored[set][item])
		m->compares++;
	if (lies && m->lie == LIE_MATCH_ALL)
		return MATCH;
	if (same)
		return lies && m->lie == LIE_NO_MATCH ? OK("") : m->no_match ? ITEM_USED :
		       cut ? CUT MATCH : MATCH;
	if (m->stored[set][item] && set < 3)
		return ITEM_USED;
	if (lies && m->lie == LIE_NOT_STORED)
		return OK("");
	if (lies && m->lie == LIE_FLASH_ERROR)
		return FLASH_ERROR;
	if (lies && m->lie == LIE_FLASH_DAMAGED)
		return FLASH_DAMAGED;

	m->burns++;
	kfree(m->stored[set][item]);
	m->stored[set][item] = kmemdup(data, len, GFP_KERNEL);
	m->len[set][item] = len;
	if (!m->stored[set][item])
		return ERROR;
	if (lies && m->lie == LIE_FLIPPED)
		m->stored[set][item][len / 2] ^= 1;
	return lies && m->lie == LIE_LATE_ERROR ? FLASH_ERROR : cut ? CUT OK("") : OK("");
}

static int cert_slots_reply(struct cert_module *m, unsigned int set, u8 *reply, size_t size)
{
	int free[ESWIFI_CERT_ITEMS], i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		free[i] = !(m->torn[set] & BIT(i)) &&
			  (!m->stored[set][i] || (m->lie == LIE_PE && m->liar == i)) &&
			  !(m->lie == LIE_PE_USED && m->liar == i);
	return scnprintf(reply, size, OK("%d,%d,%d"), free[0], free[1], free[2]);
}

static const char *cert_select(struct cert_module *m, unsigned int set)
{
	if (set >= m->sets && !m->any_set)
		return ERROR;
	m->selected = m->any_set ? 0 : set;
	return OK("");
}

/* @data: @rest bytes that came behind the header, the pad among them */
static int cert_answer(struct cert_module *m, const char *text, const u8 *data, size_t rest,
		       u8 *reply, size_t size)
{
	unsigned int set, item, len;
	const char *answer = ERROR;
	size_t room = m->frame_max ? m->frame_max - strlen(text) - 1 : rest;

	if (sscanf(text, "PG=%u,%u,%u", &set, &item, &len) == 3) {
		if (m->interrupt) {
			send_sig(SIGINT, m->interrupt, 1);
			m->interrupt = NULL;
			wait_for_completion_timeout(&m->interrupted, 10 * HZ);
		}
		if (set >= ESWIFI_CERT_SETS || item >= ESWIFI_CERT_ITEMS)
			return scnprintf(reply, size, ERROR);
		if (m->torn[set] & BIT(item))
			return m->torn_crashes ? scnprintf(reply, size, PROMPT) : -1;
		/* What pads the frame is stored as well. */
		answer = cert_store(m, set, item, data, min(rest, room), len > min(rest, room));
	} else if (sscanf(text, "PE=%u", &set) == 1) {
		if (set < m->sets && !m->no_pe)
			return cert_slots_reply(m, set, reply, size);
	} else if (!strcmp(text, "PF")) {
		if (!m->no_pf_read)
			return scnprintf(reply, size, OK("%d,2"), max(m->selected, 0));
	} else if (sscanf(text, "PF=0,%u", &set) == 1) {
		if (!m->one_argument)
			answer = cert_select(m, set);
	} else if (sscanf(text, "PF=%u", &set) == 1) {
		if (m->one_argument)
			answer = cert_select(m, set);
	}
	return scnprintf(reply, size, "%s", answer);
}

static int cert_cut(struct cert_module *m, u8 *reply, size_t size)
{
	return m->cut_silent ? -1 : scnprintf(reply, size, PROMPT);
}

static int cert_command(struct eswifi_fake *fake, const u8 *cmd, size_t len, u8 *reply,
			size_t size)
{
	struct cert_module *m = fake->priv;
	const u8 *end = memchr(cmd, '\r', len);
	char text[32] = {};
	bool cut;
	int ret;

	if (!end || end - cmd >= sizeof(text))
		return scnprintf(reply, size, ERROR);
	memcpy(text, cmd, end - cmd);
	if (!strcmp(text, "I?")) {
		m->selected = -1;
		return scnprintf(reply, size,
				 OK("ISM43362-M3G-L44-SPI,%s,v3,v1,v8,120000000,Inventek eS-WiFi"),
				 m->firmware);
	}
	if (!strcmp(text, "Z5"))
		return scnprintf(reply, size, OK("%s"), m->mac);
	if (text[0] != 'P')
		return scnprintf(reply, size, OK(""));

	strlcat(m->seen, text, sizeof(m->seen));
	strlcat(m->seen, ";", sizeof(m->seen));
	cut = ++m->exchanges == m->cut_at;
	fake->mute = m->exchanges == m->mute_at;
	if (cut && m->cut_first)
		return cert_cut(m, reply, size);
	ret = cert_answer(m, text, end + 1, fake->frame_len - (end + 1 - cmd), reply, size);
	return cut ? cert_cut(m, reply, size) : ret;
}

/* ------------------------------------------------------------ the files */

static const char *cert_find(const struct cert_files *files, const char * const *general,
			     const char *name, unsigned int item)
{
	size_t len = strlen(files->name);

	if (!strcmp(name, files->name))
		return general[item];
	if (!strncmp(name, files->name, len) && !strcmp(name + len, "/c4:7f:51:01:02:03"))
		return general == files->text ? files->own[item] : NULL;
	return ERR_PTR(-EACCES);
}

static ssize_t cert_give(const char *text, void *buf, size_t size)
{
	if (IS_ERR_OR_NULL(text))
		return text ? PTR_ERR(text) : -ENOENT;
	if (strlen(text) > size)
		return -EFBIG;
	memcpy(buf, text, strlen(text));
	return strlen(text);
}

static ssize_t cert_load(const struct eswifi_cert_source *source, struct eswifi *ew,
			 const char *name, unsigned int item, void *buf, size_t size)
{
	struct cert_files *files = container_of(source, struct cert_files, source);
	struct cert_ctx *ctx = container_of(files, struct cert_ctx, files);
	struct eswifi_provision p = ctx->p;
	typeof(files->again) again;

	again = files->again;
	files->again = NULL;
	if (again)
		files->again_ret = again(ew, &p, 0, files->sources);
	if (files->error[item] && !strchr(name, '/'))
		return files->error[item];
	return cert_give(cert_find(files, files->text, name, item), buf, size);
}

static ssize_t cert_load_second(const struct eswifi_cert_source *source, struct eswifi *ew,
				const char *name, unsigned int item, void *buf, size_t size)
{
	struct cert_files *files = container_of(source, struct cert_files, second);

	return cert_give(cert_find(files, files->keyring, name, item), buf, size);
}

int cert_provision(struct cert_ctx *ctx)
{
	ctx->module.exchanges = 0;
	ctx->module.seen[0] = '\0';
	memset(&ctx->p, 0, sizeof(ctx->p));
	ctx->p.flags = ctx->flags;
	ctx->p.set = ESWIFI_CERT_SET_DEFAULT;
	strscpy(ctx->p.name, ctx->files.name, sizeof(ctx->p.name));
	return eswifi_cert_provision_from(ctx->ew, &ctx->p, 0, ctx->files.sources);
}

void cert_erase(struct cert_module *m)
{
	int set, item;

	for (set = 0; set < ESWIFI_CERT_SETS; set++) {
		for (item = 0; item < ESWIFI_CERT_ITEMS; item++) {
			kfree(m->stored[set][item]);
			m->stored[set][item] = NULL;
		}
	}
	memset(m->torn, 0, sizeof(m->torn));
	m->burns = 0;
	m->compares = 0;
}

bool cert_holds(struct cert_module *m, int set, int item, const char *text)
{
	return m->stored[set][item] && m->len[set][item] == strlen(text) &&
	       !memcmp(m->stored[set][item], text, strlen(text));
}

/* The slot gets data from somewhere else, as in a factory. */
void cert_fill(struct kunit *test, int set, int item, const char *text)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.stored[set][item] = kstrdup(text, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->module.stored[set][item]);
	ctx->module.len[set][item] = strlen(text);
}

void cert_expect_status(struct kunit *test, const char *part)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, strstr(ctx->ew->cert.status, part),
					 "no '%s' in cert_status: %s", part,
					 ctx->ew->cert.status);
}

/* What the driver asked at boot is not what these tests are about. */
static void cert_forget_questions(struct cert_module *m)
{
	m->seen[0] = '\0';
	m->exchanges = 0;
}

int cert_test_init(struct kunit *test)
{
	struct cert_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	ctx->module.firmware = "C3.5.2.5.STM";
	ctx->module.sets = 3;
	ctx->module.mac = "C4:7F:51:01:02:03";
	ctx->module.fake.command = cert_command;
	ctx->module.fake.priv = &ctx->module;
	init_completion(&ctx->module.interrupted);
	ctx->files.source.load = cert_load;
	ctx->files.source.from = ESWIFI_FROM_FILE;
	ctx->files.second.load = cert_load_second;
	ctx->files.second.from = ESWIFI_FROM_KEYRING;
	ctx->files.sources[0] = &ctx->files.source;
	ctx->files.sources[1] = &ctx->files.second;
	ctx->files.name = "site-a";
	ctx->files.text[ESWIFI_CERT_CA] = TEST_RSA_CA;
	ctx->files.text[ESWIFI_CERT_CERT] = TEST_RSA_CERT;
	ctx->files.text[ESWIFI_CERT_KEY] = TEST_RSA_KEY;
	ctx->ew = eswifi_fake_create(test, &ctx->module.fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	cert_forget_questions(&ctx->module);
	return 0;
}

void cert_test_exit(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	if (!ctx || IS_ERR_OR_NULL(ctx->ew))
		return;
	eswifi_fake_destroy(&ctx->module.fake);
	cert_erase(&ctx->module);
}

/* A newer firmware with a set 3, as after an update: the module tells when it is reset. */
void cert_update_firmware(struct kunit *test, const char *firmware)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.firmware = firmware;
	ctx->module.sets = 4;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
	cert_forget_questions(&ctx->module);
}
