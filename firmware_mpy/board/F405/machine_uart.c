// Included by extmod/machine_uart.c: machine.UART on USART2..6. Arguments as in MicroPython's stm32 port, except that
// `flow` is RTS unless said otherwise.
//   flow=UART.RTS  ring full: the peer is held back, as by a real board's RTS line; no byte is lost
//   flow=0         ring full: bytes are dropped, and counted by overruns()
#include "py/mperrno.h"
#include "py/mphal.h"
#include "shared/runtime/mpirq.h"
#include "machine_uart.h"
#include "stm32f405.h"
#include "usart.h"

#define UART_FLOW_RTS (0x100)  // USART_CR3_RTSE
#define UART_RXBUF_MAX (0xFFFE)  // ringbuf_t counts in 16 bits and keeps one place free

struct _machine_uart_obj_t {
    mp_obj_base_t base;
    uint8_t id;
    bool enabled;
    volatile bool irq_scheduled;
    uint16_t timeout_ms;
    uint16_t timeout_char_ms;
    uint16_t rxbuf;
    uint8_t *ring;
    usart_config_t config;
    mp_irq_obj_t *irq;
    uint16_t irq_trigger;
    volatile uint16_t irq_pending;
    uint16_t irq_flags;  // of the event being handled
};

MP_REGISTER_ROOT_POINTER(struct _machine_uart_obj_t *machine_uart_objs[6]);

static void mp_machine_uart_deinit(machine_uart_obj_t *self) {
    usart_disable(self->id);
    usart_get(self->id)->on_event = NULL;
    self->enabled = false;
}

void machine_uart_stop_all(void) {
    for (size_t i = 0; i < USART_COUNT; ++i) {
        if (MP_STATE_VM(machine_uart_objs)[i] != NULL) {
            mp_machine_uart_deinit(MP_STATE_VM(machine_uart_objs)[i]);
            MP_STATE_VM(machine_uart_objs)[i] = NULL;
        }
    }
}

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (!self->enabled) {
        mp_printf(print, "UART(%u)", self->id);
        return;
    }
    static const char *const parity_names[] = { "None", "0", "1" };
    mp_printf(print, "UART(%u, baudrate=%u, bits=8, parity=%s, stop=%u, flow=%s, timeout=%u, timeout_char=%u, rxbuf=%u, overruns=%u)",
        self->id, (unsigned)self->config.baudrate, parity_names[self->config.parity], self->config.stop_bits,
        self->config.hold ? "RTS" : "0", self->timeout_ms, self->timeout_char_ms, self->rxbuf,
        (unsigned)usart_get(self->id)->overruns);
}

#include "machine_uart_irq.c"

static usart_parity_t uart_parse_parity(mp_obj_t parity) {
    if (parity == mp_const_none) {
        return USART_PARITY_NONE;
    }
    return mp_obj_get_int(parity) & 1 ? USART_PARITY_ODD : USART_PARITY_EVEN;
}

static void uart_check(bool ok, mp_rom_error_text_t message) {
    if (!ok) {
        mp_raise_ValueError(message);
    }
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_baudrate, ARG_bits, ARG_parity, ARG_stop, ARG_flow, ARG_timeout, ARG_timeout_char, ARG_rxbuf };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_baudrate, MP_ARG_INT, {.u_int = 115200} },
        { MP_QSTR_bits, MP_ARG_INT, {.u_int = 8} },
        { MP_QSTR_parity, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_stop, MP_ARG_INT, {.u_int = 1} },
        { MP_QSTR_flow, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = UART_FLOW_RTS} },
        { MP_QSTR_timeout, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_timeout_char, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_rxbuf, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 256} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    mp_int_t baudrate = args[ARG_baudrate].u_int;
    mp_int_t stop = args[ARG_stop].u_int;
    mp_int_t flow = args[ARG_flow].u_int;
    mp_int_t timeout = args[ARG_timeout].u_int;
    mp_int_t timeout_char = args[ARG_timeout_char].u_int;
    mp_int_t rxbuf = args[ARG_rxbuf].u_int;
    uart_check(baudrate >= 1200 && baudrate <= APB1_HZ / 16, MP_ERROR_TEXT("invalid baudrate"));
    uart_check(args[ARG_bits].u_int == 8, MP_ERROR_TEXT("bits must be 8"));
    uart_check(stop == 1 || stop == 2, MP_ERROR_TEXT("stop must be 1 or 2"));
    uart_check(flow == 0 || flow == UART_FLOW_RTS, MP_ERROR_TEXT("flow must be 0 or UART.RTS"));
    uart_check(timeout >= 0 && timeout <= UINT16_MAX && timeout_char >= 0 && timeout_char <= UINT16_MAX,
        MP_ERROR_TEXT("invalid timeout"));
    uart_check(rxbuf >= 1 && rxbuf <= UART_RXBUF_MAX, MP_ERROR_TEXT("invalid rxbuf"));

    self->config = (usart_config_t) {
        .baudrate = baudrate,
        .parity = uart_parse_parity(args[ARG_parity].u_obj),
        .stop_bits = stop,
        .hold = flow == UART_FLOW_RTS,
    };
    self->timeout_ms = timeout;
    // at least a character (13 bits to be safe), in ticks of 1 ms of which the first is under way
    self->timeout_char_ms = MAX(timeout_char, 13000 / baudrate + 2);
    uint8_t *ring = m_new(uint8_t, rxbuf + 1);
    usart_t *usart = usart_get(self->id);
    usart_enable(self->id, &self->config, ring, rxbuf + 1);
    self->ring = ring;  // what keeps it from being collected
    self->rxbuf = rxbuf;
    usart->owner = self;
    usart->on_event = uart_on_event;
    self->enabled = true;
}

// A UART that exists already is handed out again, and as it is when no more than its id is given.
static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t id = mp_obj_get_int(args[0]);
    if (id < 1 || id > USART_COUNT || id == USART_CONSOLE) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("UART(%d) doesn't exist"), (int)id);
    }
    machine_uart_obj_t *self = MP_STATE_VM(machine_uart_objs)[id - 1];
    bool is_new = self == NULL;
    if (is_new) {
        self = mp_obj_malloc(machine_uart_obj_t, type);
        *self = (machine_uart_obj_t) {
            .base = { type },
            .id = id,
        };
    }
    if (is_new || n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        mp_machine_uart_init_helper(self, n_args - 1, args + 1, &kw_args);
    }
    MP_STATE_VM(machine_uart_objs)[id - 1] = self;
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t uart_overruns(mp_obj_t self_in) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return mp_obj_new_int_from_uint(usart_get(self->id)->overruns);
}
static MP_DEFINE_CONST_FUN_OBJ_1(uart_overruns_obj, uart_overruns);

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS \
    { MP_ROM_QSTR(MP_QSTR_overruns), MP_ROM_PTR(&uart_overruns_obj) }, \
    { MP_ROM_QSTR(MP_QSTR_RTS), MP_ROM_INT(UART_FLOW_RTS) }, \
    { MP_ROM_QSTR(MP_QSTR_IRQ_RX), MP_ROM_INT(USART_EVENT_RX) }, \
    { MP_ROM_QSTR(MP_QSTR_IRQ_RXIDLE), MP_ROM_INT(USART_EVENT_IDLE) },

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) {
    return self->enabled ? usart_available(self->id) : 0;
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self) {
    return usart_tx_complete(self->id);
}

static bool uart_wait_rx(machine_uart_obj_t *self, mp_uint_t timeout_ms) {
    mp_uint_t start = mp_hal_ticks_ms();
    while (usart_available(self->id) == 0) {
        if (mp_hal_ticks_ms() - start >= timeout_ms) {
            return false;
        }
        mp_event_wait_ms(1);
    }
    return true;
}

static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *buf_in, mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    uint8_t *buf = buf_in;
    mp_uint_t count = 0;
    if (!self->enabled) {
        *errcode = MP_EPERM;
        return MP_STREAM_ERROR;
    }
    while (count < size && uart_wait_rx(self, count == 0 ? self->timeout_ms : self->timeout_char_ms)) {
        buf[count++] = usart_getc(self->id);
    }
    if (count == 0 && size != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return count;
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *buf_in, mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    const uint8_t *buf = buf_in;
    if (!self->enabled) {
        *errcode = MP_EPERM;
        return MP_STREAM_ERROR;
    }
    for (mp_uint_t i = 0; i < size; ++i) {
        usart_putc(self->id, buf[i]);
    }
    return size;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_POLL: {
            mp_uint_t ready = arg & MP_STREAM_POLL_WR;
            if ((arg & MP_STREAM_POLL_RD) && mp_machine_uart_any(self) > 0) {
                ready |= MP_STREAM_POLL_RD;
            }
            return ready;
        }
        case MP_STREAM_FLUSH:
            while (!usart_tx_complete(self->id)) {
                mp_event_wait_ms(1);
            }
            return 0;
    }
    *errcode = MP_EINVAL;
    return MP_STREAM_ERROR;
}
