// SPDX-License-Identifier: GPL-2.0-only
/* Certificates, saved settings, and what happens to them when power fails. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define PEM	"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

static void expect_burns(const char *path, unsigned int set, unsigned int type,
			 unsigned int burns, const char *name)
{
	struct flash flash;

	if (flash_open(&flash, path))
		abort();
	test_ok(flash.item[set][type].burns == burns, name);
	flash_close(&flash);
}

static void test_certificates(void)
{
	const char *used = "\r\n[CERTS   ] Selected item unavailable (used)\r\nERROR\r\n> ";
	const char *match = "\r\n[CERTS   ] Match\r\nOK\r\n> ";
	/* C6.2 has a blank line behind its words. */
	const char *used62 =
		"\r\n[CERTS   ] Selected item unavailable (used)\r\n\r\nERROR\r\n> ";
	const char *match62 = "\r\n[CERTS   ] Match\r\n\r\nOK\r\n> ";
	char path[256], header[32], other[] = PEM;
	struct module *m;
	struct stat st;

	strcpy(path, scratch("flash"));
	snprintf(header, sizeof(header), "PG=0,0,%zu", strlen(PEM));
	other[30]++;
	m = host_start("documented", path);
	boot(m);
	expect(m, "MT=1", OK);
	expect(m, "PE", "\r\n1,1,1\r\nOK\r\n> ");
	expect(m, "PF=0,0", OK);
	expect(m, "PF=0", OK);
	expect(m, "PF=0,3", ERROR);
	expect(m, "PE=3", ERROR);
	expect_payload(m, "PG=3,0,59", PEM, ERROR);
	expect_payload(m, "PG=0,3,59", PEM, ERROR);
	expect_payload(m, "PG=0,0,4", "text", ERROR);
	expect(m, "PE", "\r\n1,1,1\r\nOK\r\n> ");
	expect_payload(m, header, PEM, OK);
	expect(m, "PE", "\r\n0,1,1\r\nOK\r\n> ");
	expect(m, "PE=0", "\r\n0,1,1\r\nOK\r\n> ");
	expect_payload(m, header, PEM, match);
	expect_payload(m, header, other, used);
	expect_payload(m, "PG=0,0,58", PEM, used);
	expect_payload(m, header, PEM, match);
	test_ok(!stat(path, &st) && (st.st_mode & 0777) == 0600, "flash is for its owner only");
	host_stop(m);
	expect_burns(path, 0, FLASH_CA, 1, "burnt once");

	m = host_start("documented", path);
	boot(m);
	expect(m, "PE=0", "\r\n0,1,1\r\nOK\r\n> ");
	expect_payload(m, header, PEM, match);
	expect(m, "C1=my, \"ssid\"", OK);
	expect(m, "C2=pass,phrase", OK);
	expect(m, "Z1", OK);
	expect(m, "C1=other", OK);
	host_stop(m);

	m = host_start("C6.2.1.11", path);
	boot(m);
	expect(m, "MT=1", OK);
	expect(m, "C?", "\r\n\"my, \"ssid\"\",pass,phrase,0,1,0,0.0.0.0,0.0.0.0,0.0.0.0,"
	       "255.255.255.255,255.255.255.255,5,0,0,US,0\r\nOK\r\n> ");
	expect(m, "PF=0", ERROR);
	expect(m, "PF=0,3", OK);
	expect(m, "PE=3", "\r\n1,1,1\r\nOK\r\n> ");
	header[3] = '3';
	expect_payload(m, header, PEM, OK);
	expect_payload(m, header, PEM, match62);
	expect_payload(m, header, other, OK);
	expect_payload(m, header, other, match62);
	header[3] = '0';
	expect_payload(m, header, other, used62);
	host_stop(m);
	expect_burns(path, 3, FLASH_CA, 2, "set 3 is rewritable");
	expect_burns(path, 0, FLASH_CA, 1, "set 0 was not touched");

	m = host_start("documented", path);
	fault_parse(&m->faults, "pg-flash-error@1");
	fault_parse(&m->faults, "lie@1");
	boot(m);
	expect(m, "MT=1", OK);
	header[3] = '1';
	expect_payload(m, header, PEM,
		       "\r\n[CERTS  ] Failed to write to iFlash: -1\r\nERROR\r\n> ");
	expect_payload(m, header, PEM, OK);
	expect(m, "PE", "\r\n0,1,1\r\nOK\r\n> ");
	expect_payload(m, header, PEM, OK);
	expect(m, "PE", "\r\n0,0,1\r\nOK\r\n> ");
	host_stop(m);
}

/* Power that fails behind a burn, and a killer at any moment. */
static void test_power(void)
{
	char path[256], line[128];
	struct flash flash;
	int status, round;
	struct module *m;
	pid_t child;

	strcpy(path, scratch("power"));
	snprintf(line, sizeof(line), "PG=0,1,%zu\r%s", strlen(PEM), PEM);
	child = fork();
	if (!child) {
		uint8_t reply[64];

		m = host_start("documented", path);
		fault_parse(&m->faults, "die-after-pg=1");
		boot(m);
		host_command(m, line, strlen(line), reply, sizeof(reply));
		_exit(1);
	}
	waitpid(child, &status, 0);
	test_ok(WIFEXITED(status) && !WEXITSTATUS(status), "power fails behind the first burn");
	expect_burns(path, 0, FLASH_CERT, 1, "the burn is there");

	for (round = 0; round < 20; round++) {
		child = fork();
		if (!child) {
			if (flash_open(&flash, path))
				_exit(1);
			while (!flash_burn(&flash, 2, 0, PEM, strlen(PEM)))
				;
			_exit(1);
		}
		usleep(2000 + round * 500);
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
		if (!WIFSIGNALED(status) || flash_open(&flash, path))
			break;
		if (flash.item[2][0].data && !flash_match(&flash, 2, 0, PEM, strlen(PEM)))
			break;
		flash_close(&flash);
	}
	test_ok(round == 20, "flash survives a killer at any moment");
}

void test_flash(void)
{
	test_certificates();
	test_power();
}
