// SPDX-License-Identifier: GPL-2.0-only
/*
 * Checks PEM files before they are burnt into a slot that can be written once:
 * armour, kind of block, base64, and a DER length that agrees.
 *
 * What passes is what the TLS library in the module (mbedTLS) reads: any number
 * of CERTIFICATE blocks, or one PRIVATE KEY (PKCS#8), RSA PRIVATE KEY (PKCS#1)
 * or EC PRIVATE KEY (SEC1), the last also behind the EC PARAMETERS block that
 * openssl puts there and the library skips. Lines end in LF or CRLF. Text may stand
 * before a block; behind the last one only blank lines may follow, and one NUL,
 * which some tools count to the file. What is before the first block and behind the
 * last is not sent: eswifi_pem_trim().
 *
 * It is not an X.509 parser: whether a certificate is still valid or is on a curve
 * the module knows is not looked at. Only a PKCS#8 key, whose label does not tell
 * its algorithm, must be RSA or EC. What a certain firmware wants beyond that is in
 * cert_fit.c.
 *
 * Pure: compiles in user space too.
 */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#else
#include <errno.h>
#include <string.h>
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#include "cert.h"

#define DER_INTEGER		0x02
#define DER_OCTET_STRING	0x04
#define DER_OID			0x06
#define DER_SEQUENCE		0x30

static const char pem_encrypted[] =
	"an encrypted key is of no use: run 'openssl pkey -in key.pem -out plain.pem'";
static const char pem_cut_off[] = "the file is cut off inside a block: copy it again";

/**
 * struct pem_label - a kind of block
 * @name: what stands between BEGIN and the dashes
 * @tag: DER tag of the whole
 * @inner: DER tag of its first element, 0 if that does not matter
 * @next: of a key: DER tag of the element behind its version; the three forms of keys
 *	have three different ones
 * @keep: how many bytes of it the check looks at: tags and lengths, and of PKCS#8
 *	what comes before the key itself. No secret is ever among them
 * @key: holds a private key
 * @refused: why no file may hold it, NULL if one may
 */
struct pem_label {
	const char *name;
	u8 tag;
	u8 inner;
	u8 next;
	u8 keep;
	bool key;
	const char *refused;
};

#define PEM_EC_PARAMETERS	(&pem_labels[1])
#define PEM_EC_PRIVATE_KEY	(&pem_labels[2])
#define PEM_PRIVATE_KEY		(&pem_labels[3])

static const struct pem_label pem_labels[] = {
	{ .name = "CERTIFICATE", .tag = DER_SEQUENCE, .inner = DER_SEQUENCE, .keep = 6 },
	{ .name = "EC PARAMETERS", .tag = DER_OID, .keep = 6, .key = true },
	{
		.name = "EC PRIVATE KEY", .key = true,
		.tag = DER_SEQUENCE, .inner = DER_INTEGER, .next = DER_OCTET_STRING, .keep = 7,
	},
	{
		.name = "PRIVATE KEY", .key = true,
		.tag = DER_SEQUENCE, .inner = DER_INTEGER, .next = DER_SEQUENCE, .keep = 16,
	},
	{
		.name = "RSA PRIVATE KEY", .key = true,
		.tag = DER_SEQUENCE, .inner = DER_INTEGER, .next = DER_INTEGER, .keep = 8,
	},
	{
		.name = "ENCRYPTED PRIVATE KEY", .key = true,
		.refused = pem_encrypted,
	},
	{
		.name = "OPENSSH PRIVATE KEY", .key = true,
		.refused =
			"a key in the format of OpenSSH: convert it with 'ssh-keygen -p -m PEM -f FILE'",
	},
	{
		.name = "PUBLIC KEY",
		.refused =
			"a public key is of no use to the module: take the certificate or the private key",
	},
	{
		.name = "CERTIFICATE REQUEST",
		.refused =
			"a signing request is no certificate: have a CA sign it and take what that gives",
	},
	{
		.name = "TRUSTED CERTIFICATE",
		.refused =
			"a certificate in a form of openssl's own: convert it with 'openssl x509 -in FILE -out cert.pem'",
	},
};

/**
 * struct pem_file - where the check stands in a file
 * @pos: next byte not yet looked at
 * @end: end of the file
 * @number: number of the line
 * @text: the line, without its line end
 * @len: bytes of @text
 * @ended: the line had a line end
 */
struct pem_file {
	const u8 *pos;
	const u8 *end;
	unsigned int number;
	const u8 *text;
	size_t len;
	bool ended;
};

/* A NUL at the end, which some tools count to the file, is not looked at. */
static struct pem_file pem_open(const u8 *data, size_t len, unsigned int number)
{
	return (struct pem_file){
		.pos = data,
		.end = data + len - (len && !data[len - 1]),
		.number = number,
	};
}

static bool pem_next_line(struct pem_file *file)
{
	const u8 *eol;

	if (file->pos == file->end)
		return false;
	eol = memchr(file->pos, '\n', file->end - file->pos);
	file->ended = eol;
	if (!eol)
		eol = file->end;
	file->text = file->pos;
	file->len = eol - file->pos;
	file->pos = file->ended ? eol + 1 : eol;
	file->number++;
	if (file->len && file->text[file->len - 1] == '\r')
		file->len--;
	return true;
}

static bool pem_is_blank(const struct pem_file *file)
{
	size_t i;

	for (i = 0; i < file->len; i++)
		if (file->text[i] != ' ' && file->text[i] != '\t' && file->text[i] != '\r')
			return false;
	return true;
}

static bool pem_contains(const struct pem_file *file, const char *what)
{
	size_t len = strlen(what);
	size_t i;

	for (i = 0; i + len <= file->len; i++)
		if (!memcmp(file->text + i, what, len))
			return true;
	return false;
}

static bool pem_starts(const struct pem_file *file, const char *with)
{
	size_t len = strlen(with);

	return file->len >= len && !memcmp(file->text, with, len);
}

/* Is the line "-----<verb> <label>-----"? Says where the label is. */
static bool pem_armour(const struct pem_file *file, const char *verb, const u8 **label,
		       size_t *len)
{
	size_t head = strlen(verb);

	if (file->len < head + 5 || memcmp(file->text, verb, head) ||
	    memcmp(file->text + file->len - 5, "-----", 5))
		return false;
	*label = file->text + head;
	*len = file->len - head - 5;
	return true;
}

static const struct pem_label *pem_label_find(const u8 *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(pem_labels); i++)
		if (strlen(pem_labels[i].name) == len && !memcmp(pem_labels[i].name, name, len))
			return &pem_labels[i];
	return NULL;
}

static int pem_base64(u8 c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/**
 * struct pem_der - the block decoded
 * @data: its first bytes
 * @keep: how many of them; room at @data
 * @len: how many there are in all
 */
struct pem_der {
	u8 *data;
	size_t keep;
	size_t len;
};

#define PEM_KEEP_MAX	16

static void pem_der_byte(struct pem_der *der, u8 byte)
{
	if (der->len < der->keep)
		der->data[der->len] = byte;
	der->len++;
}

/* Version, SEQUENCE, OID: is that rsadsi (RSA) or ansi-X9-62 (EC)? */
static bool pem_pkcs8_is_usable(const u8 *version)
{
	static const u8 rsa[] = { 0x2a, 0x86, 0x48, 0x86, 0xf7 };
	static const u8 ec[] = { 0x2a, 0x86, 0x48, 0xce, 0x3d };
	const u8 *oid = version + 7;

	return version[5] == DER_OID &&
	       (!memcmp(oid, rsa, sizeof(rsa)) || !memcmp(oid, ec, sizeof(ec)));
}

/* What is wrong with the decoded block; NULL if nothing is. */
static const char *pem_der_fault(const struct pem_der *der, const struct pem_label *label)
{
	static const char not_der[] =
		"the block does not hold what its label says: make the file anew";
	size_t len, head = 2;

	if (der->len < 4 || der->data[0] != label->tag)
		return not_der;
	len = der->data[1];
	if (len == 0x81) {
		len = der->data[2];
		head = 3;
	} else if (len == 0x82) {
		len = der->data[2] << 8 | der->data[3];
		head = 4;
	} else if (len >= 0x80) {
		/* A longer form is longer than any file taken. */
		return not_der;
	}
	if (der->len < head + len)
		return "the block is shorter than its DER length, as if cut off: copy it again";
	if (der->len > head + len)
		return "the block is longer than its DER length, it is damaged: copy it again";
	if (label->inner && (!len || der->data[head] != label->inner))
		return not_der;
	if (label->next && (len < 4 || head + 3 >= label->keep || der->data[head + 1] != 1))
		return not_der;
	if (label->next && der->data[head + 3] != label->next)
		return "a key in another form than its label says: make the file anew";
	if (label == PEM_PRIVATE_KEY && (len < 12 || !pem_pkcs8_is_usable(der->data + head)))
		return "a key that is neither RSA nor EC: the module knows no other";
	return NULL;
}

static int pem_fault(struct eswifi_pem_fault *fault, unsigned int line, int error,
		     const char *what)
{
	fault->line = line;
	fault->what = what;
	return error;
}

/* The lines of a block up to its END line; the BEGIN line has been read. @der is empty. */
static int pem_check_block(struct pem_file *file, const struct pem_label *label,
			   struct pem_der *der, struct eswifi_pem_fault *fault)
{
	unsigned int begin = file->number;
	unsigned int chars = 0, pads = 0;
	const char *what;
	const u8 *name;
	size_t i, len;
	u32 bits = 0;
	int value;

	while (pem_next_line(file)) {
		if (file->len && file->text[0] == '-') {
			if (pem_armour(file, "-----END ", &name, &len)) {
				if (pem_label_find(name, len) == label)
					goto end;
				return pem_fault(fault, file->number, -EBADMSG,
						 "END names another kind of block than BEGIN: parts of two files are mixed, copy it again");
			}
			if (!file->ended)
				return pem_fault(fault, file->number, -EBADMSG, pem_cut_off);
			return pem_fault(fault, file->number, -EBADMSG,
					 "expected the END line of the block: lines are missing or damaged, copy the file again");
		}
		if (pem_starts(file, "Proc-Type:") || pem_starts(file, "DEK-Info:"))
			return pem_fault(fault, file->number, -EINVAL,
					 pem_encrypted);
		if (!file->len)
			return pem_fault(fault, file->number, -EBADMSG,
					 "blank line inside a block: remove it");

		for (i = 0; i < file->len; i++) {
			if (file->text[i] == '=' && (chars & 3) + pads >= 2 && pads < 2) {
				pads++;
				continue;
			}
			value = pem_base64(file->text[i]);
			if (value < 0 || pads)
				return pem_fault(fault, file->number, -EBADMSG,
						 "not base64: no blanks, and '=' only at the very end; the line is damaged, copy the file again");
			bits = bits << 6 | value;
			if (++chars % 4 == 0) {
				pem_der_byte(der, bits >> 16);
				pem_der_byte(der, bits >> 8);
				pem_der_byte(der, bits);
				bits = 0;
			}
		}
	}
	return pem_fault(fault, file->number, -EBADMSG, pem_cut_off);

end:
	if ((chars + pads) % 4)
		return pem_fault(fault, file->number, -EBADMSG,
				 "the base64 before this line does not come out even: characters are missing, copy the file again");
	if (pads == 1 && !(bits & 0x3)) {
		pem_der_byte(der, bits >> 10);
		pem_der_byte(der, bits >> 2);
	} else if (pads == 2 && !(bits & 0xf)) {
		pem_der_byte(der, bits >> 4);
	} else if (pads) {
		return pem_fault(fault, file->number, -EBADMSG,
				 "the last base64 characters before this line are damaged: copy the file again");
	}
	what = pem_der_fault(der, label);
	return what ? pem_fault(fault, begin, -EBADMSG, what) : 0;
}

/* May the block stand in a file of this kind, behind what came before? */
static const char *pem_misplaced(unsigned int item, const struct pem_label *label,
				 const struct pem_label *last)
{
	if (item != ESWIFI_CERT_KEY && label->key)
		return "a private key where a certificate is wanted: are the files mixed up?";
	if (item == ESWIFI_CERT_KEY && !label->key && !label->refused)
		return "a certificate where a private key is wanted: are the files mixed up?";
	if (label->refused)
		return label->refused;
	if (last == PEM_EC_PARAMETERS && label != PEM_EC_PRIVATE_KEY)
		return "EC PARAMETERS before another kind of key: remove that block";
	if (item == ESWIFI_CERT_KEY && last && last != PEM_EC_PARAMETERS)
		return "a second private key: leave one in the file";
	return NULL;
}

/* The whole file, without its NUL. */
static int pem_check_file(unsigned int item, struct pem_file *file,
			  struct eswifi_pem_fault *fault)
{
	const struct pem_label *label, *last = NULL;
	unsigned int text_line = 0;
	u8 head[PEM_KEEP_MAX];
	struct pem_der der;
	const char *what;
	const u8 *name;
	size_t len;
	int ret;

	while (pem_next_line(file)) {
		if (pem_armour(file, "-----BEGIN ", &name, &len)) {
			label = pem_label_find(name, len);
			if (!label)
				return pem_fault(fault, file->number, -EINVAL,
						 "not a block the module can use: the label must be CERTIFICATE, PRIVATE KEY, RSA PRIVATE KEY or EC PRIVATE KEY");
			what = pem_misplaced(item, label, last);
			if (what)
				return pem_fault(fault, file->number, -EINVAL, what);
			if (!file->ended)
				return pem_fault(fault, file->number, -EBADMSG, pem_cut_off);
			der = (struct pem_der){ .data = head, .keep = label->keep };
			ret = pem_check_block(file, label, &der, fault);
			if (ret)
				return ret;
			last = label;
			text_line = 0;
		} else if (!file->ended && pem_starts(file, "-----BEGIN ")) {
			return pem_fault(fault, file->number, -EBADMSG, pem_cut_off);
		} else if (pem_contains(file, "-----BEGIN ")) {
			return pem_fault(fault, file->number, -EBADMSG,
					 "a BEGIN line with something before or behind it: it must stand alone, without blanks or a byte order mark");
		} else if (pem_contains(file, "-----END ")) {
			return pem_fault(fault, file->number, -EBADMSG,
					 "an END line without its BEGIN: the start of the file is missing, copy it again");
		} else if (!text_line && !pem_is_blank(file)) {
			text_line = file->number;
		}
	}

	if (last == PEM_EC_PARAMETERS)
		return pem_fault(fault, file->number, -EBADMSG,
				 "EC PARAMETERS without the EC PRIVATE KEY that follows them: the file is cut off, copy it again");
	if (!last)
		return pem_fault(fault, 0, -EBADMSG,
				 "no PEM block in it: if it is DER, 'eswifictl cert convert' makes PEM of it");
	if (text_line)
		return pem_fault(fault, text_line, -EBADMSG,
				 "text behind the last block: remove it or, if a block should follow, the file is cut off, copy it again");
	return 0;
}

/**
 * eswifi_pem_check() - is a file fit to be written into the module?
 * @item: what the file is for
 * @data: the file
 * @len: its size
 * @fault: out, if not: why not
 *
 * Return: 0; -EFBIG longer than ESWIFI_CERT_MAX; -EINVAL a sound file of the
 * wrong kind; -EBADMSG one that is damaged, or is not what it says it is.
 */
int eswifi_pem_check(unsigned int item, const u8 *data, size_t len,
		     struct eswifi_pem_fault *fault)
{
	struct pem_file file = pem_open(data, len, 0);
	struct pem_file probe = file;

	fault->line = 0;
	fault->what = NULL;
	if (!len)
		return pem_fault(fault, 0, -EBADMSG, "empty: copy the file again");
	if (len > ESWIFI_CERT_MAX)
		return pem_fault(fault, 0, -EFBIG,
				 "longer than 8192 bytes: leave only the certificates that are needed, without text");

	/* A first pass for NUL bytes: behind one, nothing that C reads counts. */
	while (pem_next_line(&probe))
		if (memchr(probe.text, 0, probe.len))
			return pem_fault(fault, probe.number, -EBADMSG,
					 "a NUL byte in it: DER or UTF-16, save it as PEM in plain text");
	return pem_check_file(item, &file, fault);
}

/**
 * eswifi_pem_trim() - what of a sound file is sent
 * @file: in: the file; out: its part from the first BEGIN line to the last END line
 *	and its line end
 *
 * A certificate with anything behind its last END line is stored, compares equal and
 * is of no use (seen on C3.5.2.5.STM and C6.2.1.11); what does not begin with a BEGIN
 * line is stored and never compares equal.
 */
void eswifi_pem_trim(struct eswifi_bytes *file)
{
	struct pem_file lines = pem_open(file->data, file->len, 0);
	const u8 *begin = NULL, *end = lines.end;

	while (pem_next_line(&lines)) {
		if (!begin && pem_starts(&lines, "-----BEGIN "))
			begin = lines.text;
		if (pem_starts(&lines, "-----END "))
			end = lines.pos;
	}
	if (!begin)
		return;
	file->data = begin;
	file->len = end - begin;
}

/**
 * eswifi_pem_next() - decode the next block of a sound file
 * @file: in: the file, or what is left of it; out: what is behind the block
 * @line: in: line that @file begins with, from 1; out: that which follows
 * @block: out: the block: points into @buf
 * @begin: out: line of its BEGIN
 * @buf: room for it
 * @size: bytes of @buf; three quarters of the file are enough
 *
 * Parameters of a curve, which tell nothing that the key does not, are passed over.
 *
 * Return: 0; -ENOENT there is no further block; -EMSGSIZE it does not fit; -EBADMSG the
 * file is not sound.
 */
int eswifi_pem_next(struct eswifi_bytes *file, unsigned int *line, struct eswifi_bytes *block,
		    unsigned int *begin, u8 *buf, size_t size)
{
	struct pem_file lines = pem_open(file->data, file->len, *line - 1);
	struct pem_der der = { .data = buf, .keep = size };
	const struct pem_label *label;
	struct eswifi_pem_fault fault;
	const u8 *name;
	size_t len;
	int ret;

	if (size < PEM_KEEP_MAX)
		return -EMSGSIZE;
	while (pem_next_line(&lines)) {
		if (!pem_armour(&lines, "-----BEGIN ", &name, &len))
			continue;
		label = pem_label_find(name, len);
		*begin = lines.number;
		der.len = 0;
		ret = label && !label->refused ? pem_check_block(&lines, label, &der, &fault) :
						 -EBADMSG;
		if (ret)
			return ret;
		if (label == PEM_EC_PARAMETERS)
			continue;
		if (der.len > size)
			return -EMSGSIZE;
		block->data = buf;
		block->len = der.len;
		file->data = lines.pos;
		file->len = lines.end - lines.pos;
		*line = lines.number + 1;
		return 0;
	}
	return -ENOENT;
}
