/* SPDX-License-Identifier: GPL-2.0-only */
/* What the firmware of a module can do, as the driver tells it. */
#ifndef ESWIFICTL_FEATURES_H
#define ESWIFICTL_FEATURES_H

#include "eswifictl.h"

#define FEATURES_MAX	32

/**
 * struct features - firmware_features, taken apart
 * @text: what the words point into
 * @word: words before "guarded:", without the number of sets
 * @words: how many
 * @sets: certificate sets
 * @guard: words behind "guarded:"
 * @guards: how many
 */
struct features {
	char text[VALUE_SIZE];
	const char *word[FEATURES_MAX];
	unsigned int words;
	unsigned int sets;
	const char *guard[FEATURES_MAX];
	unsigned int guards;
};

/* features.c */
void features_parse(struct features *features, const char *text);
bool features_read(struct features *features, const struct device *device);
bool features_has(const struct features *features, const char *word);
bool features_guard(const struct features *features, const char *word);
const char *feature_meaning(const char *word);
const char *guard_meaning(const char *word);

#endif /* ESWIFICTL_FEATURES_H */
