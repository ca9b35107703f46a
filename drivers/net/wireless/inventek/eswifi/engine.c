// SPDX-License-Identifier: GPL-2.0-only
/*
 * The thread that owns the module: it runs jobs one after the other, and brings a stuck
 * module back.
 *
 * Nobody else talks to the module, so a job may do several exchanges in a row
 * and nothing comes between them. Whoever waits for a job can leave at any
 * time: the job owns its data.
 */
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
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
