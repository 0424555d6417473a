/* SPDX-License-Identifier: MIT */
#include "cli/input.h"
#define key_set_read input_read_keys
