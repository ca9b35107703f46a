// SPDX-License-Identifier: GPL-2.0-only
/*
 * A scripted module in place of the hardware, for KUnit.
 *
 * It is a machine of its own: what it does follows from chip select, clocked
 * bytes, reset and its timer, never from what the driver expects. With all
 * times at 0 a phase begins while chip select still rises, the hardest case for
 * whoever waits for it.
 */
#include <kunit/test.h>
#include <linux/ctype.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/jiffies.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "fake_module.h"

#define CMD_SIZE	(2 * ESWIFI_TX_SIZE)

/* Real firmware looks no further for the end of a command. */
#define FRAME_SIZE	2048

static void fake_tick(struct eswifi_fake *fake);

/* The timer's next tick; a delay of 0 passes at once. */
static void fake_delay(struct eswifi_fake *fake, unsigned int ms)
{
	if (ms)
		schedule_delayed_work(&fake->timer, msecs_to_jiffies(ms));
	else
		fake_tick(fake);
}

static void fake_set_ready(struct eswifi_fake *fake, bool ready)
{
	bool edge = ready && !fake->ready;

	fake->ready = ready;
	if (fake->level)
		edge = ready && fake->armed;
	if (!edge || fake->lose_edges)
		return;
	fake->armed = false;
	eswifi_bus_edge(fake->bus);
}

/* Real firmware does nothing any more after this, until its reset. */
static void fake_die(struct eswifi_fake *fake)
{
	fake->forbidden++;
	fake->state = ESWIFI_FAKE_DEAD;
	fake_set_ready(fake, false);
}

static void fake_load(struct eswifi_fake *fake)
{
	/* Another byte each time: it is the clock, not the firmware. */
	if (fake->too_fast && fake->reply_len > 6)
		fake->reply[fake->damaged++ % (fake->reply_len - 4)] ^= 0x20;
	fake->reply_pos = 0;
	fake->state = ESWIFI_FAKE_DATA;
	fake_set_ready(fake, true);
}

static void fake_tick(struct eswifi_fake *fake)
{
	static const u8 prompt[] = { 0x15, 0x15, '\r', '\n', '>', ' ' };

	switch (fake->state) {
	case ESWIFI_FAKE_RESET:
		fake->reply_len = fake->prompt ? fake->prompt_len : sizeof(prompt);
		memcpy(fake->reply, fake->prompt ?: prompt, fake->reply_len);
		fake_load(fake);
		break;
	case ESWIFI_FAKE_TAKEN:
		if (fake->looks < fake->high_looks ||
		    ktime_us_delta(ktime_get(), fake->taken_at) < fake->fall_us)
			break;
		fake_set_ready(fake, false);
		fake->state = ESWIFI_FAKE_BUSY;
		if (fake->spurious_edge)
			eswifi_bus_edge(fake->bus);
		fake_delay(fake, fake->reply_ms);
		break;
	case ESWIFI_FAKE_BUSY:
		if (fake->glitched < fake->glitches) {
			fake->glitched++;
			fake->state = ESWIFI_FAKE_GLITCH;
			fake_set_ready(fake, true);
		} else {
			fake_load(fake);
		}
		break;
	case ESWIFI_FAKE_PAUSE:
		fake->state = ESWIFI_FAKE_CMD;
		fake->cmd_len = 0;
		fake_set_ready(fake, true);
		break;
	default:
		break;
	}
}

static void fake_timer(struct work_struct *work)
{
	struct eswifi_fake *fake = container_of(work, struct eswifi_fake, timer.work);

	mutex_lock(&fake->lock);
	fake_tick(fake);
	mutex_unlock(&fake->lock);
}

/* Bytes of the command without what is clocked behind it; 0 if it is cut short. */
static size_t fake_command_len(const u8 *cmd, size_t len)
{
	static const char * const payload[] = { "S3=", "PG=", "PC=", "PD=", "ZO=" };
	const u8 *cr = memchr(cmd, '\r', len);
	size_t head, count = 0, i;

	if (!cr)
		return 0;
	head = cr - cmd + 1;
	for (i = 0; i < ARRAY_SIZE(payload); i++) {
		const u8 *digit = cr;

		if (head < 4 || memcmp(cmd, payload[i], 3))
			continue;
		/* the number before the CR */
		while (digit > cmd && isdigit(digit[-1]))
			digit--;
		while (digit < cr)
			count = count * 10 + *digit++ - '0';
	}
	return head + count <= len ? head + count : 0;
}

/* Would real firmware take this for a command, or is it dead after it? */
static bool fake_is_command(const u8 *cmd, size_t len)
{
	const u8 *cr = memchr(cmd, '\r', min_t(size_t, len, FRAME_SIZE));
	const u8 *p;

	if (!cr || cr == cmd || *cmd == '\n' || !*cmd)
		return false;
	for (p = cmd; p < cr; p++)
		if (*p < 0x80)
			return true;
	return false;
}

static void fake_execute(struct eswifi_fake *fake)
{
	int len;

	eswifi_frame_swap(fake->cmd, fake->cmd_len);
	fake->frame_len = fake->cmd_len;
	if (!fake_is_command(fake->cmd, fake->cmd_len)) {
		fake_die(fake);
		return;
	}
	fake->cmd_len = fake_command_len(fake->cmd, fake->cmd_len);
	if (!fake->cmd_len) {
		fake_die(fake);
		return;
	}
	fake->commands++;
	memset(fake->reply, ESWIFI_NAK, fake->early_stuffing);
	len = fake->command(fake, fake->cmd, fake->cmd_len, fake->reply + fake->early_stuffing,
			    ESWIFI_FAKE_REPLY_SIZE - fake->early_stuffing);
	if (len < 0) {
		fake->state = ESWIFI_FAKE_DEAD;
		fake_set_ready(fake, false);
		return;
	}
	fake->reply_len = fake->early_stuffing + len;
	fake->glitched = 0;
	fake->looks = 0;
	fake->state = ESWIFI_FAKE_TAKEN;
	if (fake->late_edge)
		eswifi_bus_edge(fake->bus);
	fake->taken_at = ktime_get();
	fake_tick(fake);
}

static void fake_select(struct eswifi_fake *fake)
{
	if (fake->selected)
		return;
	fake->selected = true;
	if (fake->state == ESWIFI_FAKE_TAKEN)
		fake_die(fake);
	else if (fake->state == ESWIFI_FAKE_CMD)
		fake->cmd_len = 0;
	else if (fake->state == ESWIFI_FAKE_DATA && fake->reply_pos)
		fake->reselected++;
}

static void fake_release(struct eswifi_fake *fake)
{
	fake->selected = false;
	switch (fake->state) {
	case ESWIFI_FAKE_CMD:
		fake_execute(fake);
		break;
	case ESWIFI_FAKE_GLITCH:
		/* Nobody need have looked for the line to have fallen again. */
		if (!fake->ready) {
			fake->state = ESWIFI_FAKE_BUSY;
			fake_delay(fake, fake->reply_ms);
		}
		break;
	case ESWIFI_FAKE_DATA:
		if (!fake->ready) {
			fake->state = fake->mute ? ESWIFI_FAKE_DEAD : ESWIFI_FAKE_PAUSE;
			fake->mute = false;
			fake_delay(fake, fake->pause_ms);
		}
		break;
	default:
		break;
	}
}

/* One word of a reply, in wire order: the second byte comes first. */
static void fake_reply_word(struct eswifi_fake *fake, u8 *word)
{
	size_t pos = fake->reply_pos;
	/* A word of stuffing ends each. */
	size_t end = round_up(fake->reply_len, 2) + 2;

	word[1] = pos < fake->reply_len ? fake->reply[pos] : ESWIFI_NAK;
	word[0] = pos + 1 < fake->reply_len ? fake->reply[pos + 1] : ESWIFI_NAK;
	fake->reply_pos += 2;
	fake->read_bytes += 2;
	if (fake->reply_pos > end)
		fake->over_read = max(fake->over_read, fake->reply_pos - end);
	if (fake->reply_pos >= end + fake->late_fall && !fake->endless)
		fake_set_ready(fake, false);
}

static void fake_clock(struct eswifi_fake *fake, const u8 *tx, u8 *rx, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 2) {
		u8 word[2] = { ESWIFI_NAK, ESWIFI_NAK };

		if (fake->state == ESWIFI_FAKE_RESET) {
			memset(word, 0xff, sizeof(word));
		} else if (fake->state == ESWIFI_FAKE_DATA) {
			fake_reply_word(fake, word);
		} else if (fake->state == ESWIFI_FAKE_GLITCH) {
			fake_set_ready(fake, false);
		} else if (fake->state == ESWIFI_FAKE_CMD && fake->cmd_len + 2 <= CMD_SIZE) {
			fake->cmd[fake->cmd_len++] = tx ? tx[i] : 0;
			fake->cmd[fake->cmd_len++] = tx ? tx[i + 1] : 0;
		}
		if (rx)
			memcpy(rx + i, word, 2);
	}
}

static struct eswifi_fake *to_fake(struct eswifi_bus *bus)
{
	return container_of(bus->ops, struct eswifi_fake, ops);
}

static int fake_transfer(struct eswifi_bus *bus, const void *tx, void *rx, size_t len,
			 bool hold)
{
	struct eswifi_fake *fake = to_fake(bus);
	int ret = 0;

	mutex_lock(&fake->lock);
	if (++fake->transfers == fake->fault_at) {
		ret = -EIO;
		len = 0;
		hold = false;
	}
	if (len || hold)
		fake_select(fake);
	if (len % 2)
		ret = -EINVAL;	/* the driver must not do that */
	else
		fake_clock(fake, tx, rx, len);
	if (fake->selected && !hold)
		fake_release(fake);
	mutex_unlock(&fake->lock);
	return ret;
}

static int fake_data_ready(struct eswifi_bus *bus)
{
	struct eswifi_fake *fake = to_fake(bus);
	int ready;

	mutex_lock(&fake->lock);
	if (fake->state == ESWIFI_FAKE_TAKEN) {
		fake->looks++;
		fake_tick(fake);
	}
	ready = fake->ready;
	if (fake->stuck != ESWIFI_FAKE_FREE)
		ready = fake->stuck == ESWIFI_FAKE_STUCK_HIGH;
	mutex_unlock(&fake->lock);
	return ready;
}

/* The worker has seen the line low. */
static void fake_arm(struct eswifi_bus *bus)
{
	struct eswifi_fake *fake = to_fake(bus);

	mutex_lock(&fake->lock);
	fake->armed = true;
	if (fake->level && fake->ready)
		fake_set_ready(fake, true);
	mutex_unlock(&fake->lock);
}

/* Nothing of what was before is left. */
static void fake_boot(struct eswifi_fake *fake)
{
	fake->boots++;
	fake->state = ESWIFI_FAKE_RESET;
	fake_set_ready(fake, fake->floats);
	if (!fake->no_boot)
		fake_delay(fake, fake->boot_ms);
}

static void fake_set_reset(struct eswifi_bus *bus, bool hold)
{
	struct eswifi_fake *fake = to_fake(bus);

	if (hold && !fake->deaf && !fake->deaf_ms)
		cancel_delayed_work_sync(&fake->timer);
	mutex_lock(&fake->lock);
	if (hold) {
		fake->resets++;
		fake->reset_at = ktime_get();
		if (!fake->deaf && !fake->deaf_ms) {
			fake->state = ESWIFI_FAKE_RESET;
			fake_set_ready(fake, fake->floats);
		}
	} else if (fake->unpowered ||
		   (!fake->deaf &&
		    ktime_ms_delta(ktime_get(), fake->reset_at) >= fake->deaf_ms)) {
		fake->unpowered = false;
		fake_boot(fake);
	}
	mutex_unlock(&fake->lock);
}

static void fake_set_power(struct eswifi_bus *bus, bool on)
{
	struct eswifi_fake *fake = to_fake(bus);

	cancel_delayed_work_sync(&fake->timer);
	mutex_lock(&fake->lock);
	fake->unpowered = true;
	fake->state = ESWIFI_FAKE_RESET;
	fake_set_ready(fake, false);
	mutex_unlock(&fake->lock);
}

static bool fake_slower(struct eswifi_bus *bus)
{
	struct eswifi_fake *fake = to_fake(bus);

	if (!fake->too_fast)
		return false;
	fake->too_fast--;
	return true;
}

/**
 * eswifi_fake_attach - put a scripted module on a bus, powered but not reset
 * @test: whose memory it takes
 * @fake: the module, its script and faults set
 * @bus: the bus, with its buffers
 *
 * Return: 0 or -ENOMEM.
 */
int eswifi_fake_attach(struct kunit *test, struct eswifi_fake *fake, struct eswifi_bus *bus)
{
	fake->cmd = kunit_kzalloc(test, CMD_SIZE, GFP_KERNEL);
	fake->reply = kunit_kzalloc(test, ESWIFI_FAKE_REPLY_SIZE, GFP_KERNEL);
	if (!fake->cmd || !fake->reply)
		return -ENOMEM;
	mutex_init(&fake->lock);
	INIT_DELAYED_WORK(&fake->timer, fake_timer);
	fake->state = ESWIFI_FAKE_RESET;
	fake->ops.transfer = fake_transfer;
	fake->ops.data_ready = fake_data_ready;
	fake->ops.set_reset = fake_set_reset;
	fake->ops.arm = fake_arm;
	fake->ops.set_power = fake_set_power;
	fake->ops.slower = fake_slower;
	fake->test = test;
	fake->bus = bus;
	bus->ops = &fake->ops;
	return 0;
}

/**
 * eswifi_fake_detach - silence a scripted module; nobody uses its bus any more
 * @fake: the module
 */
void eswifi_fake_detach(struct eswifi_fake *fake)
{
	cancel_delayed_work_sync(&fake->timer);
}

static void fake_lost(struct eswifi *ew)
{
	to_fake(&ew->bus)->lost++;
}

static int fake_replay(struct eswifi *ew)
{
	to_fake(&ew->bus)->replayed++;
	return 0;
}

static const struct eswifi_engine_ops fake_engine_ops = {
	.identify = eswifi_firmware_learn,
	.lost = fake_lost,
	.replay = fake_replay,
};

/**
 * eswifi_fake_create - a whole module, booted, without its faces
 * @test: the test
 * @fake: what stands for the hardware, its script and faults set
 *
 * Return: the module, to be given to eswifi_fake_destroy(); or an ERR_PTR.
 */
struct eswifi *eswifi_fake_create(struct kunit *test, struct eswifi_fake *fake)
{
	struct eswifi *ew;
	int ret;

	/* No owner: tests of a module may run before sysfs knows the module. */
	fake->parent = __root_device_register("eswifi-fake", NULL);
	if (IS_ERR(fake->parent))
		return ERR_CAST(fake->parent);
	ew = eswifi_alloc(fake->parent);
	if (IS_ERR(ew)) {
		root_device_unregister(fake->parent);
		return ew;
	}
	fake->ew = ew;
	ret = eswifi_fake_attach(test, fake, &ew->bus);
	if (ret)
		goto err_put;
	ret = eswifi_engine_start(ew, &fake_engine_ops);
	if (ret)
		goto err_put;
	ret = eswifi_engine_boot(ew);
	if (ret)
		goto err_destroy;
	return ew;

err_destroy:
	eswifi_fake_destroy(fake);
	return ERR_PTR(ret);
err_put:
	put_device(&ew->dev);
	root_device_unregister(fake->parent);
	return ERR_PTR(ret);
}

/**
 * eswifi_fake_destroy - end what eswifi_fake_create() made
 * @fake: the module; its engine may have been stopped before
 */
void eswifi_fake_destroy(struct eswifi_fake *fake)
{
	struct eswifi *ew = fake->ew;

	if (ew->worker)
		eswifi_engine_stop(ew);
	eswifi_fake_detach(fake);
	KUNIT_EXPECT_EQ(fake->test, fake->forbidden, 0);
	put_device(&ew->dev);
	root_device_unregister(fake->parent);
}

/**
 * eswifi_fake_close - a program closes its last descriptor of a connection or server
 * @file: the file
 *
 * The worker sees to what is left when the last reference goes.
 */
void eswifi_fake_close(struct file *file)
{
	fput(file);
	flush_delayed_fput();
	msleep(100);
}

/**
 * eswifi_fake_read - a program reads from a connection
 * @file: the connection
 * @buf: where to
 * @size: bytes at most
 *
 * Return: as read().
 */
ssize_t eswifi_fake_read(struct file *file, char *buf, size_t size)
{
	loff_t pos = 0;

	return kernel_read(file, buf, size, &pos);
}
