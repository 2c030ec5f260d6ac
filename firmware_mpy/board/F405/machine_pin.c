// machine.Pin on the GPIO ports (RM0090 chapter 8). QEMU has no GPIO: what is written there is gone and reads are 0, so
// the state of outputs is kept here as well. The registers are written as the chip wants, for Renode has them.
#include <string.h>
#include "py/runtime.h"
#include "py/mphal.h"
#include "extmod/virtpin.h"
#include "machine_pin.h"
#include "stm32f405.h"
#include "world.h"

// Values of MicroPython's stm32 port: bits 0-1 are MODER, bit 4 is OTYPER.
enum { PIN_IN = 0, PIN_OUT = 1, PIN_ALT = 2, PIN_ANALOG = 3, PIN_OPEN_DRAIN = 17 };
enum { PULL_NONE = 0, PULL_UP = 1, PULL_DOWN = 2 };

typedef struct {
    uint16_t is_output;
    uint16_t level;
    uint16_t pulled_up;
} port_shadow_t;

static port_shadow_t shadow[GPIO_PORTS];
static bool gpio_is_modelled;

void machine_pin_init(void) {
    RCC_AHB1ENR |= (1u << GPIO_PORTS) - 1;
    // The debug pins of port A come out of reset as alternate functions, so a real MODER is never 0 (RM0090 8.4.1).
    gpio_is_modelled = GPIO(0)->MODER != 0;
}

static void set_flag(uint16_t *flags, unsigned pin, bool on) {
    *flags = on ? *flags | (1u << pin) : *flags & ~(1u << pin);
}

static void set_field(reg32_t *reg, unsigned pos, unsigned bits, uint32_t value) {
    uint32_t mask = ((1u << bits) - 1) << pos;
    *reg = (*reg & ~mask) | (value << pos);
}

void machine_pin_set_mode(const machine_pin_obj_t *self, uint32_t moder) {
    set_field(&GPIO(self->port)->MODER, 2 * self->pin, 2, moder);
    set_flag(&shadow[self->port].is_output, self->pin, moder == GPIO_MODER_OUTPUT);
}

// AFR before MODER: else the pin would for a moment carry the function it had before (RM0090 8.3.2).
void machine_pin_set_alternate(const machine_pin_obj_t *self, uint32_t af) {
    set_field(&GPIO(self->port)->AFR[self->pin / 8], 4 * (self->pin % 8), 4, af);
    machine_pin_set_mode(self, GPIO_MODER_ALTERNATE);
}

static void write_level(const machine_pin_obj_t *self, bool level) {
    GPIO(self->port)->BSRR = 1u << (self->pin + (level ? 0 : 16));
    set_flag(&shadow[self->port].level, self->pin, level);
    world_note_output(self->port, self->pin, level);
}

uint16_t machine_pin_outputs(unsigned port) {
    return shadow[port].is_output & shadow[port].level;
}

static bool read_level(const machine_pin_obj_t *self) {
    const port_shadow_t *port = &shadow[self->port];
    uint16_t levels;
    if (world_is_there() && self->port < WORLD_PORTS) {
        levels = (port->is_output & port->level) | (~port->is_output & world_level(self->port));
    } else if (gpio_is_modelled) {
        levels = GPIO(self->port)->IDR;
    } else {
        // an input that nothing drives has the level of its pull resistor
        levels = (port->is_output & port->level) | (~port->is_output & port->pulled_up);
    }
    return (levels >> self->pin) & 1;
}

// 'A5' or 'PA5'
static void parse_name(const char *name, machine_pin_obj_t *pin) {
    const char *port = name[0] == 'P' ? name + 1 : name;
    const char *digits = port[0] != '\0' ? port + 1 : port;
    unsigned number = 0, count = 0;
    for (; count < 2 && unichar_isdigit(digits[count]); ++count) {
        number = 10 * number + (digits[count] - '0');
    }
    bool leading_zero = count == 2 && digits[0] == '0';
    if (port[0] < 'A' || port[0] >= 'A' + GPIO_PORTS || count == 0 || leading_zero || digits[count] != '\0' || number > 15) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("Pin(%s) doesn't exist"), name);
    }
    pin->port = port[0] - 'A';
    pin->pin = number;
}

const machine_pin_obj_t *machine_pin_find(mp_obj_t pin_or_name) {
    if (mp_obj_is_type(pin_or_name, &machine_pin_type)) {
        return MP_OBJ_TO_PTR(pin_or_name);
    }
    machine_pin_obj_t parsed = { { &machine_pin_type } };
    parse_name(mp_obj_str_get_str(pin_or_name), &parsed);
    machine_pin_obj_t *self = mp_obj_malloc(machine_pin_obj_t, &machine_pin_type);
    *self = parsed;
    return self;
}

static void pin_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    bool is_output = (shadow[self->port].is_output >> self->pin) & 1;
    mp_printf(print, "Pin(Pin.cpu.%c%u, mode=%s)", 'A' + self->port, self->pin, is_output ? "OUT" : "IN");
}

static void pin_init_helper(const machine_pin_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_mode, ARG_pull, ARG_value, ARG_alt };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_mode, MP_ARG_REQUIRED | MP_ARG_INT, {.u_int = 0} },
        { MP_QSTR_pull, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_value, MP_ARG_KW_ONLY | MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_alt, MP_ARG_KW_ONLY | MP_ARG_INT, {.u_int = 0} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    mp_int_t mode = args[ARG_mode].u_int;
    mp_int_t pull = args[ARG_pull].u_obj == mp_const_none ? PULL_NONE : mp_obj_get_int(args[ARG_pull].u_obj);
    if (mode < PIN_IN || (mode > PIN_ANALOG && mode != PIN_OPEN_DRAIN)) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin mode"));
    }
    if (pull < PULL_NONE || pull > PULL_DOWN) {
        mp_raise_ValueError(MP_ERROR_TEXT("invalid pin pull"));
    }

    if (args[ARG_value].u_obj != mp_const_none) {
        write_level(self, mp_obj_is_true(args[ARG_value].u_obj));  // before it becomes an output: no glitch
    }
    set_field(&GPIO(self->port)->PUPDR, 2 * self->pin, 2, pull);
    set_flag(&shadow[self->port].pulled_up, self->pin, pull == PULL_UP);
    set_field(&GPIO(self->port)->OTYPER, self->pin, 1, mode == PIN_OPEN_DRAIN);
    if (mode == PIN_ALT) {
        machine_pin_set_alternate(self, args[ARG_alt].u_int & 0xF);
    } else {
        machine_pin_set_mode(self, mode & 3);
    }
}

// also what machine.Signal calls, by this name
mp_obj_t mp_pin_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    const machine_pin_obj_t *self = machine_pin_find(args[0]);
    if (n_args > 1 || n_kw > 0) {
        mp_map_t kw_args;
        mp_map_init_fixed_table(&kw_args, n_kw, args + n_args);
        pin_init_helper(self, n_args - 1, args + 1, &kw_args);
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_obj_t pin_call(mp_obj_t self_in, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 0, 1, false);
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (n_args == 0) {
        return MP_OBJ_NEW_SMALL_INT(read_level(self));
    }
    write_level(self, mp_obj_is_true(args[0]));
    return mp_const_none;
}

static mp_obj_t pin_init(size_t n_args, const mp_obj_t *args, mp_map_t *kw_args) {
    pin_init_helper(MP_OBJ_TO_PTR(args[0]), n_args - 1, args + 1, kw_args);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_KW(pin_init_obj, 1, pin_init);

static mp_obj_t pin_value(size_t n_args, const mp_obj_t *args) {
    return pin_call(args[0], n_args - 1, 0, args + 1);
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(pin_value_obj, 1, 2, pin_value);

static mp_obj_t pin_high(mp_obj_t self_in) {
    write_level(MP_OBJ_TO_PTR(self_in), true);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_high_obj, pin_high);

static mp_obj_t pin_low(mp_obj_t self_in) {
    write_level(MP_OBJ_TO_PTR(self_in), false);
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_low_obj, pin_low);

static mp_obj_t pin_toggle(mp_obj_t self_in) {
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    write_level(self, !((shadow[self->port].level >> self->pin) & 1));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(pin_toggle_obj, pin_toggle);

static mp_uint_t pin_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t arg, int *errcode) {
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_PIN_READ:
            return read_level(self);
        case MP_PIN_WRITE:
            write_level(self, arg);
            return 0;
    }
    return -1;
}

static const mp_pin_p_t pin_protocol = { .ioctl = pin_ioctl };

static const mp_rom_map_elem_t pin_locals_dict_table[] = {
    { MP_ROM_QSTR(MP_QSTR_init), MP_ROM_PTR(&pin_init_obj) },
    { MP_ROM_QSTR(MP_QSTR_value), MP_ROM_PTR(&pin_value_obj) },
    { MP_ROM_QSTR(MP_QSTR_on), MP_ROM_PTR(&pin_high_obj) },
    { MP_ROM_QSTR(MP_QSTR_off), MP_ROM_PTR(&pin_low_obj) },
    { MP_ROM_QSTR(MP_QSTR_high), MP_ROM_PTR(&pin_high_obj) },
    { MP_ROM_QSTR(MP_QSTR_low), MP_ROM_PTR(&pin_low_obj) },
    { MP_ROM_QSTR(MP_QSTR_toggle), MP_ROM_PTR(&pin_toggle_obj) },
    { MP_ROM_QSTR(MP_QSTR_irq), MP_ROM_PTR(&pin_irq_obj) },
    { MP_ROM_QSTR(MP_QSTR_IN), MP_ROM_INT(PIN_IN) },
    { MP_ROM_QSTR(MP_QSTR_OUT), MP_ROM_INT(PIN_OUT) },
    { MP_ROM_QSTR(MP_QSTR_OPEN_DRAIN), MP_ROM_INT(PIN_OPEN_DRAIN) },
    { MP_ROM_QSTR(MP_QSTR_ALT), MP_ROM_INT(PIN_ALT) },
    { MP_ROM_QSTR(MP_QSTR_ANALOG), MP_ROM_INT(PIN_ANALOG) },
    { MP_ROM_QSTR(MP_QSTR_PULL_NONE), MP_ROM_INT(PULL_NONE) },
    { MP_ROM_QSTR(MP_QSTR_PULL_UP), MP_ROM_INT(PULL_UP) },
    { MP_ROM_QSTR(MP_QSTR_PULL_DOWN), MP_ROM_INT(PULL_DOWN) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_RISING), MP_ROM_INT(PIN_IRQ_RISING) },
    { MP_ROM_QSTR(MP_QSTR_IRQ_FALLING), MP_ROM_INT(PIN_IRQ_FALLING) },
};
static MP_DEFINE_CONST_DICT(pin_locals_dict, pin_locals_dict_table);

MP_DEFINE_CONST_OBJ_TYPE(
    machine_pin_type, MP_QSTR_Pin, MP_TYPE_FLAG_NONE,
    make_new, mp_pin_make_new,
    print, pin_print,
    call, pin_call,
    protocol, &pin_protocol,
    locals_dict, &pin_locals_dict
    );
