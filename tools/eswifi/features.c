// SPDX-License-Identifier: GPL-2.0-only
/* What firmware_features says, taken apart, and what its words mean to a user. */
#include <stdlib.h>
#include <string.h>

#include "features.h"

static const struct meaning {
	const char *word;
	const char *text;
} meanings[] = {
	{ "known", "its ways were seen of the vendor's own image" },
	{ "unknown",
	  "never seen: guarded against as the worst that was; but optional may be tried, and a TLS start is not repeated" },
	{ "slots", "tells what a certificate set holds" },
	{ "set-readback", "tells which certificate set is selected" },
	{ "counted-reads",
	  "tells how much it has received, so that no peer can forge a message of the module" },
	{ "pads-empty", "an empty reply has a line end too many, which is taken off" },
}, guards[] = {
	{ "key-form",
	  "the module's own key must be RSA in a form of its own, and its certificate RSA: 'eswifictl cert convert NAME' makes it so; others are refused" },
	{ "ec-ca-name",
	  "of an EC root CA only the name would be compared: take an RSA CA; required with an EC one is refused" },
	{ "optional-builtin",
	  "mode optional does not use the CA of the set, and never connects: take required, and a complete set" },
	{ "high-bytes",
	  "network names and passphrases must be ASCII: other characters would be dropped, and are refused" },
	{ "tls-slow",
	  "that a TLS server is not there shows after up to a minute; everybody else waits" },
	{ "tls-request",
	  "a server that asks for a client certificate, even if it can do without, crashes the module unless the mode is required: take required, and a complete set" },
	{ "tls-ecdsa",
	  "at TLS 1.2 a server needs an EC P-256 certificate: with an RSA one most refuse" },
	{ "close-notify-data",
	  "the end of a TLS connection arrives as two bytes: such two, the last before a silence, are taken for the end" },
	{ "send-stall",
	  "a peer that does not read is waited for 3 s, then its connection ends" },
	{ "tls-chance",
	  "about one TLS start in 128 fails by chance: it is tried once more" },
	{ "minus-one",
	  "'-1' from a peer may be the end of the stream: it is held back until that is clear" },
};

static const char *find(const struct meaning *table, size_t n, const char *word)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(table[i].word, word))
			return table[i].text;
	return "this eswifictl does not know it";
}

/* What a word before "guarded:" means; "sets=4" is told by features.sets. */
const char *feature_meaning(const char *word)
{
	return find(meanings, sizeof(meanings) / sizeof(*meanings), word);
}

/* What a word behind "guarded:" means. */
const char *guard_meaning(const char *word)
{
	return find(guards, sizeof(guards) / sizeof(*guards), word);
}

/* Of the text of firmware_features. */
void features_parse(struct features *features, const char *text)
{
	bool guarded = false;
	char *word, *rest;

	memset(features, 0, sizeof(*features));
	strncpy(features->text, text, sizeof(features->text) - 1);
	rest = features->text;
	while ((word = strsep(&rest, " \n"))) {
		if (!*word)
			continue;
		if (!strcmp(word, "guarded:"))
			guarded = true;
		else if (guarded && features->guards < FEATURES_MAX)
			features->guard[features->guards++] = word;
		else if (!guarded && !strncmp(word, "sets=", 5))
			features->sets = strtoul(word + 5, NULL, 10);
		else if (!guarded && features->words < FEATURES_MAX)
			features->word[features->words++] = word;
	}
}

/* False if the driver does not tell. */
bool features_read(struct features *features, const struct device *device)
{
	char text[VALUE_SIZE];

	if (device_read_attribute(device, "firmware_features", text, sizeof(text)))
		text[0] = 0;
	features_parse(features, text);
	return features->words;
}

static bool has(const char *const *words, unsigned int n, const char *word)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

bool features_has(const struct features *features, const char *word)
{
	return has(features->word, features->words, word);
}

bool features_guard(const struct features *features, const char *word)
{
	return has(features->guard, features->guards, word);
}
