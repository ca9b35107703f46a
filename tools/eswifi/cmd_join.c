// SPDX-License-Identifier: GPL-2.0-only
/* eswifictl join and leave: the passphrase is read where nobody sees it, and wiped. */
#include <argp.h>
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "eswifictl.h"

struct join_arguments {
	const char *ssid;
	const char *file;
	unsigned int security;
};

static const char *const security_names[] = {
	[ESWIFI_SECURITY_OPEN] = "open",
	[ESWIFI_SECURITY_WEP] = "wep",
	[ESWIFI_SECURITY_WPA] = "wpa",
	[ESWIFI_SECURITY_WPA2] = "wpa2",
	[ESWIFI_SECURITY_WPA_WPA2] = "wpa-wpa2",
};

static const struct argp_option join_options[] = {
	{ "security", 's', "NAME", 0, "open, wep, wpa, wpa2 (default) or wpa-wpa2", 0 },
	{ "passphrase-file", 'f', "FILE", 0, "Read the passphrase from FILE (first line)", 0 },
	{ 0 }
};

static error_t parse_join(int key, char *arg, struct argp_state *state)
{
	struct join_arguments *args = state->input;
	size_t i;

	switch (key) {
	case 's':
		for (i = 0; i < sizeof(security_names) / sizeof(*security_names); i++) {
			if (!strcmp(arg, security_names[i])) {
				args->security = i;
				return 0;
			}
		}
		argp_error(state, "'%s' is no security: open, wep, wpa, wpa2 or wpa-wpa2", arg);
		return 0;
	case 'f':
		args->file = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->ssid)
			argp_error(state, "one SSID; quote it if it has blanks");
		if (!*arg || strlen(arg) > ESWIFI_SSID_MAX)
			argp_error(state, "an SSID has 1 to %d bytes", ESWIFI_SSID_MAX);
		args->ssid = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which network?");
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

static void interrupted(int signal)
{
	(void)signal;	/* only to make read() return */
}

/*
 * First line of a file, byte by byte: no stdio, whose buffers could not be
 * wiped. Returns its length, -1 with errno.
 */
static ssize_t read_secret_line(int fd, char *line, size_t size)
{
	size_t len = 0;
	ssize_t got;

	while ((got = read(fd, line + len, 1)) == 1 && line[len] != '\n') {
		if (++len == size) {
			errno = EMSGSIZE;
			return -1;
		}
	}
	if (got < 0)
		return -1;
	if (len && line[len - 1] == '\r')
		len--;
	return len;
}

/* The terminal shows nothing meanwhile, and gets its echo back whatever happens. */
static ssize_t ask_passphrase(int tty, const char *ssid, char *line, size_t size)
{
	struct sigaction action = { .sa_handler = interrupted }, old[3];
	static const int signals[3] = { SIGINT, SIGTERM, SIGQUIT };
	struct termios normal, silent;
	ssize_t len;
	int i, err;

	if (tcgetattr(tty, &normal))
		return -1;
	silent = normal;
	silent.c_lflag &= ~ECHO;
	for (i = 0; i < 3; i++)
		sigaction(signals[i], &action, &old[i]);
	dprintf(tty, "Passphrase of %s: ", ssid);
	tcsetattr(tty, TCSAFLUSH, &silent);
	len = read_secret_line(tty, line, size);
	err = errno;
	tcsetattr(tty, TCSAFLUSH, &normal);
	dprintf(tty, "\n");
	for (i = 0; i < 3; i++)
		sigaction(signals[i], &old[i], NULL);
	errno = err;
	return len;
}

static ssize_t get_passphrase(const struct join_arguments *args, char *line, size_t size)
{
	ssize_t len = -1;
	int fd, err;

	if (args->file) {
		fd = open(args->file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -1;
		len = read_secret_line(fd, line, size);
	} else if (isatty(STDIN_FILENO)) {
		fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -1;
		len = ask_passphrase(fd, args->ssid, line, size);
	} else {
		return read_secret_line(STDIN_FILENO, line, size);
	}
	err = errno;
	close(fd);
	errno = err;
	return len;
}

static const char too_long[] = "it has more than 63 characters or 64 hexadecimal digits";

/* NULL, or what is wrong with it. */
static const char *passphrase_fault(unsigned int security, const char *line, size_t len)
{
	size_t i;

	if (!len)
		return "it is empty; for a network without one: --security open";
	for (i = 0; i < len; i++)
		if (!isascii(line[i]) || !isprint(line[i]))
			return "it has characters that are not printable ASCII";
	if (len > ESWIFI_PASSPHRASE_MAX)
		return too_long;
	if (security == ESWIFI_SECURITY_WEP)
		return NULL;
	if (len < 8)
		return "it has 8 to 63 characters, or 64 hexadecimal digits";
	for (i = 0; len == 64 && i < len; i++)
		if (!isxdigit(line[i]))
			return "64 characters are a key: hexadecimal digits only";
	return NULL;
}

int cmd_join(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		join_options, parse_join, "SSID",
		"Join a network; its DHCP server gives the address.\n"
		"\vThe passphrase is asked for on the terminal; if standard input is none,\n"
		"its first line is taken. It never stands on the command line, where\n"
		"others could see it. Needs CAP_NET_ADMIN.",
		NULL, NULL, NULL
	};
	struct join_arguments args = { .security = ESWIFI_SECURITY_WPA2 };
	struct eswifi_link_info info = { .size = sizeof(info) };
	struct eswifi_join join = { .size = sizeof(join) };
	char line[ESWIFI_PASSPHRASE_MAX + 2];
	const char *fault;
	ssize_t len;
	int code, failed, err;

	argp_parse(&argp, argc, argv, 0, NULL, &args);
	code = device_open(device);
	if (code)
		return code;

	if (args.security != ESWIFI_SECURITY_OPEN) {
		len = get_passphrase(&args, line, sizeof(line));
		if (len < 0) {
			explicit_bzero(line, sizeof(line));
			return complain(EXIT_USAGE, "no passphrase: %s",
					errno == EMSGSIZE ? too_long : strerror(errno));
		}
		fault = passphrase_fault(args.security, line, len);
		if (fault) {
			explicit_bzero(line, sizeof(line));
			return complain(EXIT_USAGE, "this can't be the passphrase: %s", fault);
		}
		memcpy(join.passphrase, line, len);
		join.passphrase_len = len;
		explicit_bzero(line, sizeof(line));
	}
	join.security = args.security;
	join.ssid_len = strlen(args.ssid);
	memcpy(join.ssid, args.ssid, join.ssid_len);
	failed = ioctl(device->fd, ESWIFI_IOC_JOIN, &join);
	err = errno;
	explicit_bzero(&join, sizeof(join));
	errno = err;
	if (failed && errno == ECONNREFUSED)
		return complain(EXIT_REFUSED,
				"could not join '%s'. The module does not say why:\n"
				"out of reach, a wrong passphrase, or another --security.",
				args.ssid);
	if (failed && errno == EINVAL)
		return complain(EXIT_USAGE,
				"the module can't be told this SSID or passphrase: %s",
				"no commas, no control characters");
	if (failed)
		return device_failed(device, "join");
	if (!ioctl(device->fd, ESWIFI_IOC_LINK_INFO, &info))
		printf("joined %s, address %s, %d dBm\n", args.ssid,
		       inet_ntoa((struct in_addr){ info.ip }), info.rssi);
	return EXIT_DONE;
}

int cmd_leave(struct device *device, int argc, char **argv)
{
	static const struct argp argp = {
		NULL, NULL, "",
		"Leave the network, and forget its passphrase. Needs CAP_NET_ADMIN.",
		NULL, NULL, NULL
	};
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	code = device_open(device);
	if (code)
		return code;
	if (ioctl(device->fd, ESWIFI_IOC_LEAVE))
		return device_failed(device, "leave");
	return EXIT_DONE;
}
