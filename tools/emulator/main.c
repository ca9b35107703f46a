// SPDX-License-Identifier: GPL-2.0-only
/* eswifi-emulator: an Inventek eS-WiFi module, as a program on /dev/uspi. */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "module.h"

struct options {
	struct module *module;
	struct bus_options bus;
	const char *config;
	const char *flash;
	const char *log;
	const char *socket;
	const char *quirk[QUIRKS];
	unsigned int quirks;
	const char *bake[FLASH_SETS * FLASH_TYPES];
	unsigned int bakes;
	bool show;
};

enum {
	OPT_SHOW = 256, OPT_FAST, OPT_TIMING, OPT_FAULT, OPT_FAULTS, OPT_MT, OPT_MODALIAS,
	OPT_BYTES, OPT_INTERRUPT, OPT_DEVICE, OPT_BAKE, OPT_SERIAL,
	OPT_QUIRK, OPT_QUIRKS, OPT_REPLY, OPT_REPLIES, OPT_SOCKET,
};

static const struct argp_option option_table[] = {
	{ "firmware", 'f', "VERSION", 0, "C3.5.2.5.STM (default), C6.2.1.11, C6.2.1.8, documented", 0 },
	{ "config", 'c', "FILE", 0, "Access points and hosts; read again on SIGHUP", 0 },
	{ "flash", 'F', "FILE", 0, "Keep certificates and saved settings here", 0 },
	{ "show", OPT_SHOW, 0, 0, "Print what the flash file holds, and exit", 0 },
	{ "bake", OPT_BAKE, "SET:ITEM=FILE", 0,
	  "ca, cert or key that came with the firmware's image", 0 },
	{ "serial", OPT_SERIAL, "TEXT", 0, "Serial number, such as 0029001F-33334707-30353834", 0 },
	{ "mac", 'm', "MAC", 0, "MAC address, default C4:7F:51:01:02:03", 0 },
	{ "mt", OPT_MT, "0|1", 0, "Error form at boot: 0 verbose, 1 simple", 0 },
	{ "quirk", OPT_QUIRK, "[no-]NAME", 0, "Let the firmware have a quirk, or not", 0 },
	{ "quirks", OPT_QUIRKS, 0, 0, "List the quirks, and exit", 0 },
	{ "reply", OPT_REPLY, "COMMAND=REPLY", 0,
	  "Answer a command with these bytes; \\r, \\n, \\xHH are understood", 0 },
	{ "replies", OPT_REPLIES, "FILE", 0, "Answer commands as in this dialogue", 0 },
	{ "log", 'l', "FILE", 0, "Write the dialogue to a file", 1 },
	{ "verbose", 'v', 0, 0, "Write the dialogue to standard error", 1 },
	{ "fast", OPT_FAST, 0, 0, "Take next to no time for anything", 2 },
	{ "timing", OPT_TIMING, "NAME=US", 0, "Set one duration (after --fast, if both)", 2 },
	{ "fault", OPT_FAULT, "NAME[=ARG][@N]", 0,
	  "Let something go wrong: always, or at the Nth occasion", 3 },
	{ "faults", OPT_FAULTS, 0, 0, "List the faults, and exit", 3 },
	{ "modalias", OPT_MODALIAS, "NAME", 0, "Driver that shall bind, default eswifi", 4 },
	{ "bytes-only", OPT_BYTES, 0, 0, "The SPI controller has no 16-bit words", 4 },
	{ "interrupt", OPT_INTERRUPT, 0, 0, "Data-ready is the SPI device's interrupt", 4 },
	{ "socket", OPT_SOCKET, "PATH|fd:N", 0, "A socket in place of /dev/uspi", 4 },
	{ "device", OPT_DEVICE, "PATH", 0, "Instead of /dev/uspi", 4 },
	{ 0 }
};

/* Quirks are added to those of the firmware, whichever option comes first. */
static void add_quirk(struct options *opt, const char *name, struct argp_state *state)
{
	struct quirks known = { 0 };

	if (quirk_parse(&known, name))
		argp_error(state, "quirk %s is not known: see --quirks", name);
	if (opt->quirks == sizeof(opt->quirk) / sizeof(*opt->quirk))
		argp_error(state, "more quirks than there are");
	opt->quirk[opt->quirks++] = name;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *opt = state->input;
	struct module *m = opt->module;

	switch (key) {
	case 'f':
		if (!profile_find(arg))
			argp_error(state, "firmware %s is not known", arg);
		module_firmware(m, profile_find(arg));
		break;
	case 'c':
		opt->config = arg;
		break;
	case 'F':
		opt->flash = arg;
		break;
	case 'l':
		opt->log = arg;
		break;
	case 'v':
		m->log.file = stderr;
		break;
	case 'm':
		if (!parse_mac(arg, m->mac))
			argp_error(state, "%s is no MAC address", arg);
		break;
	case OPT_SHOW:
		opt->show = true;
		break;
	case OPT_BAKE:
		if (opt->bakes == sizeof(opt->bake) / sizeof(*opt->bake))
			argp_error(state, "more items than there are");
		opt->bake[opt->bakes++] = arg;
		break;
	case OPT_SERIAL:
		m->serial = arg;
		break;
	case OPT_FAST:
		m->timing = timing_fast;
		break;
	case OPT_TIMING:
		if (timing_parse(&m->timing, arg))
			argp_error(state, "timing %s is not understood", arg);
		break;
	case OPT_FAULT:
		if (fault_parse(&m->faults, arg))
			argp_error(state, "fault %s is not understood", arg);
		break;
	case OPT_FAULTS:
		fault_list(stdout);
		exit(0);
	case OPT_MT:
		if (strcmp(arg, "0") && strcmp(arg, "1"))
			argp_error(state, "--mt is 0 or 1");
		add_quirk(opt, *arg == '1' ? "mt-default" : "no-mt-default", state);
		break;
	case OPT_QUIRK:
		add_quirk(opt, arg, state);
		break;
	case OPT_QUIRKS:
		quirk_list(stdout);
		exit(0);
	case OPT_REPLY:
		if (replies_add(&m->replies, arg))
			argp_error(state, "reply %s is not understood", arg);
		break;
	case OPT_REPLIES:
		if (replies_read(&m->replies, arg))
			argp_error(state, "%s holds no dialogue", arg);
		break;
	case OPT_SOCKET:
		opt->socket = arg;
		break;
	case OPT_MODALIAS:
		opt->bus.modalias = arg;
		break;
	case OPT_BYTES:
		opt->bus.bytes_only = true;
		break;
	case OPT_INTERRUPT:
		opt->bus.interrupt = true;
		break;
	case OPT_DEVICE:
		opt->bus.device = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_option,
	.doc = "Play an Inventek eS-WiFi module on an SPI bus of this kernel.",
};

static void bus_ready(void *data, uint32_t events)
{
	struct module *m = data;
	int error;

	while (!(error = bus_read(&m->bus)))
		wire_event(m, m->bus.event);
	if (error != -EAGAIN || events & EPOLLERR) {
		warnx("the bus is gone: %s", strerror(-error));
		m->loop.stop = true;
	}
}

struct signals {
	struct module *module;
	const char *config;
	int fd;
};

static void signalled(void *data, uint32_t events)
{
	struct signals *signals = data;
	struct signalfd_siginfo info;

	(void)events;
	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
		module_reload(signals->module, signals->config);
	else if (info.ssi_signo == SIGUSR1)
		log_note(&signals->module->log, "forbidden frames: %u",
			 signals->module->forbidden);
	else
		signals->module->loop.stop = true;
}

static int open_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void open_bus(struct module *m, const struct options *opt)
{
	int error = bus_open(&m->bus, &opt->bus);

	if (error)
		errx(1, "%s: %s", opt->bus.device, strerror(-error));
	m->bus_watch.fn = bus_ready;
	m->bus_watch.data = m;
	if (watch_start(&m->loop, &m->bus_watch, m->bus.fd, EPOLLIN))
		errx(1, "cannot watch the bus");
	printf("ready: %s %s\n", m->bus.device, m->bus.label);
	fflush(stdout);
	/* A host that does not drive reset has a module that runs from the start. */
	wire_power_on(m);
}

static void open_socket(struct module *m, struct plug *plug, const char *where)
{
	int error;

	m->bus.plug = plug;
	error = plug_open(plug, m, where);
	if (error)
		errx(1, "%s: %s", where, strerror(-error));
	printf("ready: %s\n", where);
	fflush(stdout);
}

static int play(struct module *m, const struct options *opt, struct plug *plug)
{
	struct signals signals = { .module = m, .config = opt->config, .fd = open_signals() };
	struct watch signal_watch = { .fn = signalled, .data = &signals };
	int error;

	if (watch_start(&m->loop, &signal_watch, signals.fd, EPOLLIN))
		errx(1, "cannot watch for signals");
	if (opt->socket)
		open_socket(m, plug, opt->socket);
	else
		open_bus(m, opt);
	error = loop_run(&m->loop);
	log_note(&m->log, "forbidden frames: %u", m->forbidden);
	watch_stop(&m->loop, &signal_watch);
	close(signals.fd);
	return error ? 1 : 0;
}

int main(int argc, char **argv)
{
	static struct module module = {
		.mac = { 0xc4, 0x7f, 0x51, 0x01, 0x02, 0x03 },
		.bus.fd = -1,
	};
	struct options opt = {
		.module = &module,
		.bus = { .device = "/dev/uspi", .modalias = "eswifi" },
	};
	struct module *m = &module;
	struct plug plug;
	unsigned int i;
	int error;

	module_firmware(m, profile_next(NULL));
	m->timing = timing_default;
	argp_parse(&argp, argc, argv, 0, NULL, &opt);
	for (i = 0; i < opt.quirks; i++)
		quirk_parse(&m->quirks, opt.quirk[i]);
	if (opt.log) {
		m->log.file = fopen(opt.log, "we");
		if (!m->log.file)
			err(1, "%s", opt.log);
	}
	if (opt.config && config_read(&m->config, opt.config))
		errx(1, "%s: cannot be used", opt.config);
	error = flash_open(&m->flash, opt.flash);
	if (error)
		errx(1, "%s: %s", opt.flash, strerror(-error));
	for (i = 0; i < opt.bakes; i++) {
		error = flash_bake(&m->flash, opt.bake[i]);
		if (error)
			errx(1, "--bake %s: %s", opt.bake[i], strerror(-error));
	}
	if (opt.show) {
		flash_show(&m->flash, stdout);
		flash_close(&m->flash);
		return 0;
	}
	if (module_init(m))
		err(1, "cannot start");
	error = play(m, &opt, &plug);
	/* Still on the bus: the host sees the line fall before the plug is pulled. */
	if (m->bus.plug)
		plug_close(m->bus.plug);
	module_exit(m);
	bus_close(&m->bus);
	return error;
}
