// Pin.irq(). QEMU has no EXTI, so only edges that the world makes call a handler.
#include <string.h>
#include "py/runtime.h"
#include "shared/runtime/mpirq.h"
#include "machine_pin.h"


// One for each line of EXTI: pins of one number share it, as on the chip (RM0090 12.2.5).
MP_REGISTER_ROOT_POINTER(void *pin_irq_objs[16]);
static uint8_t pin_irq_port[16], pin_irq_trigger[16];

static mp_uint_t irq_trigger(mp_obj_t self_in, mp_uint_t trigger) {
    pin_irq_trigger[((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->pin] = trigger;
    return 0;
}

static mp_uint_t irq_info(mp_obj_t self_in, mp_uint_t info_type) {
    return info_type == MP_IRQ_INFO_TRIGGERS ? pin_irq_trigger[((machine_pin_obj_t *)MP_OBJ_TO_PTR(self_in))->pin] : 0;
}

static const mp_irq_methods_t pin_irq_methods = { .trigger = irq_trigger, .info = irq_info };

void machine_pin_stop_irqs(void) {
    memset(MP_STATE_VM(pin_irq_objs), 0, sizeof(MP_STATE_VM(pin_irq_objs)));
    memset(pin_irq_trigger, 0, sizeof(pin_irq_trigger));
}

void machine_pin_edge(unsigned port, unsigned pin, bool level) {
    mp_irq_obj_t *irq = MP_STATE_VM(pin_irq_objs)[pin];
    if (irq != NULL && pin_irq_port[pin] == port && (pin_irq_trigger[pin] & (level ? PIN_IRQ_RISING : PIN_IRQ_FALLING))) {
        mp_irq_handler(irq);
    }
}

static mp_obj_t pin_irq(size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    enum { ARG_handler, ARG_trigger, ARG_hard };
    static const mp_arg_t allowed_args[] = {
        { MP_QSTR_handler, MP_ARG_OBJ, {.u_rom_obj = MP_ROM_NONE} },
        { MP_QSTR_trigger, MP_ARG_INT, {.u_int = PIN_IRQ_RISING | PIN_IRQ_FALLING} },
        { MP_QSTR_hard, MP_ARG_BOOL, {.u_bool = false} },
    };
    mp_arg_val_t args[MP_ARRAY_SIZE(allowed_args)];
    mp_arg_parse_all(n_args - 1, pos_args + 1, kw_args, MP_ARRAY_SIZE(allowed_args), allowed_args, args);
    const machine_pin_obj_t *self = MP_OBJ_TO_PTR(pos_args[0]);
    mp_irq_obj_t *irq = MP_STATE_VM(pin_irq_objs)[self->pin];
    if (irq == NULL || irq->parent != pos_args[0]) {
        irq = mp_irq_new(&pin_irq_methods, pos_args[0]);
    }
    irq->handler = args[ARG_handler].u_obj;
    irq->ishard = args[ARG_hard].u_bool;
    pin_irq_port[self->pin] = self->port;
    pin_irq_trigger[self->pin] = args[ARG_trigger].u_int;
    MP_STATE_VM(pin_irq_objs)[self->pin] = irq;
    return MP_OBJ_FROM_PTR(irq);
}
MP_DEFINE_CONST_FUN_OBJ_KW(pin_irq_obj, 1, pin_irq);
