// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that owns the module: it runs jobs one after the other, keeps what
 * the module has been told, and brings a stuck module back.
 *
 * Nobody else talks to the module, so a job may do several exchanges in a row
 * and nothing comes between them. Whoever waits for a job can leave at any
 * time: the job owns its data.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "eswifi.h"

/* A module that does not come back is tried again ever more rarely. */
#define ESWIFI_BACKOFF_MIN_MS	1000
#define ESWIFI_BACKOFF_MAX_MS	64000

/* A module that has just been powered may need a second reset; one that ignores its
 * reset line, the power switched.
 */
#define ESWIFI_BOOT_TRIES	2
#define ESWIFI_BOOT_TRIES_POWER	3

static void eswifi_engine_recover(struct eswifi *ew);

/* ------------------------------------------------------------------ jobs */

static void eswifi_job_work(struct kthread_work *work)
{
	struct eswifi_job *job = container_of(work, struct eswifi_job, work.work);
	struct eswifi *ew = job->ew;

	ew->text[0] = '\0';
	if (READ_ONCE(job->cancelled)) {
		job->result = -ECANCELED;
	} else {
		ew->current_job = job;
		job->result = job->run(job);
		ew->current_job = NULL;
	}
	/* A recovery needs no more patience than any. */
	ew->patience_ms = 0;
	if (job->result)
		strscpy(job->text, ew->text, sizeof(job->text));
	complete_all(&job->done);
	eswifi_job_put(job);

	/* The next job finds a module that answers, or one known to be down. */
	if (ew->state == ESWIFI_STATE_STUCK)
		eswifi_engine_recover(ew);
}

/**
 * eswifi_job_init() - prepare a job; the caller holds its first reference
 * @job: the job, in zeroed memory
 * @ew: the module; the job keeps it alive
 * @run: what to do on the thread
 * @release: how to free the job
 */
void eswifi_job_init(struct eswifi_job *job, struct eswifi *ew,
		     int (*run)(struct eswifi_job *job),
		     void (*release)(struct eswifi_job *job))
{
	kthread_init_delayed_work(&job->work, eswifi_job_work);
	refcount_set(&job->ref, 1);
	init_completion(&job->done);
	job->run = run;
	job->release = release;
	job->ew = ew;
	get_device(&ew->dev);

	spin_lock(&ew->queue_lock);
	list_add_tail(&job->node, &ew->jobs);
	spin_unlock(&ew->queue_lock);
}

void eswifi_job_get(struct eswifi_job *job)
{
	refcount_inc(&job->ref);
}

void eswifi_job_put(struct eswifi_job *job)
{
	struct eswifi *ew = job->ew;

	if (!refcount_dec_and_lock(&job->ref, &ew->queue_lock))
		return;
	list_del(&job->node);
	spin_unlock(&ew->queue_lock);
	job->release(job);
	put_device(&ew->dev);
}

/* Cancelling a delayed work drops it, and says that it was not queued, if its
 * timer expires meanwhile: its reference would be lost. So the timer goes first;
 * nothing starts it again while queue_lock is held, or once the device is gone.
 */
static void eswifi_job_stop_timer(struct eswifi_job *job)
{
	timer_delete_sync(&job->work.timer);
}

/**
 * eswifi_job_submit() - queue a job, or bring a queued one forward
 * @job: the job
 * @delay_ms: how long from now it may rest; 0 for as soon as possible
 *
 * A job that is queued already runs once, and no later than it would have.
 *
 * Return: 0; -ENODEV if the device is going; -EBUSY if another file has the
 * module alone.
 */
int eswifi_job_submit(struct eswifi_job *job, unsigned int delay_ms)
{
	struct eswifi *ew = job->ew;
	bool queued = false;
	int ret = 0;

	eswifi_job_get(job);
	spin_lock(&ew->queue_lock);
	if (ew->gone)
		ret = -ENODEV;
	else if (!job->patient && ew->exclusive && ew->exclusive != job->owner)
		ret = -EBUSY;
	if (!ret && delay_ms) {
		queued = kthread_queue_delayed_work(ew->worker, &job->work,
						    msecs_to_jiffies(delay_ms));
	} else if (!ret) {
		eswifi_job_stop_timer(job);
		queued = !kthread_mod_delayed_work(ew->worker, &job->work, 0);
	}
	spin_unlock(&ew->queue_lock);
	/* What was queued before has its reference; gone means none is due. */
	if (!queued)
		eswifi_job_put(job);
	return ret;
}

/**
 * eswifi_job_call() - run a job and wait for its end
 * @job: the job, not submitted yet
 *
 * Return: the job's result; -EINTR if a signal came first: the job is then
 * cancelled as soon as it can be, and must not be looked at any more than its
 * reference allows; or as eswifi_job_submit().
 */
int eswifi_job_call(struct eswifi_job *job)
{
	int ret;

	ret = eswifi_job_submit(job, 0);
	if (ret)
		return ret;
	if (wait_for_completion_interruptible(&job->done)) {
		WRITE_ONCE(job->cancelled, true);
		return -EINTR;
	}
	return job->result;
}

/**
 * eswifi_job_call_text() - the same, and what there is to say to a failure
 * @job: the job, not submitted yet
 * @text: out, on failure: ESWIFI_TEXT_SIZE bytes; not touched after a signal, when the
 *	job may still be writing its own
 *
 * Return: as eswifi_job_call().
 */
int eswifi_job_call_text(struct eswifi_job *job, char *text)
{
	int ret = eswifi_job_call(job);

	if (ret && ret != -EINTR)
		strscpy(text, job->text, ESWIFI_TEXT_SIZE);
	return ret;
}

/**
 * eswifi_job_must_rest() - does another file have the module alone?
 * @job: a patient job
 *
 * Return: true if it may not talk to the module now.
 */
bool eswifi_job_must_rest(struct eswifi_job *job)
{
	u64 exclusive = READ_ONCE(job->ew->exclusive);

	return exclusive && exclusive != job->owner;
}

/* ------------------------------------------------------------- exchanges */

static int eswifi_may_exchange(struct eswifi *ew)
{
	if (READ_ONCE(ew->bus.stopped))
		return -ENODEV;
	if (ew->current_job && READ_ONCE(ew->current_job->cancelled))
		return -ECANCELED;
	return ew->state == ESWIFI_STATE_UP ? 0 : -ESHUTDOWN;
}

/* No reply, or none that could be found the end of: the module is reset. */
static void eswifi_exchange_failed(struct eswifi *ew, const char *name, int error)
{
	WRITE_ONCE(ew->state, ESWIFI_STATE_STUCK);
	if (error == -ETIMEDOUT)
		eswifi_count(ew, ESWIFI_STAT_TIMEOUTS, 1);
	snprintf(ew->text, sizeof(ew->text), "%s: %s; the module was reset", name,
		 error == -ETIMEDOUT ? ew->bus.sent ? "no answer" : "no command was wanted" :
		 error == -EPROTO ? "what came is no whole reply, or it has started anew" :
		 "the SPI transfer failed");
	dev_warn(&ew->dev, "%s (%d)\n", ew->text, error);
}

/* A whole reply, taken apart. */
static int eswifi_exchange_parse(struct eswifi *ew, enum eswifi_message_place place, size_t len,
				 struct eswifi_reply *reply)
{
	unsigned int messages;
	const u8 *start;
	int ret;

	len = eswifi_at_begin(ew->bus.rx, len, &start);
	/* Stuffing before a lone prompt: it has started anew, and knows nothing. */
	if (*ew->bus.rx == ESWIFI_NAK && !eswifi_at_parse_prompt(start, len))
		return -EPROTO;
	len = eswifi_messages_take(ew, place, (u8 *)start, len, &messages);
	ret = eswifi_at_parse(start, len, reply);
	reply->messages = messages;
	return ret;
}

/**
 * eswifi_exchange() - send the command in bus.tx and take its reply apart
 * @ew: the module
 * @cmd_len: bytes of the command in bus.tx, with CR and payload
 * @reply: out: the reply; points into bus.rx, valid until the next exchange
 *
 * Only in a job. Messages of the module's own in front of the reply are delivered,
 * and gone: see eswifi_messages_take().
 *
 * Return: 0 the module said OK; -EREMOTEIO it said ERROR (@reply is filled,
 * eswifi.text says what); -EBADMSG it said neither, and nothing is wrong with it
 * otherwise (as before); -ETIMEDOUT, -EPROTO or a bus error: it is stuck, and will be
 * reset when the job ends; -EMSGSIZE the reply was longer than ESWIFI_RX_SIZE and is
 * lost; -ESHUTDOWN it is stuck or down since before; -ECANCELED nobody waits for the
 * job; -ENODEV it is going.
 */
int eswifi_exchange(struct eswifi *ew, size_t cmd_len, struct eswifi_reply *reply)
{
	const u8 *cmd = ew->bus.tx;
	enum eswifi_message_place place = eswifi_at_message_place(cmd, cmd_len);
	unsigned int timeout_ms = max(eswifi_at_timeout_ms(cmd, cmd_len), ew->patience_ms);
	char name[3] = { cmd[0], cmd_len > 1 ? cmd[1] : 0 };
	bool secret = eswifi_at_secret(cmd, cmd_len);
	int ret;

	ret = eswifi_may_exchange(ew);
	if (ret) {
		memzero_explicit(ew->bus.tx, cmd_len);
		return ret;
	}

	eswifi_count(ew, ESWIFI_STAT_EXCHANGES, 1);
	/* What is being written into flash, maybe for good, is not cut off by a reset. */
	ew->bus.patient = cmd_len > 2 && !memcmp(cmd, "PG", 2);
	ret = eswifi_bus_exchange(&ew->bus, cmd_len, timeout_ms);
	ew->bus.patient = false;
	if (ret >= 0)
		ret = eswifi_exchange_parse(ew, place, ret, reply);
	/* No answer to a write that was waited for although the device is going. */
	if (ret && READ_ONCE(ew->bus.stopped))
		return -ENODEV;
	switch (ret) {
	case 0:
		if (reply->ok)
			return 0;
		ret = -EREMOTEIO;
		break;
	case -EBADMSG:
		eswifi_count(ew, ESWIFI_STAT_ODD_REPLIES, 1);
		/* Nor does anybody know what it did. */
		eswifi_forget(ew);
		break;
	case -EMSGSIZE:
		/* It was read to its end: the module is all right. */
		return ret;
	case -ENODEV:
		return ret;
	default:
		eswifi_exchange_failed(ew, name, ret);
		return ret;
	}
	eswifi_at_text(reply, ew->text, sizeof(ew->text));
	/* The text may go to a log, and to whoever asked for something else. */
	if (ret == -EBADMSG && secret)
		strscpy(ew->text, "neither OK nor ERROR came", sizeof(ew->text));
	if (ret == -EBADMSG)
		dev_dbg(&ew->dev, "%s: neither OK nor ERROR: %s\n", name, ew->text);
	return ret;
}

__printf(2, 0)
static int eswifi_at_va(struct eswifi *ew, const char *fmt, va_list args)
{
	int len;

	len = vsnprintf(ew->bus.tx, ESWIFI_CMD_MAX - 1, fmt, args);
	if (len >= ESWIFI_CMD_MAX - 1) {
		memzero_explicit(ew->bus.tx, ESWIFI_CMD_MAX);
		return -EMSGSIZE;
	}
	ew->bus.tx[len++] = '\r';
	return len;
}

/**
 * eswifi_at() - one command without payload
 * @ew: the module
 * @reply: out: the reply
 * @fmt: printf format of the command without its CR
 *
 * Only in a job. Return: as eswifi_exchange(), or -EMSGSIZE.
 */
int eswifi_at(struct eswifi *ew, struct eswifi_reply *reply, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = eswifi_at_va(ew, fmt, args);
	va_end(args);
	return len < 0 ? len : eswifi_exchange(ew, len, reply);
}

/**
 * eswifi_at_data() - one command with payload
 * @ew: the module
 * @reply: out: the reply
 * @data: payload, sent as it is; the copy on its way is wiped
 * @len: its length, at most ESWIFI_CERT_MAX
 * @fmt: printf format of the command without its CR
 *
 * Only in a job. Return: as eswifi_exchange(), or -EMSGSIZE.
 */
int eswifi_at_data(struct eswifi *ew, struct eswifi_reply *reply, const void *data,
		   size_t len, const char *fmt, ...)
{
	va_list args;
	int head;

	va_start(args, fmt);
	head = eswifi_at_va(ew, fmt, args);
	va_end(args);
	if (head < 0)
		return head;
	if (len > ESWIFI_TX_SIZE - 1 - head)
		return -EMSGSIZE;
	memcpy(ew->bus.tx + head, data, len);
	return eswifi_exchange(ew, head + len, reply);
}

/**
 * eswifi_select() - make a socket the one that P, R and S commands mean
 * @ew: the module
 * @socket: 0 to 3
 *
 * Only in a job. Return: as eswifi_exchange().
 */
int eswifi_select(struct eswifi *ew, unsigned int socket)
{
	struct eswifi_reply reply;
	int ret;

	if (ew->shadow.socket == socket)
		return 0;
	ew->shadow.socket = -1;
	ret = eswifi_at(ew, &reply, "P0=%u", socket);
	if (!ret)
		ew->shadow.socket = socket;
	return ret;
}

/**
 * eswifi_forget() - the module may have been told things that we do not know of
 * @ew: the module
 *
 * Only in a job: after a reset, and after a command that a user wrote.
 */
void eswifi_forget(struct eswifi *ew)
{
	memset(&ew->shadow, 0xff, sizeof(ew->shadow));
	eswifi_cert_forget(ew);
}

/* ------------------------------------------------------- boot, recovery */

/* How far booting came, and what a person should look at if it got no further. */
enum eswifi_boot_stage {
	ESWIFI_BOOT_SPI,
	ESWIFI_BOOT_DATA_READY,
	ESWIFI_BOOT_PROMPT,
	ESWIFI_BOOT_ANSWERS,
};

static const char * const eswifi_boot_faults[] = {
	[ESWIFI_BOOT_SPI] =
		"the SPI transfer failed",
	[ESWIFI_BOOT_DATA_READY] =
		"data-ready never rose after reset: check the module's power, and the data-ready and reset lines with their polarity",
	[ESWIFI_BOOT_PROMPT] =
		"data-ready rose, but what came is no prompt: check MISO, SPI mode 0, the clock rate, and that chip select is not inverted (cs-gpios) and stays low for a whole phase",
	[ESWIFI_BOOT_ANSWERS] =
		"it does not answer the first questions",
};

static unsigned int eswifi_boot_tries(struct eswifi *ew)
{
	return ew->bus.vcc ? ESWIFI_BOOT_TRIES_POWER : ESWIFI_BOOT_TRIES;
}

static int eswifi_boot_once(struct eswifi *ew, unsigned int try, enum eswifi_boot_stage *stage)
{
	int ret;

	eswifi_forget(ew);
	ew->user_serves = false;
	ret = eswifi_bus_reset(&ew->bus, try);
	if (ret == -EALREADY && try + 1 == eswifi_boot_tries(ew)) {
		dev_warn(&ew->dev,
			 "the module runs, but takes no notice of its reset line: check it; going on with what it was told before\n");
		ret = 0;
	}
	switch (ret) {
	case 0:
		WRITE_ONCE(ew->state, ESWIFI_STATE_UP);
		*stage = ESWIFI_BOOT_ANSWERS;
		return ew->engine_ops->identify(ew);
	case -ETIMEDOUT:
		*stage = ESWIFI_BOOT_DATA_READY;
		break;
	case -EBADMSG:
		/* It is there, and heard badly. */
		if (ew->bus.ops->slower && ew->bus.ops->slower(&ew->bus))
			ret = -EAGAIN;
		fallthrough;
	case -EPROTO:
	case -EALREADY:
		*stage = ESWIFI_BOOT_PROMPT;
		break;
	default:
		*stage = ESWIFI_BOOT_SPI;
	}
	return ret;
}

static int eswifi_boot(struct eswifi *ew)
{
	enum eswifi_boot_stage stage;
	unsigned int try = 0;
	int ret;

	do {
		ew->text[0] = '\0';
		ret = eswifi_boot_once(ew, try, &stage);
		/* The clock is lower from now on. */
		if (ret != -EAGAIN)
			try++;
	} while (ret && ret != -ENODEV && try < eswifi_boot_tries(ew));
	if (!ret)
		return 0;
	WRITE_ONCE(ew->state, ESWIFI_STATE_DOWN);
	if (ret != -ENODEV)
		dev_err(&ew->dev, "%s (%d)\n",
			ew->text[0] ? ew->text : eswifi_boot_faults[stage], ret);
	return ret;
}

static void eswifi_engine_recover(struct eswifi *ew)
{
	int ret;

	if (READ_ONCE(ew->bus.stopped))
		return;
	/* That whoever asked for it has left is no reason to stop half way. */
	ew->current_job = NULL;
	eswifi_count(ew, ESWIFI_STAT_RESETS, 1);
	ew->engine_ops->lost(ew);
	ret = eswifi_boot(ew);
	if (!ret) {
		ret = ew->engine_ops->replay(ew);
		/* A network that is gone is no fault of the module. */
		if (ret && ret != -ENODEV && ew->state == ESWIFI_STATE_UP)
			ret = 0;
	}
	if (ret == -ENODEV)
		return;
	if (!ret) {
		ew->backoff_ms = 0;
		dev_info(&ew->dev, "the module was reset and answers again\n");
		eswifi_event(ew, "reset");
		return;
	}

	WRITE_ONCE(ew->state, ESWIFI_STATE_DOWN);
	ew->backoff_ms = clamp(ew->backoff_ms * 2, ESWIFI_BACKOFF_MIN_MS,
			       ESWIFI_BACKOFF_MAX_MS);
	dev_err(&ew->dev, "the module does not come back (%d); next try in %u ms\n", ret,
		ew->backoff_ms);
	kthread_mod_delayed_work(ew->worker, &ew->recover, msecs_to_jiffies(ew->backoff_ms));
}

static void eswifi_recover_work(struct kthread_work *work)
{
	struct eswifi *ew = container_of(work, struct eswifi, recover.work);

	if (ew->state != ESWIFI_STATE_UP)
		eswifi_engine_recover(ew);
}

/**
 * eswifi_job_kfree() - release of a job that is all of its allocation, or its start
 * @job: the job
 */
void eswifi_job_kfree(struct eswifi_job *job)
{
	kfree(job);
}

static int eswifi_engine_run(struct eswifi *ew, int (*run)(struct eswifi_job *job))
{
	struct eswifi_job *job;
	int ret;

	job = kzalloc(sizeof(*job), GFP_KERNEL);
	if (!job)
		return -ENOMEM;
	eswifi_job_init(job, ew, run, eswifi_job_kfree);
	ret = eswifi_job_call(job);
	eswifi_job_put(job);
	return ret;
}

static int eswifi_reset_run(struct eswifi_job *job)
{
	struct eswifi *ew = job->ew;

	strscpy(ew->text, "somebody reset the module", sizeof(ew->text));
	eswifi_engine_recover(ew);
	if (READ_ONCE(ew->bus.stopped))
		return -ENODEV;
	return ew->state == ESWIFI_STATE_UP ? 0 : -EIO;
}

/**
 * eswifi_engine_reset() - reset the module now, and wait until it is back
 * @ew: the module
 *
 * Return: 0; -EIO if it did not come back; -EINTR; -ENODEV; -ENOMEM.
 */
int eswifi_engine_reset(struct eswifi *ew)
{
	return eswifi_engine_run(ew, eswifi_reset_run);
}

static int eswifi_boot_run(struct eswifi_job *job)
{
	return eswifi_boot(job->ew);
}

/**
 * eswifi_engine_boot() - reset the module for the first time and learn what it is
 * @ew: the module, its engine started
 *
 * Return: 0; -ETIMEDOUT data-ready never rose, or I? has no answer; -EPROTO what came
 * is not the protocol; bus errors. The log says which.
 */
int eswifi_engine_boot(struct eswifi *ew)
{
	return eswifi_engine_run(ew, eswifi_boot_run);
}

/**
 * eswifi_engine_start() - create the thread that owns the module
 * @ew: the module, its bus ready
 * @ops: whom to tell of a reset
 *
 * Return: 0 or a negative errno.
 */
int eswifi_engine_start(struct eswifi *ew, const struct eswifi_engine_ops *ops)
{
	struct kthread_worker *worker;

	worker = kthread_run_worker(0, "%s", dev_name(&ew->dev));
	if (IS_ERR(worker))
		return PTR_ERR(worker);
	kthread_init_delayed_work(&ew->recover, eswifi_recover_work);
	ew->engine_ops = ops;
	ew->state = ESWIFI_STATE_DOWN;
	ew->worker = worker;
	return 0;
}

/**
 * eswifi_engine_stop() - end all jobs and the thread; the module is going
 * @ew: the module
 *
 * Jobs that wait run now, and find that nothing works any more; so does the one
 * that runs. None is taken afterwards.
 */
void eswifi_engine_stop(struct eswifi *ew)
{
	struct eswifi_job *job;
	LIST_HEAD(seen);

	spin_lock(&ew->queue_lock);
	ew->gone = true;
	spin_unlock(&ew->queue_lock);
	eswifi_bus_stop(&ew->bus);

	spin_lock(&ew->queue_lock);
	while ((job = list_first_entry_or_null(&ew->jobs, struct eswifi_job, node))) {
		list_move(&job->node, &seen);
		if (!refcount_inc_not_zero(&job->ref))
			continue;
		spin_unlock(&ew->queue_lock);
		/* The reference of the queue goes with the work. */
		eswifi_job_stop_timer(job);
		if (kthread_cancel_delayed_work_sync(&job->work))
			kthread_queue_work(ew->worker, &job->work.work);
		eswifi_job_put(job);
		spin_lock(&ew->queue_lock);
	}
	list_splice(&seen, &ew->jobs);
	spin_unlock(&ew->queue_lock);

	kthread_flush_worker(ew->worker);
	kthread_cancel_delayed_work_sync(&ew->recover);
	kthread_destroy_worker(ew->worker);
	ew->worker = NULL;
}
