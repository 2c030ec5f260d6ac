// Ticks and delays. SysTick interrupts every millisecond; the update events of QEMU's TIM2..5 come at wrong times,
// so no timer interrupt is used.
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/softtimer.h"
#include "stm32f405.h"
#include "hal.h"
#include "usart.h"
#include "world.h"

#define SYSTICK_RELOAD (SYSCLK_HZ / 1000 - 1)
#define TICKS_PER_US (SYSCLK_HZ / 1000000)

volatile uint32_t uptime_ms;

void hal_init(void) {
    SYSTICK_LOAD = SYSTICK_RELOAD;
    SYSTICK_VAL = 0;
    SYSTICK_CTRL = SYSTICK_CTRL_RUN;
    // TIM5 is 32 bits wide and no PWM uses it: QEMU counts it in virtual nanoseconds, a chip at 84 MHz.
    RCC_APB1ENR |= 1u << 3;
    TIMER(5)->PSC = 0;
    TIMER(5)->ARR = 0xFFFFFFFF;
    TIMER(5)->CR1 = TIM_CR1_CEN;
}

void systick_handler(void) {
    uptime_ms += 1;
    usart_idle_tick(uptime_ms);
    world_tick(uptime_ms);
    if (soft_timer_next == uptime_ms) {
        soft_timer_handler();
    }
}

uint32_t free_running_ticks(void) {
    return TIMER(5)->CNT;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return uptime_ms;
}

mp_uint_t mp_hal_ticks_us(void) {
    uint32_t ms, value;
    if (world_edge_time(&ms)) {
        return ms;
    }
    bool uncounted;  // with interrupts off: the counter has wrapped once more than uptime_ms says
    do {
        ms = uptime_ms;
        value = SYSTICK_VAL;
        uncounted = SCB_ICSR & SCB_ICSR_PENDSTSET;
    } while (ms != uptime_ms || SYSTICK_VAL > value);  // it wrapped in between: the three do not belong together
    return (ms + uncounted) * 1000 + (SYSTICK_RELOAD - value) / TICKS_PER_US;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    return free_running_ticks();  // QEMU's DWT_CYCCNT reads 0
}

uint64_t mp_hal_time_ns(void) {
    return (uint64_t)uptime_ms * 1000000;  // no RTC: time begins when the board does
}

void mp_hal_delay_us(mp_uint_t us) {
    uint32_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}

void mp_hal_delay_ms(mp_uint_t ms) {
    uint32_t start_ms = uptime_ms;
    uint32_t start_us = mp_hal_ticks_us();
    mp_event_handle_nowait();
    while (uptime_ms - start_ms < ms) {
        mp_event_wait_ms(1);
    }
    // The last tick may come up to 1 ms early, as the first one was under way at the start.
    while (ms <= 1000000 && mp_hal_ticks_us() - start_us < ms * 1000) {
        mp_event_handle_nowait();
    }
}
