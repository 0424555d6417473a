/* SPDX-License-Identifier: MIT */
#include "cli/doctor.h"
#define diagnosis_relay doctor_relay
