// Pins for the other drivers: what a name means, and how a pin is set up.
#pragma once
#include <stdint.h>
#include "py/obj.h"

typedef struct {
    mp_obj_base_t base;
    uint8_t port;  // 0 is port A
    uint8_t pin;
} machine_pin_obj_t;

extern const mp_obj_type_t machine_pin_type;

void machine_pin_init(void);
#define PIN_IRQ_RISING (1)
#define PIN_IRQ_FALLING (2)
MP_DECLARE_CONST_FUN_OBJ_KW(pin_irq_obj);
void machine_pin_stop_irqs(void);
uint16_t machine_pin_outputs(unsigned port);    // levels of the pins that are outputs
void machine_pin_edge(unsigned port, unsigned pin, bool level);

// A Pin, or its name ('A5', 'PA5'); raises ValueError for what is neither.
const machine_pin_obj_t *machine_pin_find(mp_obj_t pin_or_name);

void machine_pin_set_mode(const machine_pin_obj_t *self, uint32_t moder);
void machine_pin_set_alternate(const machine_pin_obj_t *self, uint32_t af);
