// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of provisioning: a module with one-time slots that can lose power
 * at any exchange, and can lie, counts what is burnt.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "fake_module.h"
#include "test_pem.h"

#define MATCH		"\r\n[CERTS   ] Match\r\nOK\r\n> "
#define ITEM_USED	"\r\n[CERTS   ] Selected item unavailable (used)\r\nERROR\r\n> "
#define FLASH_ERROR	"\r\n[PG     ] DCT Write failed: 5\r\nERROR\r\n> "
#define OK(body)	"\r\n" body "\r\nOK\r\n> "
#define ERROR		"\r\n\r\nERROR\r\n> "
/* What a module that has lost its power says next. */
#define PROMPT		"\r\n> "

/* Ways in which a module's flash can fail its owner */
enum cert_lie {
	HONEST,
	LIE_NOT_STORED,		/* OK, but nothing is stored */
	LIE_FLIPPED,		/* OK, but one bit of it is another */
	LIE_FLASH_ERROR,	/* an error, and nothing is stored */
	LIE_LATE_ERROR,		/* an error, though it was stored */
	LIE_NO_MATCH,		/* the same bytes are OK, but not a Match */
	LIE_PE,			/* PE goes on to call the item free */
};

/**
 * struct cert_module - the module of these tests
 * @fake: how the driver is connected to it
 * @firmware: version that it tells
 * @stored: what its flash holds, NULL for nothing
 * @len: how much
 * @burns: writes that changed the flash
 * @compares: writes to a used item
 * @selected: set that PF chose, -1 after a reset
 * @lie: how it fails
 * @liar: which item fails
 * @one_argument: knows only the short form of PF
 * @no_pe: has no PE
 * @exchanges: commands about certificates so far
 * @cut_at: power goes at this one, counted from 1; 0 never
 * @cut_first: before the command is done, not after
 * @interrupt: task that gets a signal while the first PG runs
 * @interrupted: completed when that task has left
 * @seen: the commands, without data, with ';' between
 */
struct cert_module {
	struct eswifi_fake fake;
	const char *firmware;
	u8 *stored[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	size_t len[ESWIFI_CERT_SETS][ESWIFI_CERT_ITEMS];
	int burns;
	int compares;
	int selected;
	enum cert_lie lie;
	unsigned int liar;
	bool one_argument;
	bool no_pe;
	int exchanges;
	int cut_at;
	bool cut_first;
	struct task_struct *interrupt;
	struct completion interrupted;
	char seen[512];
};

/**
 * struct cert_files - where provisioning takes its files from in these tests
 * @source: as provisioning sees it
 * @name: name that must be asked for
 * @text: the files; NULL if there is none
 * @error: what reading one ends in, or 0
 * @again: to be called on the first loading, NULL for nothing
 * @again_ret: what @again returned
 */
struct cert_files {
	struct eswifi_cert_source source;
	const char *name;
	const char *text[ESWIFI_CERT_ITEMS];
	int error[ESWIFI_CERT_ITEMS];
	int (*again)(struct eswifi *ew, const char *name,
		     const struct eswifi_cert_source *source);
	int again_ret;
};

struct cert_ctx {
	struct cert_module module;
	struct cert_files files;
	struct eswifi *ew;
};

/* ----------------------------------------------------------- the module */

static const char *cert_store(struct cert_module *m, unsigned int set, unsigned int item,
			      const u8 *data, size_t len)
{
	bool lies = m->lie != HONEST && m->liar == item;
	bool same = m->stored[set][item] && m->len[set][item] == len &&
		    !memcmp(m->stored[set][item], data, len);

	if (m->stored[set][item])
		m->compares++;
	if (same)
		return lies && m->lie == LIE_NO_MATCH ? OK("") : MATCH;
	if (m->stored[set][item] && set < 3)
		return ITEM_USED;
	if (lies && m->lie == LIE_NOT_STORED)
		return OK("");
	if (lies && m->lie == LIE_FLASH_ERROR)
		return FLASH_ERROR;

	m->burns++;
	kfree(m->stored[set][item]);
	m->stored[set][item] = kmemdup(data, len, GFP_KERNEL);
	m->len[set][item] = len;
	if (!m->stored[set][item])
		return ERROR;
	if (lies && m->lie == LIE_FLIPPED)
		m->stored[set][item][len / 2] ^= 1;
	return lies && m->lie == LIE_LATE_ERROR ? FLASH_ERROR : OK("");
}

static int cert_slots_reply(struct cert_module *m, unsigned int set, u8 *reply, size_t size)
{
	int free[ESWIFI_CERT_ITEMS], i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		free[i] = !m->stored[set][i] || (m->lie == LIE_PE && m->liar == i);
	return scnprintf(reply, size, OK("%d,%d,%d"), free[0], free[1], free[2]);
}

static int cert_answer(struct cert_module *m, const char *text, const u8 *data, size_t rest,
		       u8 *reply, size_t size)
{
	unsigned int set, item, len;
	const char *answer = ERROR;

	if (sscanf(text, "PG=%u,%u,%u", &set, &item, &len) == 3) {
		if (m->interrupt) {
			send_sig(SIGINT, m->interrupt, 1);
			m->interrupt = NULL;
			wait_for_completion_timeout(&m->interrupted, 10 * HZ);
		}
		/* One byte may pad it to an even length. */
		if (set < ESWIFI_CERT_SETS && item < ESWIFI_CERT_ITEMS && len <= rest &&
		    rest <= len + 1)
			answer = cert_store(m, set, item, data, len);
	} else if (sscanf(text, "PE=%u", &set) == 1) {
		if (set < ESWIFI_CERT_SETS && !m->no_pe)
			return cert_slots_reply(m, set, reply, size);
	} else if (sscanf(text, "PF=0,%u", &set) == 1) {
		if (!m->one_argument) {
			m->selected = set;
			answer = OK("");
		}
	} else if (sscanf(text, "PF=%u", &set) == 1) {
		m->selected = set;
		answer = OK("");
	}
	return scnprintf(reply, size, "%s", answer);
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
		return scnprintf(reply, size, OK("C4:7F:51:01:02:03"));
	if (text[0] != 'P')
		return scnprintf(reply, size, OK(""));

	strlcat(m->seen, text, sizeof(m->seen));
	strlcat(m->seen, ";", sizeof(m->seen));
	cut = ++m->exchanges == m->cut_at;
	if (cut && m->cut_first)
		return scnprintf(reply, size, PROMPT);
	ret = cert_answer(m, text, end + 1, len - (end + 1 - cmd), reply, size);
	return cut ? scnprintf(reply, size, PROMPT) : ret;
}

/* ------------------------------------------------------------ the files */

static ssize_t cert_load(const struct eswifi_cert_source *source, struct eswifi *ew,
			 const char *path, void *buf, size_t size)
{
	struct cert_files *files = container_of(source, struct cert_files, source);
	typeof(files->again) again;
	char expect[128];
	size_t len;
	int i;

	again = files->again;
	files->again = NULL;
	if (again)
		files->again_ret = again(ew, files->name, source);
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		snprintf(expect, sizeof(expect), "inventek/%s/%s.pem", files->name,
			 eswifi_cert_item_names[i]);
		if (strcmp(path, expect))
			continue;
		if (files->error[i])
			return files->error[i];
		if (!files->text[i])
			return -ENOENT;
		len = strlen(files->text[i]);
		if (len > size)
			return -EFBIG;
		memcpy(buf, files->text[i], len);
		return len;
	}
	return -EACCES;
}

static int cert_provision(struct cert_ctx *ctx)
{
	ctx->module.exchanges = 0;
	ctx->module.seen[0] = '\0';
	return eswifi_cert_provision_from(ctx->ew, ctx->files.name, &ctx->files.source);
}

static void cert_erase(struct cert_module *m)
{
	int set, item;

	for (set = 0; set < ESWIFI_CERT_SETS; set++) {
		for (item = 0; item < ESWIFI_CERT_ITEMS; item++) {
			kfree(m->stored[set][item]);
			m->stored[set][item] = NULL;
		}
	}
	m->burns = 0;
	m->compares = 0;
}

static bool cert_holds(struct cert_module *m, int set, int item, const char *text)
{
	return m->stored[set][item] && m->len[set][item] == strlen(text) &&
	       !memcmp(m->stored[set][item], text, strlen(text));
}

/* The slot gets data from somewhere else, as in a factory. */
static void cert_fill(struct kunit *test, int set, int item, const char *text)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.stored[set][item] = kstrdup(text, GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->module.stored[set][item]);
	ctx->module.len[set][item] = strlen(text);
}

static void cert_expect_status(struct kunit *test, const char *part)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_EXPECT_NOT_ERR_OR_NULL_MSG(test, strstr(ctx->ew->cert.status, part),
					 "no '%s' in cert_status: %s", part,
					 ctx->ew->cert.status);
}

static int cert_test_init(struct kunit *test)
{
	struct cert_ctx *ctx;

	ctx = kunit_kzalloc(test, sizeof(*ctx), GFP_KERNEL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx);
	test->priv = ctx;
	ctx->module.firmware = "C3.5.2.5.STM";
	ctx->module.fake.command = cert_command;
	ctx->module.fake.priv = &ctx->module;
	init_completion(&ctx->module.interrupted);
	ctx->files.source.load = cert_load;
	ctx->files.name = "site-a";
	ctx->files.text[ESWIFI_CERT_CA] = TEST_PEM_CA;
	ctx->files.text[ESWIFI_CERT_CERT] = TEST_PEM_CERT;
	ctx->files.text[ESWIFI_CERT_KEY] = TEST_PEM_KEY;
	ctx->ew = eswifi_fake_create(test, &ctx->module.fake);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, ctx->ew);
	return 0;
}

static void cert_test_exit(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	if (!ctx || IS_ERR_OR_NULL(ctx->ew))
		return;
	eswifi_fake_destroy(&ctx->module.fake);
	cert_erase(&ctx->module);
}

/* A newer firmware, as after an update: the module tells when it is reset. */
static void cert_update_firmware(struct kunit *test, const char *firmware)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.firmware = firmware;
	KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
}

/* --------------------------------------------------- the way it should go */

static void cert_fresh_set_is_programmed_and_proved(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	char expect[256];

	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, m->burns, 3);
	KUNIT_EXPECT_EQ(test, m->compares, 3);
	KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 0, TEST_PEM_CA));
	KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 1, TEST_PEM_CERT));
	KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 2, TEST_PEM_KEY));
	snprintf(expect, sizeof(expect),
		 "PF=0,0;PE=0;PG=0,0,%04zu;PG=0,0,%04zu;PG=0,1,%04zu;PG=0,1,%04zu;PG=0,2,%04zu;PG=0,2,%04zu;PE=0;",
		 strlen(TEST_PEM_CA), strlen(TEST_PEM_CA), strlen(TEST_PEM_CERT),
		 strlen(TEST_PEM_CERT), strlen(TEST_PEM_KEY), strlen(TEST_PEM_KEY));
	KUNIT_EXPECT_STREQ(test, m->seen, expect);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 0: ca=programmed cert=programmed key=programmed");
	/* Nothing of the key stays behind in what went over the wire. */
	KUNIT_EXPECT_NULL(test, memchr_inv(ctx->ew->bus.tx, 0, ESWIFI_TX_SIZE));
}

static void cert_second_run_only_compares(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 3);
	KUNIT_EXPECT_EQ(test, ctx->module.compares, 6);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 0: ca=match cert=match key=match");
}

/* What connections are judged by is what the set holds now. */
static void cert_new_slots_are_known_at_once(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_TRUE(test, ctx->ew->cert.known & BIT(0));
	for (i = 0; i < ESWIFI_CERT_ITEMS; i++)
		KUNIT_EXPECT_TRUE(test, ctx->ew->cert.used[0][i]);

	/* What a failure leaves is not known. */
	cert_erase(&ctx->module);
	ctx->module.lie = LIE_FLASH_ERROR;
	KUNIT_ASSERT_EQ(test, cert_provision(ctx), -EIO);
	KUNIT_EXPECT_FALSE(test, ctx->ew->cert.known & BIT(0));
}

static void cert_ca_alone_leaves_the_rest(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->files.text[ESWIFI_CERT_CERT] = NULL;
	ctx->files.text[ESWIFI_CERT_KEY] = NULL;
	cert_fill(test, 0, ESWIFI_CERT_CERT, TEST_PEM_CERT);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 1);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 0: ca=programmed cert=kept key=free");
}

static void cert_active_set_is_meant(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->ew->cert.set = 2;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.selected, 2);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 2, 2, TEST_PEM_KEY));
	KUNIT_EXPECT_NULL(test, ctx->module.stored[0][0]);
}

static void cert_short_form_of_pf_is_tried(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.one_argument = true;
	ctx->ew->cert.set = 1;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.selected, 1);
	KUNIT_EXPECT_EQ(test, strncmp(ctx->module.seen, "PF=0,1;PF=1;PE=1;", 17), 0);
}

/* Set 3 can be written anew: other data are replaced, not refused. */
static void cert_rewritable_set_is_rewritten(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_update_firmware(test, "C6.2.1.11");
	ctx->ew->cert.set = 3;
	cert_fill(test, 3, ESWIFI_CERT_CA, TEST_PEM_OTHER_CA);
	cert_fill(test, 3, ESWIFI_CERT_CERT, TEST_PEM_CERT);
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_TRUE(test, cert_holds(&ctx->module, 3, 0, TEST_PEM_CA));
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 2);
	KUNIT_EXPECT_STREQ(test, ctx->ew->cert.status,
			   "done site-a set 3: ca=programmed cert=match key=programmed");
}

static void cert_set_the_firmware_lacks_is_refused(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->ew->cert.set = 3;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EINVAL);
	KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
}

/* -------------------------------------------- nothing is burnt for nothing */

static void cert_other_data_stop_before_anything_is_burnt(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < ESWIFI_CERT_ITEMS; i++) {
		cert_erase(&ctx->module);
		cert_fill(test, 0, i, TEST_PEM_OTHER_CA);
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
		KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
		KUNIT_EXPECT_EQ(test, ctx->module.compares, 1);
		cert_expect_status(test, "failed site-a: set 0 holds another ");
		cert_expect_status(test, eswifi_cert_item_names[i]);
	}
}

static void cert_unknown_slots_stop_before_anything_is_burnt(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->module.no_pe = true;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EREMOTEIO);
	KUNIT_EXPECT_STREQ(test, ctx->module.seen, "PF=0,0;PE=0;");
	cert_expect_status(test, "cannot tell what set 0 holds");
}

/* Each file in turn is unsound, missing, too long or not to be read. */
static void cert_unsound_files_never_reach_the_module(struct kunit *test)
{
	static const struct {
		const char *text[ESWIFI_CERT_ITEMS];
		int error[ESWIFI_CERT_ITEMS];
		int ret;
		const char *status;
	} cases[] = {
		{ { TEST_PEM_CA "x\n", TEST_PEM_CERT, TEST_PEM_KEY }, {}, -EBADMSG,
		  "failed site-a: ca.pem line 12: text behind" },
		{ { TEST_PEM_CA, TEST_PEM_KEY, TEST_PEM_CERT }, {}, -EINVAL,
		  "failed site-a: cert.pem line 1: a private key where" },
		{ { TEST_PEM_CA, TEST_PEM_CERT, TEST_PEM_KEY_ENCRYPTED }, {}, -EINVAL,
		  "failed site-a: key.pem line 1: an encrypted key" },
		{ { "no\n", TEST_PEM_CERT, TEST_PEM_KEY }, {}, -EBADMSG,
		  "failed site-a: ca.pem: no PEM block" },
		{ { NULL, TEST_PEM_CERT, TEST_PEM_KEY }, {}, -ENOENT, "ca.pem not found" },
		{ { NULL, NULL, NULL }, {}, -ENOENT, "ca.pem not found" },
		{ { TEST_PEM_CA, NULL, TEST_PEM_KEY }, {}, -ENOENT, "cert.pem not found" },
		{ { TEST_PEM_CA, TEST_PEM_CERT, NULL }, {}, -ENOENT, "key.pem not found" },
		{ { TEST_PEM_CA }, { 0, -EFBIG }, -EFBIG, "cert.pem: longer than 8192" },
		{ { TEST_PEM_CA }, { 0, 0, -EINVAL }, -EINVAL, "key.pem: cannot be read (-22)" },
	};
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		memcpy(ctx->files.text, cases[i].text, sizeof(cases[i].text));
		memcpy(ctx->files.error, cases[i].error, sizeof(cases[i].error));
		KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), cases[i].ret, "case %d", i);
		cert_expect_status(test, cases[i].status);
		KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
	}
}

static void cert_names_that_lead_elsewhere_are_refused(struct kunit *test)
{
	static const char * const bad[] = {
		"", ".", "..", ".hidden", "a/b", "../a", "a b", "a\n", "a\xc3\xa4", "a%s",
		"0123456789012345678901234567890123456789012345678901234567890123x",
	};
	static const char * const good[] = {
		"a", "Site_1.b-c", "-", "a..b",
		"0123456789012345678901234567890123456789012345678901234567890123",
	};
	struct cert_ctx *ctx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		ctx->files.name = bad[i];
		KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), -EINVAL, "name '%s'", bad[i]);
		KUNIT_EXPECT_EQ(test, ctx->module.exchanges, 0);
		cert_expect_status(test, "failed ?: a name");
	}
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		ctx->files.name = good[i];
		KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), 0, "name '%s'", good[i]);
	}
}

static void cert_only_one_runs_at_a_time(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	ctx->files.again = eswifi_cert_provision_from;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->files.again_ret, -EBUSY);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 3);
	cert_expect_status(test, "done site-a");
}

/* ------------------------------------------------------- things go wrong */

/* The same command finishes what a loss of power broke off, wherever it was. */
static void cert_power_may_go_at_any_exchange(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;
	int first, cut, all;

	KUNIT_ASSERT_EQ(test, cert_provision(ctx), 0);
	all = m->exchanges;
	KUNIT_ASSERT_EQ(test, all, 9);

	for (first = 0; first < 2; first++) {
		for (cut = 1; cut <= all; cut++) {
			cert_erase(m);
			/* As a reset finds it; also so that PF is sent every time. */
			KUNIT_ASSERT_EQ(test, eswifi_engine_reset(ctx->ew), 0);
			m->cut_first = first;
			m->cut_at = cut;
			KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), -EPROTO, "cut %d", cut);
			KUNIT_EXPECT_EQ_MSG(test, m->exchanges, cut, "cut %d", cut);
			cert_expect_status(test, "failed site-a: ");

			m->cut_at = 0;
			KUNIT_EXPECT_EQ_MSG(test, cert_provision(ctx), 0, "cut %d", cut);
			KUNIT_EXPECT_EQ_MSG(test, m->burns, 3, "cut %d", cut);
			KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 0, TEST_PEM_CA));
			KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 1, TEST_PEM_CERT));
			KUNIT_EXPECT_TRUE(test, cert_holds(m, 0, 2, TEST_PEM_KEY));
			cert_expect_status(test, "done site-a");
		}
	}
}

/* Which lie, what comes of it, and what of a second run by an honest module */
struct cert_lie_case {
	const char *name;
	enum cert_lie lie;
	int error, again;
};

static const struct cert_lie_case cert_lies[] = {
	{ "OK without storing", LIE_NOT_STORED, -EIO, 0 },
	{ "a flipped bit", LIE_FLIPPED, -EIO, -EEXIST },
	{ "error in flash", LIE_FLASH_ERROR, -EIO, 0 },
	{ "error, yet stored", LIE_LATE_ERROR, -EIO, 0 },
	{ "no Match", LIE_NO_MATCH, -EIO, 0 },
	{ "PE calls it free", LIE_PE, -EIO, 0 },
};

static void cert_lie_name(const struct cert_lie_case *lie, char *desc)
{
	strscpy(desc, lie->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(cert_lies, cert_lies, cert_lie_name);

static void cert_lie_is_found_out(struct kunit *test)
{
	const struct cert_lie_case *lie = test->param_value;
	struct cert_ctx *ctx = test->priv;
	struct cert_module *m = &ctx->module;

	for (m->liar = 0; m->liar < ESWIFI_CERT_ITEMS; m->liar++) {
		cert_erase(m);
		m->lie = lie->lie;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), lie->error);
		cert_expect_status(test, eswifi_cert_item_names[m->liar]);
		/* What comes behind the liar was not touched. */
		if (lie->lie != LIE_PE)
			KUNIT_EXPECT_LE(test, m->burns, (int)m->liar + 1);

		m->lie = HONEST;
		KUNIT_EXPECT_EQ(test, cert_provision(ctx), lie->again);
		if (!lie->again)
			KUNIT_EXPECT_EQ(test, m->burns, 3);
	}
}

static void cert_used_item_must_answer_match(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;

	cert_fill(test, 0, ESWIFI_CERT_CA, TEST_PEM_CA);
	ctx->module.lie = LIE_NO_MATCH;
	ctx->module.liar = ESWIFI_CERT_CA;
	KUNIT_EXPECT_EQ(test, cert_provision(ctx), -EEXIST);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 0);
}

struct cert_writer {
	struct cert_ctx *ctx;
	int ret;
};

static int cert_writer(void *arg)
{
	struct cert_writer *writer = arg;
	struct cert_ctx *ctx = writer->ctx;

	allow_signal(SIGINT);
	ctx->module.interrupt = current;
	writer->ret = cert_provision(ctx);
	complete(&ctx->module.interrupted);
	/* So that its task is there for as long as a signal may come. */
	while (!kthread_should_stop()) {
		flush_signals(current);
		msleep_interruptible(1);
	}
	return 0;
}

/* Who leaves while an item is written stops what is next, not its proof. */
static void cert_writer_may_leave_between_items_only(struct kunit *test)
{
	struct cert_ctx *ctx = test->priv;
	struct cert_writer writer = { .ctx = ctx };
	struct task_struct *task;
	char expect[128];
	int i;

	task = kthread_run(cert_writer, &writer, "eswifi-cert-test");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (i = 0; i < 1000 && !strstarts(ctx->ew->cert.status, "failed"); i++)
		msleep(20);
	kthread_stop(task);
	KUNIT_EXPECT_EQ(test, writer.ret, -EINTR);
	cert_expect_status(test, "failed site-a: interrupted");
	snprintf(expect, sizeof(expect), "PF=0,0;PE=0;PG=0,0,%04zu;PG=0,0,%04zu;",
		 strlen(TEST_PEM_CA), strlen(TEST_PEM_CA));
	KUNIT_EXPECT_STREQ(test, ctx->module.seen, expect);

	KUNIT_EXPECT_EQ(test, cert_provision(ctx), 0);
	KUNIT_EXPECT_EQ(test, ctx->module.burns, 3);
}

static struct kunit_case cert_provision_cases[] = {
	KUNIT_CASE(cert_fresh_set_is_programmed_and_proved),
	KUNIT_CASE(cert_second_run_only_compares),
	KUNIT_CASE(cert_new_slots_are_known_at_once),
	KUNIT_CASE(cert_ca_alone_leaves_the_rest),
	KUNIT_CASE(cert_active_set_is_meant),
	KUNIT_CASE(cert_short_form_of_pf_is_tried),
	KUNIT_CASE(cert_rewritable_set_is_rewritten),
	KUNIT_CASE(cert_set_the_firmware_lacks_is_refused),
	KUNIT_CASE(cert_other_data_stop_before_anything_is_burnt),
	KUNIT_CASE(cert_unknown_slots_stop_before_anything_is_burnt),
	KUNIT_CASE(cert_unsound_files_never_reach_the_module),
	KUNIT_CASE(cert_names_that_lead_elsewhere_are_refused),
	KUNIT_CASE(cert_only_one_runs_at_a_time),
	KUNIT_CASE(cert_power_may_go_at_any_exchange),
	KUNIT_CASE_PARAM(cert_lie_is_found_out, cert_lies_gen_params),
	KUNIT_CASE(cert_used_item_must_answer_match),
	KUNIT_CASE(cert_writer_may_leave_between_items_only),
	{}
};

static struct kunit_suite cert_provision_suite = {
	.name = "eswifi_cert_provision",
	.init = cert_test_init,
	.exit = cert_test_exit,
	.test_cases = cert_provision_cases,
};

kunit_test_suite(cert_provision_suite);
