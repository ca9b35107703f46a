# SPDX-License-Identifier: GPL-2.0-only
CONFIG_ARM_V7M=y
