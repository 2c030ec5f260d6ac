// The console that MicroPython's REPL and sys.stdin/stdout use: USART1.
#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"
#include "shared/runtime/interrupt_char.h"
#include "repl.h"
#include "usart.h"

#define CONSOLE_BAUDRATE (115200)
// The sender is held back when it is full, so pasted text of any length arrives whole. Ctrl-C works as long as a
// running program has less than this waiting unread before it.
#define CONSOLE_RXBUF (512)

static uint8_t rx_buf[CONSOLE_RXBUF + 1];

static bool interrupt_filter(uint8_t byte) {
    if (mp_interrupt_char < 0 || byte != mp_interrupt_char) {
        return false;
    }
    mp_sched_keyboard_interrupt();
    return true;
}

void repl_init(void) {
    usart_get(USART_CONSOLE)->filter = interrupt_filter;
    usart_config_t config = { .baudrate = CONSOLE_BAUDRATE, .stop_bits = 1, .hold = true };
    usart_enable(USART_CONSOLE, &config, rx_buf, sizeof(rx_buf));
}

int mp_hal_stdin_rx_chr(void) {
    for (;;) {
        int c = usart_getc(USART_CONSOLE);
        if (c >= 0) {
            return c;
        }
        mp_event_wait_indefinite();
    }
}

uintptr_t mp_hal_stdio_poll(uintptr_t poll_flags) {
    uintptr_t ready = poll_flags & MP_STREAM_POLL_WR;
    if ((poll_flags & MP_STREAM_POLL_RD) && usart_available(USART_CONSOLE) > 0) {
        ready |= MP_STREAM_POLL_RD;
    }
    return ready;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *str, size_t len) {
    for (size_t i = 0; i < len; ++i) {
        usart_putc(USART_CONSOLE, str[i]);
    }
    return len;
}
