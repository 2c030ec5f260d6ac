// The port layer that MicroPython's py/mphal.h includes.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include "py/mpconfig.h"
#include "shared/runtime/interrupt_char.h"

mp_uint_t mp_hal_ticks_ms(void);
mp_uint_t mp_hal_ticks_us(void);
mp_uint_t mp_hal_ticks_cpu(void);
uint64_t mp_hal_time_ns(void);
void mp_hal_delay_ms(mp_uint_t ms);
void mp_hal_delay_us(mp_uint_t us);

// SysTick ends it after 1 ms at the latest, so a missed event costs no more than that.
#define MICROPY_INTERNAL_WFE(timeout_ms) __asm volatile ("wfi" ::: "memory")
