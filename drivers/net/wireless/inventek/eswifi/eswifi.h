/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the rooms of the eS-WiFi driver share: one module, its jobs, its wire.
 *
 * Everything flows one way: a face (chrdev, sysfs) asks a service (link, cert,
 * conn), the service runs a job on the one thread that owns the module
 * (engine), the job speaks the language (at) over the wire (frame, bus, spi).
 *
 * Locks, in the order in which they nest:
 *   eswifi.config_lock   mutex; what users configured (mode, set, link wish)
 *   eswifi.queue_lock    spinlock; whether jobs are taken, which exist
 *   eswifi_bus.wait      wait queue lock
 * State said to be the worker's belongs to code that runs in a job, and has no
 * lock.
 */
#ifndef ESWIFI_H
#define ESWIFI_H

#include <linux/atomic.h>
#include <linux/cdev.h>
#include <linux/completion.h>
#include <linux/device.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mod_devicetable.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/skbuff.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <uapi/linux/eswifi.h>

#include "at.h"
#include "cert.h"
#include "firmware.h"

struct gpio_desc;
struct regulator;
struct spi_device;
struct eswifi;
struct eswifi_bus;

#define ESWIFI_SOCKETS		4	/* 0 to 3, all protocols together */
#define ESWIFI_TX_SIZE		(ESWIFI_CMD_MAX + ESWIFI_CERT_MAX)
#define ESWIFI_RX_SIZE		8192	/* longest reply taken; a scan of 12 takes 2000 */

/* ------------------------------------------------------------------ bus */

/**
 * struct eswifi_bus_ops - the hardware under an exchange
 * @transfer: clock @len bytes, an even number in the order on the wire, out of
 *	@tx and into @rx (either may be NULL: zeros are sent, input is
 *	dropped). Selects the module if it is not selected; leaves it selected
 *	if @hold, else releases it. With @len 0 and not @hold it only releases.
 *	On an error the module has been released. Returns 0 or a negative errno.
 * @data_ready: level of the line: 1 ready, 0 not, or a negative errno
 * @set_reset: hold the module in reset, or let it run
 * @arm: the line was low and the worker is about to sleep until it rises. May
 *	be NULL
 *
 * @set_power: switch the module's power; may be NULL, or do nothing where the board
 *	cannot
 * @slower: lower the clock for all that follows; false if it is as slow as it may
 *	be. May be NULL
 *
 * All are called from the worker and may sleep. @data_ready's rising edge is
 * told by eswifi_bus_edge(). KUnit puts a scripted module here.
 */
struct eswifi_bus_ops {
	int (*transfer)(struct eswifi_bus *bus, const void *tx, void *rx,
			size_t len, bool hold);
	int (*data_ready)(struct eswifi_bus *bus);
	void (*set_reset)(struct eswifi_bus *bus, bool hold);
	void (*arm)(struct eswifi_bus *bus);
	void (*set_power)(struct eswifi_bus *bus, bool on);
	bool (*slower)(struct eswifi_bus *bus);
};

/**
 * struct eswifi_bus - the wire to one module
 * @ops: the hardware
 * @spi: the SPI device; NULL over a scripted bus
 * @drdy: data-ready line
 * @reset: reset line, NULL if the board has none
 * @wakeup: wakeup line, NULL if the board has none
 * @vcc: the module's supply, NULL if it cannot be switched
 * @powered: it is on
 * @slowed: the clock was lowered because answers came damaged
 * @irq: interrupt of the data-ready line
 * @wait: woken by a rising edge and by eswifi_bus_stop()
 * @edge: a rising edge came since the worker last armed
 * @level: the interrupt is of a level: it comes only if the line was seen low before
 * @masked: it waits for @ops->arm
 * @stopped: no more waiting: the device is going; set once, never cleared
 * @patient: the running exchange goes on to its end or deadline also if @stopped
 * @sent: the command of the last exchange was begun to be sent: the module may have it
 * @held: the module is selected and the SPI bus locked, between two transfers
 * @tx: command in logical byte order, ESWIFI_TX_SIZE bytes, kmalloc'ed
 * @rx: reply in logical byte order, ESWIFI_RX_SIZE bytes and some that are
 *	thrown away, kmalloc'ed
 * @spurious: interrupts that were no edge anyone waited for
 * @stuffing: bytes of stuffing received
 *
 * @patient, @sent, @held, @tx, @rx and the two counters are the worker's.
 */
struct eswifi_bus {
	const struct eswifi_bus_ops *ops;
	struct spi_device *spi;
	struct gpio_desc *drdy;
	struct gpio_desc *reset;
	struct gpio_desc *wakeup;
	struct regulator *vcc;
	bool powered;
	bool slowed;
	int irq;
	wait_queue_head_t wait;
	bool edge;
	bool level;
	bool masked;
	bool stopped;
	bool patient;
	bool sent;
	bool held;
	u8 *tx;
	u8 *rx;
	u64 spurious;
	u64 stuffing;
};

/* bus.c */
int eswifi_bus_alloc(struct eswifi_bus *bus);
void eswifi_bus_free(struct eswifi_bus *bus);
void eswifi_bus_edge(struct eswifi_bus *bus);
void eswifi_bus_stop(struct eswifi_bus *bus);
int eswifi_bus_reset(struct eswifi_bus *bus, unsigned int try);
int eswifi_bus_exchange(struct eswifi_bus *bus, size_t cmd_len, unsigned int timeout_ms);

/* spi.c */
int eswifi_spi_attach(struct eswifi_bus *bus, struct spi_device *spi);
int eswifi_spi_start(struct eswifi_bus *bus);
void eswifi_spi_stop(struct eswifi_bus *bus);

/* --------------------------------------------------------------- engine */

/**
 * struct eswifi_job - a piece of work for the thread that owns the module
 * @work: how the thread finds it
 * @ew: whose thread; the job holds a reference on its device
 * @node: in eswifi.jobs from init to release, guarded by eswifi.queue_lock
 * @ref: one for whoever made it, one while it is queued
 * @run: does the work, on the thread; its value becomes @result. It runs also
 *	when the device is going: its exchanges then fail with -ENODEV
 * @release: frees what embeds the job, when the last reference goes
 * @done: completed when @run has returned for the first time
 * @result: 0 or a negative errno; valid after @done
 * @text: what the module or the driver had to say to a failure, printable;
 *	valid after @done, empty if nothing
 * @owner: the file that asked, by eswifi_file.id; 0 if none did. While a file
 *	has the module alone, jobs of others are refused
 * @patient: it is not refused then, but sees to it itself that it rests
 * @cancelled: whoever waited has left; a job that has not begun does not, one
 *	that runs gets -ECANCELED from its next exchange
 *
 * Embedded in what the service needs for the job; nothing of it lives on a
 * stack, because the one who waits may leave at any time. A job may be
 * submitted again, also by its own @run.
 */
struct eswifi_job {
	struct kthread_delayed_work work;
	struct eswifi *ew;
	struct list_head node;
	refcount_t ref;
	int (*run)(struct eswifi_job *job);
	void (*release)(struct eswifi_job *job);
	struct completion done;
	int result;
	char text[ESWIFI_TEXT_SIZE];
	u64 owner;
	bool patient;
	bool cancelled;
};

void eswifi_job_init(struct eswifi_job *job, struct eswifi *ew,
		     int (*run)(struct eswifi_job *job),
		     void (*release)(struct eswifi_job *job));
void eswifi_job_get(struct eswifi_job *job);
void eswifi_job_put(struct eswifi_job *job);
int eswifi_job_submit(struct eswifi_job *job, unsigned int delay_ms);
int eswifi_job_call(struct eswifi_job *job);
int eswifi_job_call_text(struct eswifi_job *job, char *text);
void eswifi_job_kfree(struct eswifi_job *job);
bool eswifi_job_must_rest(struct eswifi_job *job);

/**
 * enum eswifi_state - is the module usable
 * @ESWIFI_STATE_UP: it answers
 * @ESWIFI_STATE_STUCK: the last exchange failed; recovery is next
 * @ESWIFI_STATE_DOWN: recovery failed; jobs fail with -ESHUTDOWN until a later
 *	try succeeds
 */
enum eswifi_state {
	ESWIFI_STATE_UP,
	ESWIFI_STATE_STUCK,
	ESWIFI_STATE_DOWN,
};

/**
 * struct eswifi_engine_ops - what the engine tells the rest of the driver
 * @identify: the module has booted: learn what it is and can do. Runs on the
 *	worker; an error counts as a failed boot, and eswifi.text may say why;
 *	-EAGAIN: boot it once more, with the clock that is lower now
 * @lost: the module was reset: its sockets are gone, its settings forgotten;
 *	eswifi.text says why
 * @replay: the module answers again: put back what users had set. Runs on the
 *	worker; an error counts as a failed recovery
 */
struct eswifi_engine_ops {
	int (*identify)(struct eswifi *ew);
	void (*lost)(struct eswifi *ew);
	int (*replay)(struct eswifi *ew);
};

int eswifi_engine_start(struct eswifi *ew, const struct eswifi_engine_ops *ops);
void eswifi_engine_stop(struct eswifi *ew);
int eswifi_engine_reset(struct eswifi *ew);
int eswifi_engine_boot(struct eswifi *ew);

/* exchange.c */
int eswifi_exchange(struct eswifi *ew, size_t cmd_len, struct eswifi_reply *reply);
__printf(3, 4)
int eswifi_at(struct eswifi *ew, struct eswifi_reply *reply, const char *fmt, ...);
__printf(5, 6)
int eswifi_at_data(struct eswifi *ew, struct eswifi_reply *reply, const void *data,
		   size_t len, const char *fmt, ...);
int eswifi_answered(struct eswifi *ew, int ret);
void eswifi_odd(struct eswifi *ew, const char *command, const char *text);
int eswifi_select(struct eswifi *ew, unsigned int socket);
void eswifi_forget(struct eswifi *ew);

/* -------------------------------------------------------------- the whole */

enum eswifi_stat {
	ESWIFI_STAT_RX_BYTES,
	ESWIFI_STAT_TX_BYTES,
	ESWIFI_STAT_RX_PACKETS,
	ESWIFI_STAT_TX_PACKETS,
	ESWIFI_STAT_RX_ERRORS,
	ESWIFI_STAT_TX_ERRORS,
	ESWIFI_STAT_RX_DROPPED,
	ESWIFI_STAT_TX_DROPPED,
	ESWIFI_STAT_EMPTY_POLLS,
	ESWIFI_STAT_EXCHANGES,
	ESWIFI_STAT_TIMEOUTS,
	ESWIFI_STAT_RESETS,
	ESWIFI_STAT_MESSAGES,
	ESWIFI_STAT_ODD_REPLIES,
	ESWIFI_STATS
};

/**
 * struct eswifi_shadow - what the module has been told and still knows
 * @socket: selected by P0, or -1
 * @r1: R1 of each socket, or -1
 * @r2: R2 of each socket, or -1
 * @peer: 1 if P3 and P4 of each socket are its connection's, else -1
 * @py: PY, or -1
 *
 * The worker's. A parameter that stands here need not be sent again.
 */
struct eswifi_shadow {
	int socket;
	int r1[ESWIFI_SOCKETS];
	int r2[ESWIFI_SOCKETS];
	int peer[ESWIFI_SOCKETS];
	int py;
};

/**
 * struct eswifi_link - the Wi-Fi link
 * @info: state as users see it; guarded by eswifi.config_lock
 * @wish: what to join again when it is lost; @wish.ssid_len 0 for nothing. Holds
 *	the passphrase; guarded by eswifi.config_lock, wiped on leave and free
 * @rssi: last measurement in dBm, 0 if none; the worker's
 * @measured: jiffies of that; the worker's
 * @ap: the access point to be, as @wish; only one of both is anything
 * @watch: looks after the link; NULL before start and after stop
 * @watch_submit: eswifi_job_submit(), or a test's clock in its place
 * @rejoin_ms: pause before the last try to bring it back; the worker's
 */
struct eswifi_link {
	struct eswifi_link_info info;
	struct eswifi_join wish;
	struct eswifi_ap ap;
	struct eswifi_job *watch;
	int (*watch_submit)(struct eswifi_job *job, unsigned int delay_ms);
	unsigned int rejoin_ms;
	int rssi;
	unsigned long measured;
};

#define ESWIFI_COUNTRY_SIZE	8	/* "US/999" and its NUL */

/**
 * struct eswifi_radio - settings of the radio, to be set again after a reset
 * @country: "US/0"; "" if nobody has set any
 * @power_save: whether to save power
 * @power_save_set: somebody has said so
 *
 * The worker's.
 */
struct eswifi_radio {
	char country[ESWIFI_COUNTRY_SIZE];
	bool power_save;
	bool power_save_set;
};

/**
 * struct eswifi_socket - one of the module's sockets
 * @owner: the job that serves it, NULL if it is free
 * @protocol: ESWIFI_PROTO_*
 * @serving: the module was told to serve on it, and not yet to stop; that stays when
 *	its owner goes
 * @ip: of the peer that the module was told to connect to
 * @port: likewise, 0 if to none
 * @lost: tells the owner that it is gone, and why
 *
 * The worker's.
 */
struct eswifi_socket {
	struct eswifi_job *owner;
	unsigned int protocol;
	bool serving;
	u8 ip[4];
	unsigned int port;
	void (*lost)(struct eswifi_job *owner, int error, const char *why);
};

/**
 * struct eswifi - one module
 * @dev: device of class eswifi; its release frees this structure
 * @cdev: the character device
 * @id: N of eswifiN
 * @bus: the wire
 * @worker: the thread that owns the module; NULL before start and after stop
 * @engine_ops: whom the engine tells of a reset
 * @queue_lock: guards @gone, @jobs, @exclusive, @message_job, @subscribers and
 *	the submission of jobs
 * @gone: the device is being removed: no job is taken any more
 * @jobs: all jobs that exist
 * @wait: woken when a reply came for an open file, and when the device goes
 * @current_job: the running one; the worker's
 * @state: is the module usable; written by the worker, read anywhere
 * @backoff_ms: until the next try to recover; the worker's
 * @recover: tries to recover while @state is down
 * @shadow: the worker's
 * @identity: what I? and Z5 answered; constant after probe, save that a reset
 *	after a firmware update may change it
 * @serial: what ZS answered, "" if nothing
 * @firmware: what its firmware can do
 * @config_lock: guards @cert.mode, @cert.set and @link
 * @cert: certificates and verification
 * @link: the Wi-Fi link
 * @radio: settings of the radio
 * @sockets: whose each of the module's sockets is; the worker's
 * @user_serves: a user has started a server or an access point by the AT channel,
 *	since the last reset; the worker's
 * @udp_port: chooses the port that datagrams are sent from; the worker's
 * @clients_told: messages of the module that a server's client has come; the worker's
 * @client_told: jiffies of the last; the worker's
 * @patience_ms: how long the running job's exchanges may take at the least, 0 if
 *	their commands decide; the worker's
 * @files: how many were ever opened: the next one's id
 * @exclusive: the file that has the module alone, 0 if none; see
 *	eswifi_job.owner
 * @message_job: asks for messages while there are @subscribers; NULL before the
 *	first; guarded by @queue_lock
 * @subscribers: files that want messages; guarded by @queue_lock
 * @text: what the running job has to say to its failure, printable: the
 *	module's last ERROR, or the driver's reason; the worker's
 * @stats: counters, by enum eswifi_stat
 */
struct eswifi {
	struct device dev;
	struct cdev cdev;
	int id;
	struct eswifi_bus bus;

	struct kthread_worker *worker;
	const struct eswifi_engine_ops *engine_ops;
	spinlock_t queue_lock;		/* guards gone, jobs, exclusive, messages */
	bool gone;
	struct list_head jobs;
	wait_queue_head_t wait;
	struct eswifi_job *current_job;
	enum eswifi_state state;
	unsigned int backoff_ms;
	struct kthread_delayed_work recover;
	struct eswifi_shadow shadow;

	struct eswifi_identity identity;
	char serial[64];
	struct eswifi_firmware firmware;

	struct mutex config_lock;	/* guards cert.mode, .set, .status; link */
	struct eswifi_cert cert;
	struct eswifi_link link;
	struct eswifi_radio radio;
	struct eswifi_socket sockets[ESWIFI_SOCKETS];
	bool user_serves;
	unsigned int udp_port;
	unsigned int clients_told;
	unsigned long client_told;
	unsigned int patience_ms;
	atomic64_t files;
	u64 exclusive;
	struct eswifi_job *message_job;
	struct list_head subscribers;

	char text[ESWIFI_TEXT_SIZE];
	atomic64_t stats[ESWIFI_STATS];
};

static inline void eswifi_count(struct eswifi *ew, enum eswifi_stat stat, u64 n)
{
	atomic64_add(n, &ew->stats[stat]);
}

/**
 * eswifi_peek() - first packet of a queue that others add to
 * @queue: the queue
 *
 * The lock makes seen what was written before the packet was queued.
 *
 * Return: the packet, still queued; NULL if there is none.
 */
static inline struct sk_buff *eswifi_peek(struct sk_buff_head *queue)
{
	struct sk_buff *skb;

	spin_lock_irq(&queue->lock);
	skb = skb_peek(queue);
	spin_unlock_irq(&queue->lock);
	return skb;
}

/* core.c; the tables are known outside for a test that holds them together */
extern const struct of_device_id eswifi_of_match[];
extern const struct spi_device_id eswifi_spi_ids[];
struct eswifi *eswifi_alloc(struct device *parent);
void eswifi_event(struct eswifi *ew, const char *event);

/* link.c */
int eswifi_link_join(struct eswifi *ew, const struct eswifi_join *wish, u64 owner, char *text);
int eswifi_link_leave(struct eswifi *ew, u64 owner);
int eswifi_link_info(struct eswifi *ew, struct eswifi_link_info *info, u64 owner);

/* link_watch.c */
int eswifi_link_start(struct eswifi *ew);
void eswifi_link_stop(struct eswifi *ew);
int eswifi_link_replay(struct eswifi *ew);
void eswifi_link_lost(struct eswifi *ew);

/* ap.c */
int eswifi_ap_start(struct eswifi *ew, struct eswifi_ap *ap, u64 owner, char *text);
int eswifi_ap_stop(struct eswifi *ew, u64 owner, char *text);
int eswifi_ap_info(struct eswifi *ew, struct eswifi_ap_info *info, u64 owner, char *text);

/* scan.c */
int eswifi_scan(struct eswifi *ew, struct eswifi_bss *bss, u32 room, u32 *count, u64 owner,
		char *text);

/* query.c */
int eswifi_resolve(struct eswifi *ew, struct eswifi_resolve *arg, u64 owner, char *text);
int eswifi_ping(struct eswifi *ew, struct eswifi_ping *arg, u64 owner, char *text);

/* radio.c */
int eswifi_country_get(struct eswifi *ew, char *country);
int eswifi_country_set(struct eswifi *ew, const char *country);
int eswifi_power_save_get(struct eswifi *ew, bool *on);
int eswifi_power_save_set(struct eswifi *ew, bool on);
int eswifi_radio_replay(struct eswifi *ew);

/* socket.c */
int eswifi_socket_take(struct eswifi *ew, struct eswifi_job *owner, unsigned int protocol,
		       void (*lost)(struct eswifi_job *owner, int error, const char *why));
int eswifi_socket_end(struct eswifi *ew, int socket);
bool eswifi_socket_is_peer(struct eswifi *ew, const u8 ip[4], unsigned int port);
void eswifi_socket_drop(struct eswifi *ew, int socket);
void eswifi_sockets_lost(struct eswifi *ew, int error, const char *why);

/* conn.c */
struct file *eswifi_conn_open(struct eswifi *ew, const struct eswifi_connect *arg, u64 owner,
			      char *text);

/* listen.c */
struct file *eswifi_listen(struct eswifi *ew, const struct eswifi_listen *arg, u64 owner,
			   char *text);

/* messages.c */
int eswifi_message_fetch(struct eswifi *ew);
void eswifi_message_deliver(struct eswifi *ew, const u8 *text, size_t len);
size_t eswifi_messages_take(struct eswifi *ew, enum eswifi_message_place place, u8 *buf,
			    size_t len, unsigned int *count);
void eswifi_messages_stop(struct eswifi *ew);

/* ioctl.c */
int eswifi_copy_in(void *to, const void __user *from, u32 size);
int eswifi_give_file(struct file *file, unsigned int fd_flags, s32 *fd, const void *data,
		     size_t size, void __user *arg);

/* chrdev.c */
extern const struct file_operations eswifi_fops;

/* sysfs.c */
extern const struct attribute_group *eswifi_groups[];

#endif /* ESWIFI_H */
