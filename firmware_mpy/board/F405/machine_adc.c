// Included by extmod/machine_adc.c: machine.ADC, single conversions of ADC1 (RM0090 13.3.4). QEMU's ADC makes its
// values up and never sets EOC; Renode's takes the channel over only when the converter is turned on.
#include "machine_pin.h"
#include "stm32f405.h"
#include "world.h"

#define ADC_CHANNELS (19)       // 16 temperature sensor, 17 reference, 18 battery
#define ADC_POLL_LIMIT (1000)   // a conversion takes 15 us at most; QEMU says by no flag that it is done

#define MICROPY_PY_MACHINE_ADC_CLASS_CONSTANTS

struct _machine_adc_obj_t {
    mp_obj_base_t base;
    uint8_t channel;
};

static void mp_machine_adc_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    machine_adc_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "<ADC1 channel=%u>", self->channel);
}

// DS8626 table 7: PA0..7 are channels 0..7, PB0..1 are 8..9, PC0..5 are 10..15
static int adc_channel_of_pin(const machine_pin_obj_t *pin) {
    static const struct {
        uint8_t first, count;
    } ports[] = { { 0, 8 }, { 8, 2 }, { 10, 6 } };
    if (pin->port < MP_ARRAY_SIZE(ports) && pin->pin < ports[pin->port].count) {
        return ports[pin->port].first + pin->pin;
    }
    return -1;
}

static mp_obj_t mp_machine_adc_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 1, 1, false);
    int channel;
    if (mp_obj_is_int(args[0])) {
        channel = mp_obj_get_int(args[0]);
    } else {
        const machine_pin_obj_t *pin = machine_pin_find(args[0]);
        channel = adc_channel_of_pin(pin);
        if (channel >= 0) {
            machine_pin_set_mode(pin, GPIO_MODER_ANALOG);
        }
    }
    if (channel < 0 || channel >= ADC_CHANNELS) {
        mp_raise_ValueError(MP_ERROR_TEXT("no ADC channel"));
    }
    machine_adc_obj_t *self = mp_obj_malloc(machine_adc_obj_t, type);
    self->channel = channel;
    RCC_APB2ENR |= 1u << 8;
    if (channel >= 16) {
        ADC_CCR |= ADC_CCR_TSVREFE;
    }
    return MP_OBJ_FROM_PTR(self);
}

static mp_int_t mp_machine_adc_read_u16(machine_adc_obj_t *self) {
    if (world_is_there()) {
        return world_adc(self->channel);
    }
    ADC1->CR2 = 0;
    ADC1->SQR1 = 0;  // a sequence of one; Renode stops with an error when this was never written
    ADC1->SQR3 = self->channel;
    ADC1->CR2 = ADC_CR2_ADON;
    ADC1->CR2 = ADC_CR2_ADON | ADC_CR2_SWSTART;
    for (int i = 0; i < ADC_POLL_LIMIT && !(ADC1->SR & ADC_SR_EOC); ++i) {
    }
    uint32_t value = ADC1->DR & 0xFFF;
    return (value << 4) | (value >> 8);  // full scale is 65535
}
