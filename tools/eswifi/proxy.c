// SPDX-License-Identifier: GPL-2.0-only
/* eswifi-proxy: a SOCKS5 and HTTP proxy whose way out is an eS-WiFi module. */
#include <argp.h>
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "proxy.h"

#define DEFAULT_LISTEN	"127.0.0.1:1080"

enum { EXIT_WRONG_USAGE = 2, EXIT_NOT_STARTED = 3 };

/**
 * struct settings - the command line
 * @proxy: what most of it is about
 * @listen: address and port
 */
struct settings {
	struct proxy proxy;
	const char *listen;
};

static const char doc[] =
	"Let programs that know nothing of eS-WiFi modules connect through one: a\n"
	"proxy for SOCKS5 and for HTTP CONNECT, both on the same port of this machine.\n"
	"\vFor example:\n"
	"  curl --socks5-hostname 127.0.0.1:1080 https://example.com/\n"
	"  https_proxy=http://127.0.0.1:1080 git clone https://example.com/x.git\n"
	"\n"
	"The module connects by TCP and looks names up; TLS, and with it the check of\n"
	"the server's name, is the program's, from end to end.\n"
	"\n"
	"With --module-tls it is the other way round: programs speak plain text to the\n"
	"proxy, and the module makes TLS of it, with its own certificates, to every\n"
	"server and port. It verifies the chain of the server's certificate as --verify\n"
	"says, but NEVER THE SERVER'S NAME: use a CA that signs your servers only.\n"
	"Programs must then not do TLS themselves. The module has two TLS connections, or one.\n"
	"\n"
	"The module has four connections. Further clients wait for a free one.\n"
	"If systemd passes sockets, clients come in by them.\n"
	"\n"
	"Exit codes: 0 ended by SIGTERM; 2 wrong usage; 3 cannot listen.";

enum { KEY_MODULE_TLS = 256, KEY_VERIFY, KEY_SET, KEY_IDLE, KEY_WAIT };

static const struct argp_option options[] = {
	{ "device", 'd', "eswifiN", 0, "Which module (eswifi0)", 0 },
	{ "listen", 'l', "ADDRESS:PORT", 0,
	  "Where clients come in (" DEFAULT_LISTEN "); whoever reaches it can use the module", 0 },
	{ "module-tls", KEY_MODULE_TLS, NULL, 0,
	  "The module does TLS with the servers; see below", 0 },
	{ "verify", KEY_VERIFY, "MODE", 0,
	  "With --module-tls: none, optional or required; not given: verify_mode", 0 },
	{ "set", KEY_SET, "N", 0,
	  "With --module-tls: certificate set, 0 to 3; not given: cert_set", 0 },
	{ "idle", KEY_IDLE, "SECONDS", 0,
	  "A connection without a byte for so long is ended (600)", 0 },
	{ "wait", KEY_WAIT, "SECONDS", 0,
	  "A client waits so long for a free connection of the module (30)", 0 },
	{ 0 }
};

/* One line for the journal, or for whoever looks on. */
void say(const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(stderr, "eswifi-proxy: %s\n", line);
}

/* A whole decimal number in a range, or the end with a message. */
static long number(struct argp_state *state, const char *what, const char *text, long min,
		   long max)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < min || n > max)
		argp_error(state, "--%s: '%s' is not %ld to %ld", what, text, min, max);
	return n;
}

static uint8_t verify_mode(struct argp_state *state, const char *text)
{
	if (!strcmp(text, "none"))
		return ESWIFI_VERIFY_NONE;
	if (!strcmp(text, "optional"))
		return ESWIFI_VERIFY_OPTIONAL;
	if (!strcmp(text, "required"))
		return ESWIFI_VERIFY_REQUIRED;
	argp_error(state, "'%s' is no mode: none, optional or required", text);
	return ESWIFI_VERIFY_DEFAULT;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct settings *settings = state->input;
	struct proxy *proxy = &settings->proxy;

	switch (key) {
	case 'd':
		if (!*arg || strlen(arg) > 32 || strchr(arg, '/') || arg[0] == '.')
			argp_error(state, "'%s' is no device name; it looks like eswifi0", arg);
		proxy->device = arg;
		return 0;
	case 'l':
		settings->listen = arg;
		return 0;
	case KEY_MODULE_TLS:
		proxy->module_tls = true;
		return 0;
	case KEY_VERIFY:
		proxy->verify = verify_mode(state, arg);
		return 0;
	case KEY_SET:
		proxy->cert_set = number(state, "set", arg, 0, 3);
		return 0;
	case KEY_IDLE:
		proxy->idle_ms = 1000 * number(state, "idle", arg, 1, 1000000);
		return 0;
	case KEY_WAIT:
		proxy->wait_ms = 1000 * number(state, "wait", arg, 0, 3600);
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "there are only options");
		return 0;
	case ARGP_KEY_END:
		if (!proxy->module_tls && (proxy->verify != ESWIFI_VERIFY_DEFAULT ||
					   proxy->cert_set != ESWIFI_CERT_SET_DEFAULT))
			argp_error(state, "--verify and --set belong to --module-tls");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

/* Only the end of the loop: what is to be done stands behind it. */
static void signal_ready(struct watch *watch, uint32_t events)
{
	bool *ended = watch->owner;

	(void)events;
	*ended = true;
}

static int watch_signals(struct watch *watch)
{
	sigset_t signals;

	/* Who closes its end of a stream is no reason to die. */
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	watch->fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
	return watch->fd < 0 || !watch_for(watch, EPOLLIN) ? -1 : 0;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { options, parse, "", doc, NULL, NULL, NULL };
	struct settings settings = {
		.proxy = {
			.device = "eswifi0",
			.verify = ESWIFI_VERIFY_DEFAULT,
			.cert_set = ESWIFI_CERT_SET_DEFAULT,
			.idle_ms = 600 * 1000,
			.wait_ms = 30 * 1000,
		},
		.listen = DEFAULT_LISTEN,
	};
	struct proxy *proxy = &settings.proxy;
	bool ended = false;
	struct watch signals = { .fd = -1, .ready = signal_ready, .owner = &ended };

	argp_err_exit_status = EXIT_WRONG_USAGE;
	argp_parse(&argp, argc, argv, 0, NULL, &settings);
	TAILQ_INIT(&proxy->clients);
	TAILQ_INIT(&proxy->gone);

	if (!loop_init() || watch_signals(&signals)) {
		say("cannot start: %m");
		return EXIT_NOT_STARTED;
	}
	if (listen_start(proxy, settings.listen))
		return EXIT_NOT_STARTED;
	sd_notify(0, "READY=1");

	while (!ended) {
		if (!loop_turn(clients_deadline(proxy))) {
			say("epoll: %m");
			break;
		}
		clients_check_time(proxy);
		clients_free_gone(proxy);
	}
	sd_notify(0, "STOPPING=1");
	listen_stop(proxy);
	clients_end_all(proxy, "the proxy was ended");
	clients_free_gone(proxy);
	watch_close(&signals);
	return ended ? EXIT_SUCCESS : EXIT_NOT_STARTED;
}
