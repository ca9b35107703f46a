// SPDX-License-Identifier: GPL-2.0-only
/*
 * KUnit tests of the order of bytes on the wire, padding and stuffing.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include "at.h"

#define EXPECT_BYTES(test, got, want, n) \
	KUNIT_EXPECT_EQ(test, memcmp(got, want, n), 0)

static void frame_encode_even(struct kunit *test)
{
	u8 buf[] = "P4=8883\r";

	KUNIT_EXPECT_EQ(test, eswifi_frame_encode(buf, 8), 8);
	EXPECT_BYTES(test, buf, "4P8=88\r3", 9);
}

static void frame_encode_odd_is_padded(struct kunit *test)
{
	u8 buf[] = "I?\r..";

	KUNIT_EXPECT_EQ(test, eswifi_frame_encode(buf, 3), 4);
	EXPECT_BYTES(test, buf, "?I\n\r.", 6);
}

static void frame_encode_borders(struct kunit *test)
{
	u8 buf[] = "ab";

	KUNIT_EXPECT_EQ(test, eswifi_frame_encode(buf, 0), 0);
	EXPECT_BYTES(test, buf, "ab", 2);
	KUNIT_EXPECT_EQ(test, eswifi_frame_encode(buf, 1), 2);
	EXPECT_BYTES(test, buf, "\na", 2);
}

static void frame_swap_prompt(struct kunit *test)
{
	u8 buf[] = { 0x15, 0x15, 0x0a, 0x0d, 0x20, 0x3e };

	eswifi_frame_swap(buf, sizeof(buf));
	EXPECT_BYTES(test, buf, "\x15\x15\r\n> ", sizeof(buf));
}

static void frame_swap_leaves_a_last_odd_byte(struct kunit *test)
{
	u8 buf[] = "abc";

	eswifi_frame_swap(buf, 3);
	EXPECT_BYTES(test, buf, "bac", 4);
	eswifi_frame_swap(buf, 1);
	EXPECT_BYTES(test, buf, "bac", 4);
}

struct strip_case {
	const char *name;
	const char *in;
	size_t len;
	size_t start;
	size_t left;
};

static const struct strip_case strip_cases[] = {
	{ "nothing", "", 0, 0, 0 },
	{ "no stuffing", "\r\n> ", 4, 0, 4 },
	{ "before", "\x15\x15\r\n> ", 6, 2, 4 },
	{ "behind, one", "\r\n> \x15", 5, 0, 4 },
	{ "behind, three", "\r\n> \x15\x15\x15", 7, 0, 4 },
	{ "both", "\x15\r\n> \x15", 6, 1, 4 },
	{ "inside stays", "\x15\x15\r\n\x15\x15\r\nOK\r\n> \x15\x15", 16, 2, 12 },
	{ "nothing but", "\x15\x15\x15\x15", 4, 0, 0 },
};

static void strip_desc(const struct strip_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(strip, strip_cases, strip_desc);

static void frame_strip(struct kunit *test)
{
	const struct strip_case *c = test->param_value;
	const u8 *in = c->in, *start;

	KUNIT_EXPECT_EQ(test, eswifi_frame_strip(in, c->len, &start), c->left);
	KUNIT_EXPECT_PTR_EQ(test, start, in + c->start);
}

static struct kunit_case frame_cases[] = {
	KUNIT_CASE(frame_encode_even),
	KUNIT_CASE(frame_encode_odd_is_padded),
	KUNIT_CASE(frame_encode_borders),
	KUNIT_CASE(frame_swap_prompt),
	KUNIT_CASE(frame_swap_leaves_a_last_odd_byte),
	KUNIT_CASE_PARAM(frame_strip, strip_gen_params),
	{}
};

static struct kunit_suite frame_suite = {
	.name = "eswifi_frame",
	.test_cases = frame_cases,
};

kunit_test_suite(frame_suite);
