// Time base of the board: SysTick counts milliseconds, TIM5 runs free.
#pragma once
#include <stdint.h>

extern volatile uint32_t uptime_ms;

void hal_init(void);
void systick_handler(void);
uint32_t free_running_ticks(void);
