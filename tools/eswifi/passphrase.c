// SPDX-License-Identifier: GPL-2.0-only
/* Passphrases: read where nobody sees them, checked, and wiped. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "eswifictl.h"

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

static ssize_t read_passphrase(const char *file, const char *ssid, char *line, size_t size)
{
	ssize_t len = -1;
	int fd, err;

	if (file) {
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return -1;
		len = read_secret_line(fd, line, size);
	} else if (isatty(STDIN_FILENO)) {
		fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -1;
		len = ask_passphrase(fd, ssid, line, size);
	} else {
		return read_secret_line(STDIN_FILENO, line, size);
	}
	err = errno;
	close(fd);
	errno = err;
	return len;
}

/* NULL, or what is wrong with it. */
static const char *passphrase_fault(unsigned int security, const char *line, size_t len,
				    size_t max)
{
	size_t i;

	if (!len)
		return "it is empty; for a network without one: --security open";
	for (i = 0; i < len; i++)
		if (!isascii(line[i]) || !isprint(line[i]))
			return "it has characters that are not printable ASCII";
	if (len > max)
		return "it is too long";
	if (security == ESWIFI_SECURITY_WEP)
		return NULL;
	if (len < 8)
		return "it has at least 8 characters";
	for (i = 0; len == 64 && i < len; i++)
		if (!isxdigit(line[i]))
			return "64 characters are a key: hexadecimal digits only";
	return NULL;
}

/*
 * From @file, or the terminal, or the first line of standard input; nothing for
 * an open network. Of up to @max bytes. 0, or the exit code after a message.
 */
int passphrase_get(const char *file, const char *ssid, unsigned int security, size_t max,
		   uint8_t *passphrase, uint16_t *passphrase_len)
{
	char line[ESWIFI_PASSPHRASE_MAX + 2];
	const char *fault;
	ssize_t len;

	if (security == ESWIFI_SECURITY_OPEN)
		return 0;
	len = read_passphrase(file, ssid, line, sizeof(line));
	if (len < 0) {
		explicit_bzero(line, sizeof(line));
		return complain(EXIT_USAGE, "no passphrase: %s",
				errno == EMSGSIZE ? "it is too long" : strerror(errno));
	}
	fault = passphrase_fault(security, line, len, max);
	if (!fault) {
		memcpy(passphrase, line, len);
		*passphrase_len = len;
	}
	explicit_bzero(line, sizeof(line));
	return fault ? complain(EXIT_USAGE, "this can't be the passphrase: %s", fault) : 0;
}
